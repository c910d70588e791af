/*
 * How a change is noticed at once: inotify, on the scan directory and on those
 * of the services.  Where there is none, or no room for it, the scan every five
 * seconds has to do, as on other systems.
 */
#ifndef SVSCAN_WATCH_H
#define SVSCAN_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "svscan/table.h"

#ifdef __linux__
#include <sys/inotify.h>
#else
#include "supervise/linux.h"

#define watch_begin(watch)		   ((watch)->fd = -1, linux_missing())
#define watch_add(watch, wd, path, events) ((void)(watch), (void)(path))
#define watch_forget(watch, wd)		   ((void)(watch), (void)(wd))
#define watch_read(watch, table)	   ((void)(watch), (void)(table), false)
#endif

#define WATCH_APPEARS (IN_CREATE | IN_MOVED_TO)
#define WATCH_LEAVES  (IN_MOVE_SELF | IN_DELETE_SELF)

/* What is watched. */
#define WATCH_LOG     (WATCH_APPEARS | IN_ONLYDIR)
#define WATCH_SERVICE (WATCH_LOG | WATCH_LEAVES)
#define WATCH_SCAN    (WATCH_SERVICE | IN_DELETE | IN_MOVED_FROM)
#define WATCH_LOCK    (IN_CLOSE_WRITE | IN_ONESHOT)

struct watch {
	int fd;	       /* to be polled for reading, or -1 */
	int directory; /* the scan directory's watch, or -1 */
	int error;     /* out: why a watch could not be added; not reset */
};

#ifdef __linux__
/* 0; -1 errno, and watch is usable all the same. */
int watch_begin(struct watch *watch);

/*
 * Have *wd be a watch of what path leads to; -1 if it cannot be watched.  To be
 * called before a scan looks at it, so that what changes after that is an
 * event.  When a lock is closed it is time to look for it again; that ends the
 * watch, and nothing else does, as several services may wait for one lock.
 */
void watch_add(struct watch *watch, int *wd, char const *path, uint32_t events);

/*
 * The kernel, once it is told to forget a watch, needs some ten milliseconds,
 * for which it holds a process that ends with the descriptor; so forget early.
 */
void watch_forget(struct watch *watch, int *wd);

/* Read what has happened.  True if a scan may find something. */
bool watch_read(struct watch *watch, struct table *table);
#endif

#endif
