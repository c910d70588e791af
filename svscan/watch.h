/*
 * How a change is noticed at once: inotify, on the scan directory and on those
 * of the services.  Where there is none, or no room for it, the scan every five
 * seconds has to do.
 */
#ifndef SVSCAN_WATCH_H
#define SVSCAN_WATCH_H

#include "svscan/table.h"

struct watch {
	int fd;	       /* to be polled for reading, or -1 */
	int directory; /* the scan directory's watch, or -1 */
	int error;     /* out: why a watch could not be added; not reset */
};

/* 0; -1 errno, and watch is usable all the same. */
int watch_begin(struct watch *watch);

/* Each adds a watch unless it is there.  To be called before a scan looks at
 * the directory, so that what changes after that is an event. */
void watch_scan_directory(struct watch *watch);
void watch_service(struct watch *watch, struct entry *service);

/* The same of its log/, which has that identity; null: not any more. */
void watch_log(
    struct watch *watch, struct entry *service, struct identity const *log);

/* And of the lock that a supervise holds: when that has ended, wait_ms is 1 and
 * the service is due. */
void watch_lock(struct watch *watch, struct entry *service);
void watch_unlock(struct watch *watch, struct entry *service);

/*
 * The kernel, once it is told to forget a watch, needs some ten milliseconds,
 * for which it holds a process that ends with the descriptor; so forget early.
 */
void watch_forget(struct watch *watch, struct entry *service);

/* Nothing needs to be watched any more. */
void watch_end(struct watch *watch);

/* Read what has happened.  True if a scan may find something. */
bool watch_read(struct watch *watch, struct table *table);

#endif
