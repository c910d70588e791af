/*
 * svc's command line, and what it asks for: what to send to every service, what
 * to wait for, and whether the exit code tells how it went.  Pure.
 */
#ifndef SVC_REQUEST_H
#define SVC_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "supervise/control.h"

/* Every letter once, with a + or = before it. */
enum { REQUEST_MAX = 2 * 16 };

/* No -T was given. */
enum { REQUEST_NO_TIMEOUT = -1 };

struct request {
	char letters[REQUEST_MAX + 1]; /* as they go into the FIFO, and a NUL */
	size_t letters_len;
	char wait;	  /* the letter of -w, or 0 */
	int timeout_ms;	  /* 0: no limit */
	bool is_truthful; /* the exit code tells */
};

/* The one line about wrong usage, and the answer to --help. */
extern char const request_usage[];
extern char const request_help[];

/* The index of the first word after the options; -1 if they are wrong. */
int request_parse(struct request *r, int argc, char const *const *argv);

/* The last of the letters that start or stop the service, u o r d; or 0. */
char request_wish(struct request const *r);

/* Does -w wait for the service to be up? */
bool request_is_for_up(struct request const *r);

/* Does it wait for supervise to exit, which -x makes it do? */
bool request_is_for_exit(struct request const *r);

#endif
