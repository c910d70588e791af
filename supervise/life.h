/*
 * The processes of a service from birth to death.
 */
#ifndef SUPERVISE_LIFE_H
#define SUPERVISE_LIFE_H

#include "supervise/service.h"

/* Start ./run as the directory's options say. */
void life_start(struct service *service);

/* child_start() for what is planned, published and locked as it must be. */
enum child_start life_fork(
    struct service *service, struct child_plan *plan, int *error);

/*
 * Something about ./run or ./finish does not work: into the report, and a
 * warning, once for every reason in a row.
 */
void life_failed(
    struct service *service, char const *verb, int error, char const *cause);

/* To the process, or to its group when that is what is meant. */
void life_signal(struct service *service, int signal);

/* Take up an adopted process where its supervise has left it. */
void life_resume(struct service *service);

/* The process has stopped, or goes on. */
void life_paused(struct service *service, bool paused);

/* The process has ended; wait_status is null when it was not our child. */
void life_ended(struct service *service, int const *wait_status);

/* Look whether the process that was adopted still lives. */
void life_ask_adopted(struct service *service);

/* TIMER_RETRY is due: do again what could not be done. */
void life_retry(struct service *service);

#endif
