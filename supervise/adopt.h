/*
 * What an earlier supervise of this directory has left to go on with: a
 * process, a wish, and what is known of the service.
 *
 * Nothing runs twice and no stranger is touched, because a look that fails is
 * not taken for one that finds nothing.
 */
#ifndef SUPERVISE_ADOPT_H
#define SUPERVISE_ADOPT_H

#include "supervise/service.h"

/*
 * Of a service of which nothing is known yet but setup: find out who its
 * processes are, and set the state in which the earlier supervise has left it,
 * with its process if that lives.  0; -1 errno and setup.failed and object: it
 * could not be found out, and nothing must be started.
 */
int adopt_all(struct service *service);

/*
 * Go on from there: take up the process that was adopted, deal with the end of
 * one that has died meanwhile, or start.  What happens first, or nothing.
 */
struct event adopt_begin(struct service *service);

#endif
