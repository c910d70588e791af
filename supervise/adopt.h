/*
 * What an earlier supervise of this directory has left to go on with: a
 * process, a wish, and how often the service was started and has died.
 */
#ifndef SUPERVISE_ADOPT_H
#define SUPERVISE_ADOPT_H

#include "supervise/service.h"

/*
 * Of a service of which nothing is known yet but setup: adopt the process, or
 * note that it has ended unseen; else the machine begins with what is wanted.
 * 0; -1 errno, no descriptor for the process to adopt.
 */
int adopt_all(struct service *service);

#endif
