/*
 * Services in the order of the moments at which there may be something to do
 * for them.
 */
#ifndef SVSCAN_QUEUE_H
#define SVSCAN_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/genalloc.h>
#include <skalibs/tai.h>

#include "svscan/table.h"

struct queue {
	genalloc turns; /* of struct service * */
};

/* Have room for that many, so that queue_at cannot fail.  0; -1 ENOMEM. */
int queue_reserve(struct queue *queue, size_t services);

/* Put it there, or forward if it is there with a later moment. */
void queue_at(struct queue *queue, struct service *service, tain const *due);

/* Take it out, if it is there. */
void queue_remove(struct queue *queue, struct service *service);

/* The one with the earliest moment; null if there is none. */
struct service *queue_first(struct queue const *queue);

#endif
