/*
 * After ./run has ended: what it has left behind, and ./finish.
 */
#ifndef SUPERVISE_FINISH_H
#define SUPERVISE_FINISH_H

#include "supervise/service.h"

/*
 * A stop: with kill-mode all, send the signal to all that the service has but
 * its process.
 */
void finish_tell_all(struct service *service, int signal);

/*
 * ACTION_CLEAR: count what is left, and stop what must go.  To be called again
 * until that is gone; otherwise it does nothing.
 */
struct event finish_clear(struct service *service);

/* ACTION_FINISH: run ./finish; EVENT_FINISHED if there is none. */
struct event finish_start(struct service *service);

/* ./finish has ended; wait_status is null when it was not our child. */
struct event finish_ended(struct service *service, int const *wait_status);

#endif
