/*
 * The scan directory: what is in it, compared with the services that are known,
 * and when to look again: as soon as a watch tells, and every five seconds.
 *
 * A service is its directory, by device and inode: two names for one directory
 * are one service, and another name is no change.
 */
#ifndef SVSCAN_RESCAN_H
#define SVSCAN_RESCAN_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include <skalibs/tai.h>

#include "svscan/service.h"

enum rescan_kind {
	RESCAN_DIRECTORY,
	RESCAN_ABSENT, /* the name leads nowhere: a dangling link */
	RESCAN_UNCLEAR /* the name could not be looked at */
};

enum rescan_verdict {
	RESCAN_IGNORE, /* no directory, or a second name of one */
	RESCAN_KNOWN,
	RESCAN_NEW
};

/* One name in the directory. */
struct rescan_entry {
	struct identity id; /* of a directory only */
	char const *name;
	enum rescan_kind kind;
	int error; /* why it is absent or unclear, or its log is */
	enum rescan_verdict verdict;
};

enum rescan_fate {
	RESCAN_GONE,
	RESCAN_SEEN,
	RESCAN_UNTOUCHED /* its name could not be looked at: nothing changes */
};

/* One service that is known already. */
struct rescan_known {
	struct identity id;
	char const *name;
	size_t service; /* its number */
	enum rescan_fate fate;
	size_t entry; /* the entry that it was seen as */
};

/*
 * Compare.  Sorts both arrays, and sets verdict in every entry, fate in every
 * known, and entry in those seen.  Of several names for one directory the one
 * the service has already is taken, or else the first in the alphabet.  Pure.
 */
void rescan_match(struct rescan_entry *entries, size_t n,
    struct rescan_known *known, size_t m);

/*
 * Has this entry a trouble to speak of that was not there last time?  The
 * entries of last time must have been through rescan_match.  Pure.
 */
bool rescan_is_news(struct rescan_entry const *entry,
    struct rescan_entry const *before, size_t n);

/* What was read: entries, and their names. */
struct listing {
	genalloc entries; /* of struct rescan_entry */
	stralloc names;
};

struct rescan {
	char const *path; /* of the directory; null: where svscan was started */
	int origin;	  /* what a relative path starts from, or -1 */
	tain next;	  /* when to scan */
	tain earliest;	  /* but not before that */
	int pause_ms;	  /* from the last scan to the next one */
	bool followed;	  /* the last one was where the path leads */
	struct listing seen; /* at the last scan */
	genalloc known;	     /* of struct rescan_known */
	/* What was said last, or 0. */
	int said_unreadable, said_unwatched, said_lacking;
};

/* Make path (or null) the current directory.  0; -1 errno. */
int rescan_enter(struct rescan *rescan, char const *path);

/* Begin to watch it. */
void rescan_begin(struct rescan *rescan, struct services *all);

/* Add the log service, in the directory of that name.  Null: errno. */
struct service *rescan_add_log_service(struct services *all, char const *name);

/* Something has changed: scan in ms milliseconds, or as soon as it may be. */
void rescan_soon(struct rescan *rescan, int ms);

/* Scan now.  True if the directory was read. */
bool rescan_now(struct rescan *rescan, struct services *all);

#endif
