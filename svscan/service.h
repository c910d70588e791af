/*
 * The life of a service: what has to be done for it next, from the facts alone,
 * and the doing of it.  A logger goes through the same, with another end.
 */
#ifndef SVSCAN_SERVICE_H
#define SVSCAN_SERVICE_H

#include <stdbool.h>

#include <skalibs/tai.h>

#include "svscan/logger.h"
#include "svscan/table.h"
#include "svscan/watch.h"

/* How often a supervise is started while it is being taken down, to find what
 * another one that failed may have left behind, or to empty the pipe. */
#define SERVICE_TRIES 2

/* What all services share. */
struct services {
	struct table table;
	struct watch watch;
	struct log_service own;
	tain fork_after; /* no fork before: there was no room */
	tain next;	 /* out: when there is something to do */
	bool rescan; /* out: the directory is not as it was at the last scan */
};

enum service_action {
	SERVICE_REST,
	SERVICE_START,
	SERVICE_REPLACE, /* its output must go elsewhere */
	SERVICE_STOP,
	SERVICE_LET_END,     /* once it has seen the end of its input */
	SERVICE_END_WRITING, /* let it see that */
	SERVICE_FORGET
};

/* Pure: no system call, no clock, no global.  A logger that has ended before
 * its pipe has unread input. */
enum service_action service_next(struct entry const *service, bool unread);

/*
 * Do what is next, and never wait.  False if there was nothing to do yet: then
 * all->next is not after the time when there is.  What is forgotten is gone
 * afterwards.
 */
bool service_tend(struct services *all, struct entry *service);

/*
 * Count anew by how many services each logger is wanted and used.  What is
 * wanted is not taken down any more; a directory that no name leads to is held.
 * To be called when services have been listed, have gone, or have ended.
 */
void service_count(struct services *all);

/* Its log leads to that logger now, or (null) to none. */
void service_set_logger(struct entry *service, struct entry *logger);

/* It has another name in the scan directory. */
void service_rename(struct entry *service, char const *name);

/* Replace its child if that has gone to another directory. */
void service_check_place(struct entry *service);

/* While a supervise that is not ours runs it: is that still so? */
bool service_waits(struct services *all, struct entry *service);

/* Its child, or that other supervise, has ended with that status. */
void service_ended(struct entry *service, int status);

/* Take it down; a logger when no service uses it any more. */
void service_take_down(struct services *all, struct entry *service);

/* svscan prints nothing more: the log service may end. */
void service_end_log_service(struct services *all);

#endif
