/*
 * What supervise publishes about its service, and the only code that packs
 * and unpacks it.
 *
 * supervise/status, 20 bytes: daemontools' 18 (the moment of the last change
 * of pid as TAI64N with the fixed offset 2^62 + 10, pid little-endian, paused,
 * want) and runit's two (TERM was sent; 0 down 1 running 2 finishing).
 *
 * supervise/report: lines name=value for everything else; a reader skips the
 * names it does not know.
 */
#ifndef SUPERVISE_STATUS_H
#define SUPERVISE_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "supervise/control.h"

#define STATUS_FILE    SUPERVISE_DIR "/status"
#define REPORT_FILE    SUPERVISE_DIR "/report"
#define STATUS_SIZE    20
#define STATUS_CLASSIC 18
#define REPORT_MAX     2048 /* bytes; a report is never longer */

enum status_run { STATUS_DOWN = 0, STATUS_RUNNING = 1, STATUS_FINISHING = 2 };

struct status {
	struct timespec since; /* Unix time of the last change of pid */
	uint32_t pid;	       /* of ./run; 0 when it does not run */
	bool paused;
	char want; /* 'u', 'd', or 0 for once */
	bool term_sent;
	enum status_run run;
};

/* Always STATUS_SIZE bytes. */
void status_pack(char *record, struct status const *status);

/*
 * Accepts any record of at least STATUS_CLASSIC bytes: runit's and ours say
 * run themselves, for others it follows from the pid.  0; -1 EPROTO when the
 * record is too short.
 */
int status_unpack(struct status *status, char const *record, size_t len);

/*
 * Read supervise/status of the service in the current directory.
 * 0; -1 errno, EPROTO when the file is too short to be a status.
 */
int status_read(struct status *status);

/* A Unix time as people copy it, for tai64nlocal: @ and 24 hexadecimal digits,
 * and a NUL. */
#define STATUS_STAMP 26
void status_stamp(char text[STATUS_STAMP], struct timespec const *time);

/* Whole seconds from since to now, both Unix time; 0 if since is later. */
uint64_t status_age(struct status const *status, time_t now);

/*
 * Read supervise/report of the service in the current directory into text, at
 * most REPORT_MAX bytes and a final NUL.  Its length; -1 errno.
 */
ssize_t report_read(char text[REPORT_MAX + 1]);

/*
 * Does a report go with a status?  Both say since when; a report that a
 * supervise of old has left beside the status of another one does not.
 */
bool report_belongs(char const *text, struct status const *status);

/*
 * Read the status, and the report that goes with it; the text is empty if
 * there is none, as daemontools and runit write none.  0; -1 as status_read.
 */
int status_read_both(struct status *status, char text[REPORT_MAX + 1]);

/*
 * Copy the value of a name out of a report into value, NUL-terminated and cut
 * to size.  False when the report does not have the name.
 */
bool report_get(char const *text, char const *name, char *value, size_t size);

/*
 * The value of a name that is a time, as seconds with nine decimals.  False
 * when the report does not have it, or it is none.
 */
bool report_get_time(char const *text, char const *name, struct timespec *time);

#endif
