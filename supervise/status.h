/*
 * supervise/status, and the only code that packs and unpacks it: 20 bytes, of
 * which the first 18 are daemontools' (the time of the last change of pid as
 * TAI64N with the fixed offset 2^62 + 10, pid little-endian, paused, want) and
 * the last two runit's (TERM was sent; 0 down, 1 running, 2 finishing).
 */
#ifndef SUPERVISE_STATUS_H
#define SUPERVISE_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "supervise/control.h"

#define STATUS_FILE    SUPERVISE_DIR "/status"
#define STATUS_SIZE    20
#define STATUS_CLASSIC 18

enum status_run { STATUS_DOWN = 0, STATUS_RUNNING = 1, STATUS_FINISHING = 2 };

struct status {
	struct timespec since; /* Unix time of the last change of pid */
	uint32_t pid;	       /* of ./run; 0 when it is not running */
	bool paused;
	char want; /* 'u', 'd', or 0 for once */
	bool term_sent;
	enum status_run run;
};

/* Pack into STATUS_SIZE bytes. */
void status_pack(char *record, struct status const *status);

/*
 * Unpack a record of at least STATUS_CLASSIC bytes.  If it is not runit's or
 * ours, run follows from the pid.  0; -1 EPROTO when it is too short.
 */
int status_unpack(struct status *status, char const *record, size_t len);

/*
 * Read supervise/status of the service in the current directory.
 * 0; -1 errno, EPROTO when the file is too short to be a status.
 */
int status_read(struct status *status);

/* A Unix time for tai64nlocal: @, 24 hexadecimal digits, and a NUL. */
#define STATUS_STAMP 26
void status_stamp(char text[STATUS_STAMP], struct timespec const *time);

/* Whole seconds from since to now, both Unix time; 0 if since is later. */
uint64_t status_age(struct timespec const *since, time_t now);

#endif
