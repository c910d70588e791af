/*
 * supervise/report: what is known of a service beyond the 20 bytes of
 * supervise/status, as lines name=value that a person can read.
 *
 * One struct, one table of rows (in report.c): a new field is a member here
 * and a row there, and is then written, read and shown by svstat.  A reader
 * skips names that it does not know.
 */
#ifndef SUPERVISE_REPORT_H
#define SUPERVISE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "supervise/control.h"
#include "supervise/status.h"

#define REPORT_FILE    SUPERVISE_DIR "/report"
#define REPORT_MAX     2048 /* bytes that are read; ours are never longer than */
#define REPORT_LONGEST 1536

#define REPORT_WORD_MAX 16
#define REPORT_TEXT_MAX 200
#define REPORT_END_MAX	80
#define REPORT_BOOT_MAX 37 /* a UUID and a NUL */
#define REPORT_LOCK_MAX 42 /* two numbers, a colon and a NUL */

enum report_end { END_NONE, END_EXITED, END_KILLED, END_UNKNOWN };

struct report {
	char state[REPORT_WORD_MAX]; /* "" if there is no report */
	uint64_t pid;		     /* of ./run or ./finish; 0 none */
	struct timespec since;	     /* Unix time of the last change of pid */
	struct timespec ready_since; /* 0: it is not ready */
	char want[REPORT_WORD_MAX];
	uint64_t attempts; /* to execute ./run */
	uint64_t starts;   /* that did */
	uint64_t deaths;
	enum report_end end;	     /* of the last run */
	unsigned int end_code;	     /* exit code or signal number */
	uint64_t ran_ms;	     /* how long the last run took */
	uint64_t leftovers;	     /* processes the last run left behind */
	char error[REPORT_TEXT_MAX]; /* why it could not be started, or "" */
	char status_text[REPORT_TEXT_MAX]; /* what it says of itself */
	uint64_t session; /* of the last ./run; 0: that of supervise */
	/*
	 * What identifies the process, beyond pid: when it was started, in the
	 * kernel's ticks; since which boot; the same of pid 1, for a container
	 * that is started again; and the lock of this very directory.
	 */
	uint64_t born;		    /* 0 unknown */
	char boot[REPORT_BOOT_MAX]; /* "" unknown */
	uint64_t init;		    /* 0 unknown */
	char lock[REPORT_LOCK_MAX]; /* DEVICE:INODE */
	uint64_t supervise;	    /* pid of the one that wrote it */
	/*
	 * What the next supervise goes on with when there is no process: up,
	 * once, down; "": it begins anew.  And the same, if this one has made
	 * room for it.
	 */
	char next[REPORT_WORD_MAX];
	char resume[REPORT_WORD_MAX];
};

/* Write the lines.  Their length; no NUL. */
size_t report_format(char text[REPORT_LONGEST], struct report const *report);

/*
 * Understand the lines; what they do not name is 0 or "".  0; -1 EPROTO when
 * they are not a whole report, which has state, pid, since and want, all of
 * the right form, and ends in a newline.
 */
int report_parse(struct report *report, char const *text, size_t len);

/*
 * Read the report of the service in the current directory.  0; -1 errno:
 * ENOENT there is none, EPROTO it is not a whole report.
 */
int report_read(struct report *report);

/*
 * The value of one name as the file has it, NUL-terminated.  False if there is
 * no such name.
 */
bool report_value(
    char value[REPORT_TEXT_MAX], struct report const *report, char const *name);

/*
 * Does a report go with a status?  Both say since when; a report that an
 * earlier supervise has left beside another one's status does not.
 */
bool report_belongs(struct report const *report, struct status const *status);

/* The last end in words: "exited 0 and left 2 processes behind". */
void report_end_words(char words[REPORT_END_MAX], struct report const *report);

#endif
