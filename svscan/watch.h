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
	bool tells;    /* of all that changes in the scan directory */
};

/* The watches of one service: its directory, and its log/ as long as that has
 * no run. */
struct watch_service {
	int service, log; /* or -1 */
	bool tells;	  /* of its replacement, too */
};

#define WATCH_NONE                                       \
	{                                                \
		.service = -1, .log = -1, .tells = false \
	}

enum watch_news {
	WATCH_NOTHING,
	WATCH_NAMES,  /* the names in the scan directory may be others now */
	WATCH_LOGGERS /* so may be who has a log/run, and all else */
};

/* 0; -1 errno, and watch is usable all the same. */
int watch_init(struct watch *watch);

/* Watch the current directory, where that can be had.  To be called before each
 * look at it: it costs little when it is watched already. */
void watch_directory(struct watch *watch);

/*
 * Watch the directory of a service: to be called before the look whether it has
 * a log/run, so that what comes after that look is an event.  0; -1 errno if
 * there is no room for another watch.
 */
int watch_service(
    struct watch *watch, struct watch_service *service, char const *name);

/* It has a log/run: that much need not be watched any longer. */
void watch_forget_log(struct watch *watch, struct watch_service *service);

/*
 * The kernel, once it is told to forget a watch, needs some ten milliseconds,
 * for which it holds a process that ends with the descriptor; so forget early.
 */
void watch_forget(struct watch *watch, struct watch_service *service);

/* Nothing needs to be watched any more: forget the scan directory, too. */
void watch_end(struct watch *watch);

/* Read what has happened. */
enum watch_news watch_read(struct watch *watch);

#endif
