/*
 * After ./run has ended: what it has left behind, and ./finish.
 */
#ifndef SUPERVISE_AFTER_H
#define SUPERVISE_AFTER_H

#include "supervise/service.h"

/* ACTION_CLEAR: count what is left, kill what must go, EVENT_CLEARED. */
void after_run(struct service *service);

/* Look whether anything is left of what has to go. */
void after_ask_cleared(struct service *service);

/* ACTION_FINISH: run ./finish, or EVENT_FINISHED if there is none. */
void after_finish(struct service *service);

/* ./finish has ended; wait_status is null when it was not our child. */
void after_finish_ended(struct service *service, int const *wait_status);

#endif
