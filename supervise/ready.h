/*
 * When a service is ready, and whether it still is: what it says on its
 * descriptor or socket, and the time that it has to say it.
 */
#ifndef SUPERVISE_READY_H
#define SUPERVISE_READY_H

#include "supervise/service.h"

/* Before a start: open what the options ask for.  0; -1 errno. */
int ready_open(struct service *service);

/* What the child gets of it. */
void ready_plan(struct process_plan *plan, struct service const *service);

/* ACTION_AWAIT: EVENT_READY if the service need neither say so nor last. */
struct event ready_await(struct service *service);

/* TIMER_READY: EVENT_READY if it has lasted, EVENT_READY_DUE if it is silent.
 */
struct event ready_due(struct service *service);

/* Read what the service says of itself: an event, or none. */
struct event ready_listen(struct service *service);

/* The service was stopped by a signal, or goes on. */
void ready_watch(struct service *service);

/* TIMER_WATCHDOG is due: the event, if the service is to be taken for dead. */
struct event ready_watchdog(struct service *service);

/* The process has ended: nothing that it says is waited for any more. */
void ready_over(struct service *service);

/*
 * The process was adopted: take up what its supervise had open.  To be called
 * again as long as the service is deaf.
 */
struct event ready_resume(struct service *service);

#endif
