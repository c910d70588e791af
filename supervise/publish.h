/*
 * The writing side of supervise/status and supervise/report: each is replaced
 * by rename, so that a reader sees the old or the new; when the disk is full
 * or the descriptors are, the file that is there is overwritten in place,
 * because a stale file is a lie.
 *
 * What somebody else has put at these names is replaced, and never followed,
 * waited for or written to: a supervise that runs as root must not write
 * through a user's link.
 *
 * Nothing is synced: after a power cut there is no process to tell about, and
 * the next supervise writes both before anybody can take it for running.
 */
#ifndef SUPERVISE_PUBLISH_H
#define SUPERVISE_PUBLISH_H

#include <stddef.h>

/*
 * A published file.  Its descriptor is kept for when there are no more.  After
 * a vfork(2) whose child has published, the parent sets fd to what it was.
 */
struct published {
	char const *name;
	char const *new_name;
	char *text; /* what we have put there, or null */
	size_t len;
	int fd;	     /* or -1 */
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

#endif
