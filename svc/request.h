/*
 * svc's command line: what is sent to every service, what is waited for, and
 * whether the exit code tells.  Pure.
 */
#ifndef SVC_REQUEST_H
#define SVC_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/buffer.h>

#include "supervise/control.h"
#include "svc/goal.h"

/* Every letter once, with a + or = before it. */
enum { REQUEST_MAX = 2 * EVENT_COUNT };

/* No -T was given. */
enum { REQUEST_NO_TIMEOUT = -1 };

struct request {
	char letters[REQUEST_MAX]; /* as they go into the FIFO */
	size_t letters_len;
	enum goal goal;
	int timeout_ms;	  /* 0: no limit */
	bool is_truthful; /* the exit code tells */
};

/*
 * The index of the first word behind the options; -1 if they are wrong.
 */
int request_parse(struct request *r, int argc, char const *const *argv);

/* The one line about wrong usage. */
void request_usage(buffer *b);

/* The answer to --help. */
void request_help(buffer *b);

#endif
