/*
 * How svc notices that something has changed in a service directory: the kernel
 * tells, where it can and has room; otherwise by looking again soon.
 *
 * Two things are watched for: a supervise that appears, in a directory where
 * none is yet, and a status or report that changes.
 */
#ifndef SVC_WAIT_H
#define SVC_WAIT_H

#include <stdbool.h>
#include <stddef.h>

#define WAIT_BLIND_MS 20 /* soon */

struct wait {
	int appear; /* descriptors to poll for reading, each may be -1 */
	int signals;
	int watches;
	bool blind;	  /* something is not watched: look again soon */
	char events[512]; /* read from watches, and how far they are used */
	size_t events_len;
	size_t events_used;
};

/* Ids of what has changed, instead of one that wait_change has returned. */
enum { WAIT_NOTHING = -1, WAIT_ANYTHING = -2 };

/* Never fails: what is missing makes it blind. */
void wait_open(struct wait *w);

/* Watch a directory, which need not exist, for something that appears. */
void wait_appear(struct wait *w, char const *directory);

/* Forget what has appeared so far: true if there was anything. */
bool wait_appeared(struct wait *w);

/* Nothing more is to appear for the moment; forget the directories. */
void wait_appear_end(struct wait *w);

/*
 * Watch the files of the service in the current directory; looking at them is
 * no change.  An id, for wait_forget, not unique for two names of one
 * directory; WAIT_NOTHING if it cannot be watched.
 */
int wait_change(struct wait *w);

void wait_forget(int id);

/* The id of the next change so far; WAIT_NOTHING, WAIT_ANYTHING. */
int wait_changed(struct wait *w);

#endif
