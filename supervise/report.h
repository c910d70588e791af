/*
 * supervise/report: what supervise knows about its service beyond the 20 bytes
 * of supervise/status, as lines name=value that a person can read.
 *
 * To add a field, add a member to this struct and a row to the table in
 * report.c; it is then written and read.  Readers skip unknown names.
 */
#ifndef SUPERVISE_REPORT_H
#define SUPERVISE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "supervise/control.h"
#include "supervise/status.h"

#define REPORT_FILE SUPERVISE_DIR "/report"

/* Bytes that a reader accepts, and that we write at most. */
#define REPORT_MAX     2048
#define REPORT_LONGEST 1536

#define REPORT_WORD_MAX	  16
#define REPORT_TEXT_MAX	  200
#define REPORT_END_MAX	  80
#define REPORT_BOOT_MAX	  37  /* a UUID and a NUL */
#define REPORT_SOCKET_MAX 108 /* the longest address, unix(7), and a NUL */
#define REPORT_LOCK_MAX	  42  /* two numbers, a colon and a NUL */

enum report_end { END_NONE, END_EXITED, END_KILLED, END_UNKNOWN };

struct report {
	uid_t owner;		     /* of the file that was read; not in it */
	char state[REPORT_WORD_MAX]; /* "" if there is no report */
	uint64_t pid;		     /* of ./run or ./finish; 0 none */
	struct timespec since;	     /* Unix time of the last change of pid */
	struct timespec ready_since; /* 0: not ready */
	char want[REPORT_WORD_MAX];
	uint64_t attempts; /* to execute ./run */
	uint64_t starts;   /* that did */
	uint64_t deaths;
	uint64_t failed_attempt; /* the last that failed, of attempts; or 0 */
	enum report_end end;	 /* of the last run */
	unsigned int end_code;	 /* exit code or signal number */
	uint64_t ran_ms;	 /* how long the last run took */
	uint64_t leftovers;	 /* processes the last run left behind */
	char error[REPORT_TEXT_MAX];	   /* why it was not started, or "" */
	char status_text[REPORT_TEXT_MAX]; /* what the service says */
	char notify_socket[REPORT_SOCKET_MAX]; /* as it was told, or "" */
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
	/* Signals that could not be sent yet, a bit each: signal 1 is bit 0. */
	uint64_t unsent;
	uint64_t unsent_group; /* those for its process group */
};

/* Write the lines, without a NUL.  Their length. */
size_t report_format(char text[REPORT_LONGEST], struct report const *report);

/*
 * Parse the lines; what they do not name is 0 or "".  0; -1 EPROTO if this is
 * not a whole report: one that ends in a newline and has a valid state, pid,
 * since and want.
 */
int report_parse(struct report *report, char const *text, size_t len);

/*
 * Read the report of the service in the current directory.  0; -1 errno:
 * ENOENT if there is none, EPROTO if it is not a whole report.
 */
int report_read(struct report *report);

/*
 * The value of one name as it stands in the file, NUL-terminated.  False if
 * there is no such name.
 */
bool report_value(
    char value[REPORT_TEXT_MAX], struct report const *report, char const *name);

/*
 * Were report and status published together?  Their since tells: another
 * supervise may have left the report.
 */
bool report_belongs(struct report const *report, struct status const *status);

/* How the last run ended: "exited 0 and left 2 processes behind". */
void report_end_words(char words[REPORT_END_MAX], struct report const *report);

#endif
