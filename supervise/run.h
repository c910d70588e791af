/*
 * ./run from its start to its end.
 */
#ifndef SUPERVISE_RUN_H
#define SUPERVISE_RUN_H

#include "supervise/service.h"

/* ACTION_START: start ./run as the directory's options say. */
struct event run_start(struct service *service);

/* It has ended; wait_status is null when it was not our child. */
struct event run_ended(struct service *service, int const *wait_status);

/*
 * Take up an adopted process where its supervise has left it.  To be called
 * again as long as the service is deaf.
 */
struct event run_resume(struct service *service);

/*
 * process_start() for what is planned, published and locked as it must be.
 * False: why not is reported.
 */
bool run_fork(struct service *service, struct process_plan *plan);

/* ./run has just been executed: that is counted, and since when it runs. */
void run_executed(struct service *service);

/*
 * Something about ./run or ./finish does not work: "unable to VERBOBJECT: WORDS
 * (CAUSE)", of which OBJECT and CAUSE may be "", into the report, and a
 * warning, once for every reason in a row.
 */
void run_failed(struct service *service, char const *verb, char const *object,
    int error, char const *cause);

/*
 * The service stays down though it was wanted up: say why, and put it into the
 * report, before what it says of a start that failed.
 */
void run_gave_up(struct service *service);

/*
 * An errno, or 0, of what is tried again every second for as long as it fails:
 * "unable to VERB NAME/OBJECT", said when it changes.  *last remembers it.
 */
void run_trouble(struct service *service, int *last, char const *verb,
    char const *object, int error);

/* Publish a text if it has changed.  False: it failed. */
bool run_publish(struct service *service, struct published *file,
    char const *text, size_t len);

/* The report, and then the status: who sees a new status finds its reasons. */
void run_publish_all(struct service *service);

#endif
