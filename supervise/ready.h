/*
 * How a service says that it is ready, and whether it still is: a newline on a
 * descriptor (the FIFO supervise/notify), or datagrams in the words of
 * sd_notify(3) on the socket supervise/notify-socket, and the time that it has
 * to say so.  Both have names, so that a supervise that takes over an unready
 * service hears it too.
 */
#ifndef SUPERVISE_READY_H
#define SUPERVISE_READY_H

#include "supervise/service.h"

/* What one datagram says; several at once are possible. */
struct notice {
	bool ready;
	bool unready; /* it stops, or reloads */
	bool watchdog;
};

/*
 * Before a start: open what the options ask for, and plan what the child gets
 * of it; notify_fd is for the caller to close.  0; -1 errno, and there is none.
 */
int ready_open(struct service *service, struct process_plan *plan);

/*
 * The process was adopted: open what its supervise had open, and is not yet.
 * 0; -1 errno and the file, and it can be tried again.
 */
int ready_reopen(struct service *service, char const **file);

/*
 * ACTION_AWAIT, or the process was adopted: EVENT_READY if the service need
 * neither say so nor last.
 */
struct event ready_await(struct service *service);

/* TIMER_READY: EVENT_READY if it has lasted, EVENT_READY_DUE if it is silent.
 */
struct event ready_due(struct service *service);

/*
 * Read what the service says of itself: an event, or none.  Not all of it at a
 * time, so that one that never ends does not keep supervise from the rest.
 */
struct event ready_listen(struct service *service);

/* ACTION_WATCH: from now on it has the whole time of the watchdog again. */
void ready_watch(struct service *service);

/* TIMER_WATCHDOG is due: the event, if the service is to be taken for dead. */
struct event ready_watchdog(struct service *service);

/* The process has ended: nothing that it says is waited for any more. */
void ready_over(struct service *service);

/*
 * Pure: understand the text of a datagram.  If it says its status, this becomes
 * one printable line of that.
 */
struct notice ready_parse(
    char status[REPORT_TEXT_MAX], char const *text, size_t len);

#endif
