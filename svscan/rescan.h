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

#include <skalibs/stralloc.h>
#include <skalibs/tai.h>

#include "svscan/service.h"

struct rescan {
	char const *path; /* of the directory; null: where svscan was started */
	int origin;	  /* what a relative path starts from, or -1 */
	tain next;	  /* when to scan */
	tain earliest;	  /* but not before that */
	int pause_ms;	  /* from the last scan to the next one */
	bool followed;	  /* the last one was where the path leads */
	unsigned int scan;     /* its number */
	stralloc old_troubles; /* "/NAME/ERRNO/" each */
	/* Of one scan: */
	stralloc troubles;
	int wait_ms; /* until the next one, at most */
	bool hurry;  /* something may be being replaced */
	int lacking; /* the error for which services are lacking, or 0 */
	/* What was said last, or 0. */
	int said_unreadable, said_unwatched, said_lacking;
};

/* Make path (or null) the current directory.  0; -1 errno. */
int rescan_enter(struct rescan *rescan, char const *path);

/* Begin to watch it. */
void rescan_begin(struct rescan *rescan, struct services *all);

/* Add the log service, in the directory of that name.  Null: errno. */
struct entry *rescan_add_log_service(struct services *all, char const *name);

/* Something has changed: scan as soon as may be. */
void rescan_soon(struct rescan *rescan);

/* Scan now.  True if the directory was read. */
bool rescan_now(struct rescan *rescan, struct services *all);

#endif
