/*
 * How supervise/status and supervise/report are written: replaced by rename, so
 * that a reader sees the old file or the new one.  If the disk is full or no
 * descriptor is left, they are overwritten in place, because a stale file is
 * worse than one that a reader may catch half-written.
 *
 * Whatever somebody else puts at these names is replaced; a supervise that runs
 * as root must not write through a user's link, nor wait for a FIFO.
 *
 * Nothing is synced: no process survives a power cut, and the next supervise
 * writes both files before it opens supervise/ok.
 */
#ifndef SUPERVISE_PUBLISH_H
#define SUPERVISE_PUBLISH_H

#include <stddef.h>
#include <stdint.h>

/*
 * A published file.  Its descriptor is kept in case none is left later.  If a
 * child of vfork(2) publishes, the parent must restore fd.
 */
struct published {
	char const *name;
	char const *new_name;
	uint64_t hash; /* of the text as published; 0 none */
	int fd;	       /* or -1 */
	int trouble;   /* for message_warn_once() */
};

#define PUBLISHED(file) ((struct published){file, file ".new", .fd = -1})

/*
 * Replace the text unless it is the same.  The umask must be 0.  0; -1 errno,
 * and the file is unchanged, or holds a part of the text.
 */
int publish(struct published *file, char const *text, size_t len);

#endif
