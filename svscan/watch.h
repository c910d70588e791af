/*
 * How a change in the scan directory is noticed: inotify where there is one.
 * Where there is none, or no room for it, every function does nothing and the
 * caller's timer has to do.
 */
#ifndef SVSCAN_WATCH_H
#define SVSCAN_WATCH_H

#include <stdbool.h>

struct watch {
	int fd;	       /* to be polled for reading, or -1 */
	int directory; /* the scan directory's watch, or -1 */
};

/* The watches of one service that has no logger yet: itself, and its log/. */
struct watch_service {
	int service, log; /* or -1 */
};

/* 0; -1 errno, and watch is usable all the same. */
int watch_init(struct watch *watch);

/* Watch the current directory, where that can be had.  To be called before each
 * look at it: it costs nothing when it is watched already. */
void watch_directory(struct watch *watch);

/*
 * Watch for log/run to appear in a service's directory.  1 if a watch was
 * added, so that what came before it may have been missed; 0; -1 errno if there
 * is no room for another watch.
 */
int watch_service(
    struct watch *watch, struct watch_service *service, char const *name);

void watch_forget(struct watch *watch, struct watch_service *service);

/* Read what has happened.  True if it is worth a look. */
bool watch_read(struct watch *watch);

#endif
