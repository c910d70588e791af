/*
 * When a service is ready, and whether it still is: what notify.c hears, and
 * the time it has to say it.
 */
#ifndef SUPERVISE_READY_H
#define SUPERVISE_READY_H

#include "supervise/service.h"

/* Before a start: open what the options ask for.  0; -1 errno. */
int ready_open(struct service *service);

/* What the child gets of it. */
void ready_plan(struct child_plan *plan, struct service const *service);

/* ./run has been executed; was stopped or goes on; has died; was adopted. */
void ready_executed(struct service *service);
void ready_paused(struct service *service);
void ready_died(struct service *service);
void ready_resume(struct service *service);

/* Read what the service says of itself. */
void ready_listen(struct service *service);

#endif
