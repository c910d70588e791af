/*
 * The writing side of supervise/status and supervise/report: each is replaced
 * by rename, so that a reader sees the old or the new; when the disk is full
 * or the descriptors are, the file that is there is overwritten in place,
 * because a stale file is a lie.
 *
 * Nothing is synced: after a power cut there is no process to tell about, and
 * the next supervise writes both before anybody can take it for running.
 */
#ifndef SUPERVISE_PUBLISH_H
#define SUPERVISE_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>

/* A published file; the descriptor of the one in place is kept. */
struct published {
	char const *name;
	char const *new_name;
	char *text; /* what we have put there, or null */
	size_t len;
	int fd;	     /* of the file in place, or -1 */
	bool stale;  /* fd may be of one that was in place once */
	int trouble; /* of message_warn_once() of whoever publishes */
};

/*
 * With the caller's memory for the longest text; without, it is replaced
 * whether it is the same or not.
 */
void publish_open(struct published *file, char const *name,
    char const *new_name, char *memory);

/*
 * Replace the text, unless it is known to be the same.  The umask must be 0.
 * 0; -1 errno, and the file is as it was, or holds a part of the text if it
 * could be overwritten only so far.
 */
int publish(struct published *file, char const *text, size_t len);

/* Write a file that is not to be changed.  0; -1 errno. */
int publish_once(
    char const *name, char const *new_name, char const *text, size_t len);

/*
 * After a vfork(2), with fd as it was before it: the child, which has our
 * memory and descriptors of its own, may have published.
 */
void publish_forked(struct published *file, int fd);

#endif
