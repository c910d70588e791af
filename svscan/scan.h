/*
 * What a look at the scan directory means: the names found are compared with
 * the services already known.  A service is its directory, by device and inode
 * number: two names for one directory are one service, another name is no
 * change.  Pure: no system call, no clock, no global.
 */
#ifndef SVSCAN_SCAN_H
#define SVSCAN_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct scan_id {
	dev_t dev;
	ino_t ino;
};

enum scan_kind {
	SCAN_DIRECTORY,
	SCAN_ABSENT, /* the name leads nowhere: a dangling link */
	SCAN_UNCLEAR /* the name could not be looked at */
};

enum scan_log {
	SCAN_UNLOGGED,
	SCAN_LOGGED,	 /* it has log/run */
	SCAN_LOG_UNCLEAR /* that was not, or could not be, learned */
};

enum scan_verdict {
	SCAN_IGNORE, /* no directory, or a second name of one */
	SCAN_KNOWN,
	SCAN_NEW
};

/* One name in the directory. */
struct scan_entry {
	struct scan_id id; /* of a directory only */
	char const *name;
	enum scan_kind kind;
	enum scan_log log;
	int error; /* why it is absent or unclear, or its log is */
	enum scan_verdict verdict;
};

enum scan_fate {
	SCAN_GONE,
	SCAN_SEEN,
	SCAN_UNTOUCHED /* its name could not be looked at: nothing changes */
};

/* One service that is known already. */
struct scan_known {
	struct scan_id id;
	char const *name;
	size_t service; /* the caller's */
	enum scan_fate fate;
	size_t entry; /* the entry that it was seen as */
};

/*
 * Compare.  Sorts both arrays, and sets verdict in every entry, fate in every
 * known, and entry in those seen.  Of several names for one directory the one
 * the service has already is taken, or else the first in the alphabet.
 */
void scan_match(
    struct scan_entry *entries, size_t n, struct scan_known *known, size_t m);

/*
 * Has this entry a trouble to speak of that was not there last time?  The
 * entries of last time must have been through scan_match.
 */
bool scan_is_news(
    struct scan_entry const *entry, struct scan_entry const *before, size_t n);

#endif
