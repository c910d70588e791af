/*
 * A binary heap: no service is due before the one at half its turn.
 */
#include "svscan/queue.h"

static struct service **
heap(struct queue const *queue)
{
	return genalloc_s(struct service *, &queue->turns);
}

static size_t
length(struct queue const *queue)
{
	return genalloc_len(struct service *, &queue->turns);
}

static void
set(struct queue const *queue, size_t turn, struct service *service)
{
	heap(queue)[turn - 1] = service;
	service->turn = turn;
}

/* Where an earlier one belongs that may stand at turn or before it. */
static void
rise(struct queue const *queue, size_t turn, struct service *service)
{
	struct service *before;

	for (; turn > 1; turn /= 2) {
		before = heap(queue)[turn / 2 - 1];
		if (!tain_less(&service->due, &before->due))
			break;
		set(queue, turn, before);
	}
	set(queue, turn, service);
}

/* Where a later one belongs that may stand at turn or behind it. */
static void
sink(struct queue const *queue, size_t turn, struct service *service)
{
	struct service **turns = heap(queue);
	size_t next;

	while ((next = turn * 2) <= length(queue)) {
		if (next < length(queue) &&
		    tain_less(&turns[next]->due, &turns[next - 1]->due))
			next++;
		if (!tain_less(&turns[next - 1]->due, &service->due))
			break;
		set(queue, turn, turns[next - 1]);
		turn = next;
	}
	set(queue, turn, service);
}

int
queue_reserve(struct queue *queue, size_t services)
{
	return genalloc_ready(struct service *, &queue->turns, services) ? 0
									 : -1;
}

void
queue_at(struct queue *queue, struct service *service, tain const *due)
{
	size_t turn = service->turn;

	if (turn && !tain_less(due, &service->due))
		return;
	service->due = *due;
	if (!turn) {
		turn = length(queue) + 1;
		genalloc_setlen(struct service *, &queue->turns, turn);
	}
	rise(queue, turn, service);
}

void
queue_remove(struct queue *queue, struct service *service)
{
	size_t turn = service->turn, last = length(queue);
	struct service *moved;

	if (!turn)
		return;
	service->turn = 0;
	moved = heap(queue)[last - 1];
	genalloc_setlen(struct service *, &queue->turns, last - 1);
	if (moved == service)
		return;
	rise(queue, turn, moved);
	sink(queue, moved->turn, moved);
}

struct service *
queue_first(struct queue const *queue)
{
	return length(queue) ? heap(queue)[0] : NULL;
}
