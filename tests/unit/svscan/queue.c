/*
 * queue.c: against a plain array that is searched from end to end, with random
 * operations, many of them at equal moments.
 */
#include "svscan/queue.h"

#include <stdbool.h>
#include <stdint.h>

#include "tests/unit/unit.h"

#define MOST   200
#define ROUNDS 40000

static struct service services[MOST];

/* The plain model: who is in, and when. */
static bool in[MOST];
static int due_ms[MOST];
static size_t members;

static uint32_t
random_below(uint32_t n)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32) % n;
}

static tain
moment(int ms)
{
	tain result;

	tain_from_millisecs(&result, ms);
	return result;
}

static void
put(struct queue *queue, size_t i, int ms)
{
	tain due = moment(ms);

	queue_at(queue, &services[i], &due);
	if (!in[i])
		members++;
	if (!in[i] || ms < due_ms[i])
		due_ms[i] = ms;
	in[i] = true;
}

static void
take(struct queue *queue, size_t i)
{
	queue_remove(queue, &services[i]);
	if (in[i])
		members--;
	in[i] = false;
}

static int
earliest(void)
{
	int result = -1;

	for (size_t i = 0; i < MOST; i++)
		if (in[i] && (result == -1 || due_ms[i] < result))
			result = due_ms[i];
	return result;
}

/* Each that is in has a turn of its own, and the moment that the model says;
 * who is out has none. */
static void
check_turns(void)
{
	bool taken[MOST + 1] = {false};

	for (size_t i = 0; i < MOST; i++) {
		struct service const *s = &services[i];
		tain due = moment(due_ms[i]);
		CHECK(in[i] == (s->turn != 0));
		if (!s->turn || s->turn > members) {
			CHECK(!s->turn);
			continue;
		}
		CHECK(!taken[s->turn]);
		taken[s->turn] = true;
		CHECK(!tain_less(&s->due, &due) && !tain_less(&due, &s->due));
	}
}

static void
check_first(struct queue const *queue)
{
	struct service const *first = queue_first(queue);
	size_t i;

	CHECK(!first == !members);
	if (!first)
		return;
	CHECK(first->turn == 1);
	i = (size_t)(first - services);
	CHECK(i < MOST && in[i] && due_ms[i] == earliest());
}

static void
empty(struct queue *queue)
{
	int last = -1;

	while (queue_first(queue)) {
		size_t i = (size_t)(queue_first(queue) - services);
		CHECK(due_ms[i] >= last && due_ms[i] == earliest());
		last = due_ms[i];
		take(queue, i);
		if (unit_failures)
			break;
	}
	CHECK(members == 0);
	check_turns();
}

/* Whatever a test that failed has left. */
static void
begin(struct queue *queue)
{
	static struct queue const nothing = {.turns = GENALLOC_ZERO};
	static struct service const out = {.turn = 0};

	*queue = nothing;
	for (size_t i = 0; i < MOST; i++) {
		services[i] = out;
		in[i] = false;
	}
	members = 0;
}

/* Mostly full, mostly empty, and between: by how often one is taken out. */
static void
test_random(void)
{
	struct queue queue;

	for (uint32_t takes = 1; takes < 10; takes += 2) {
		begin(&queue);
		CHECK(queue_reserve(&queue, MOST) == 0);
		for (int round = 0; round < ROUNDS; round++) {
			size_t i = random_below(MOST);
			if (random_below(10) < takes)
				take(&queue, i);
			else
				put(&queue, i, (int)random_below(50));
			check_first(&queue);
			if (round % 64 == 0)
				check_turns();
		}
		check_turns();
		empty(&queue);
		genalloc_free(struct service *, &queue.turns);
	}
	unit_done("queue: as a plain list would have it");
}

static void
test_sorts(void)
{
	struct queue queue;

	begin(&queue);
	for (size_t i = 0; i < MOST; i++) {
		CHECK(queue_reserve(&queue, i + 1) == 0);
		put(&queue, i, (int)(i * 7919 % MOST));
	}
	check_turns();
	empty(&queue);
	genalloc_free(struct service *, &queue.turns);
	unit_done("queue: each in its turn");
}

static void
test_earlier_but_not_later(void)
{
	struct queue queue;

	begin(&queue);
	CHECK(queue_reserve(&queue, 3) == 0);
	put(&queue, 0, 10);
	put(&queue, 1, 20);
	put(&queue, 2, 30);
	put(&queue, 2, 5);
	CHECK(queue_first(&queue) == &services[2]);
	put(&queue, 2, 40);
	CHECK(queue_first(&queue) == &services[2]);
	take(&queue, 2);
	CHECK(queue_first(&queue) == &services[0]);
	/* Once it is out a later moment counts. */
	put(&queue, 2, 40);
	CHECK(queue_first(&queue) == &services[0]);
	check_turns();
	empty(&queue);
	genalloc_free(struct service *, &queue.turns);
	unit_done("queue: forward, but never back");
}

static void
test_what_is_not_there(void)
{
	struct queue queue;

	begin(&queue);
	CHECK(!queue_first(&queue));
	take(&queue, 0);
	CHECK(queue_reserve(&queue, 1) == 0);
	put(&queue, 0, 1);
	take(&queue, 1);
	CHECK(queue_first(&queue) == &services[0]);
	take(&queue, 0);
	take(&queue, 0);
	CHECK(!queue_first(&queue));
	check_turns();
	genalloc_free(struct service *, &queue.turns);
	unit_done("queue: nothing to take out");
}

int
main(void)
{
	test_random();
	test_sorts();
	test_earlier_but_not_later();
	test_what_is_not_there();
	return unit_exit();
}
