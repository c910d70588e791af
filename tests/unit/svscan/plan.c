/*
 * plan.c: all 8192 combinations of facts, against what must hold in each.
 */
#include "svscan/plan.h"

#include "tests/unit/unit.h"

#define BITS 13

static struct plan_facts
unpack(unsigned int bits)
{
	struct plan_facts f = {
	    .listed = bits & 1,
	    .leaving = bits & 2,
	    .logged = bits & 4,
	    .piped = bits & 8,
	    .writing = bits & 16,
	    .unread = bits & 32,
	    .service = {bits & 64, bits & 128, bits & 256},
	    .logger = {bits & 512, bits & 1024, bits & 2048},
	    .catchall = bits & 4096,
	};

	return f;
}

static void
check_always(struct plan_facts const *f, unsigned int todo)
{
	/* Only what is dead is started, only what lives is told, and once. */
	CHECK(!(todo & PLAN_START_SERVICE) || !f->service.alive);
	CHECK(!(todo & PLAN_START_LOGGER) || !f->logger.alive);
	CHECK(!(todo & PLAN_STOP_SERVICE) ||
	      (f->service.alive && !f->service.told));
	CHECK(!(todo & PLAN_REPLACE_SERVICE) ||
	      (f->service.alive && !f->service.told));
	CHECK(
	    !(todo & PLAN_END_LOGGER) || (f->logger.alive && !f->logger.told));
	/* Nothing is forgotten that lives, and nothing else done then. */
	CHECK(!(todo & PLAN_FORGET) ||
	      (todo == PLAN_FORGET && !f->service.alive && !f->logger.alive));
	/* Nothing is stopped that is not being taken down. */
	CHECK(f->leaving || !(todo & (PLAN_STOP_SERVICE | PLAN_END_WRITING |
					 PLAN_END_LOGGER)));
	/* A logger is told when its service is dead, and before it can see the
	 * end of its input. */
	CHECK(!(todo & PLAN_END_LOGGER) || !f->service.alive);
	CHECK(!(todo & PLAN_END_WRITING) ||
	      (!f->service.alive && (!f->logger.alive || f->logger.told)));
	/* What it has not read is not given up as long as it may be tried. */
	CHECK(!(todo & PLAN_FORGET) || !f->leaving || !f->unread);
	CHECK(!f->leaving || !f->unread || f->logger.alive ||
	      (todo & PLAN_START_LOGGER));
	/* The log service is all logger. */
	CHECK(f->leaving || !f->catchall || !(todo & PLAN_START_SERVICE));
}

static void
test_invariants(void)
{
	for (unsigned int bits = 0; bits < 1u << BITS; bits++) {
		struct plan_facts f = unpack(bits);
		check_always(&f, plan_next(&f));
	}
	unit_done("plan: what must hold in every case");
}

/* What is wanted runs, with its output where it belongs. */
static void
test_wanted(void)
{
	for (unsigned int bits = 0; bits < 1u << BITS; bits++) {
		struct plan_facts f = unpack(bits);
		unsigned int todo = plan_next(&f);
		if (!f.listed || f.leaving)
			continue;
		CHECK(f.service.alive || f.catchall ||
		      (todo & PLAN_START_SERVICE));
		CHECK(
		    !f.logged || f.logger.alive || (todo & PLAN_START_LOGGER));
		CHECK(f.logged || !(todo & PLAN_START_LOGGER));
		CHECK(!(todo & PLAN_FORGET));
		if (f.service.alive && !f.service.told && !f.catchall)
			CHECK(!(todo & PLAN_REPLACE_SERVICE) ==
			      (f.piped == (f.logged || f.logger.alive)));
	}
	unit_done("plan: what is wanted is kept running");
}

static void
test_unlisted(void)
{
	for (unsigned int bits = 0; bits < 1u << BITS; bits++) {
		struct plan_facts f = unpack(bits);
		unsigned int todo = plan_next(&f);
		if (f.listed || f.leaving)
			continue;
		CHECK(todo ==
		      (f.service.alive || f.logger.alive ? 0u : PLAN_FORGET));
	}
	unit_done("plan: what is gone is left alone");
}

/* Whatever the state, a service that is being taken down gets down: each step
 * is done, and whoever was told dies. */
static void
test_leaving_ends(void)
{
	for (unsigned int bits = 0; bits < 1u << BITS; bits++) {
		struct plan_facts f = unpack(bits);
		unsigned int todo = 0;
		int steps = 0;
		f.leaving = true;
		for (; steps < 20 && todo != PLAN_FORGET; steps++) {
			todo = plan_next(&f);
			if (todo & PLAN_START_LOGGER) {
				f.logger = (struct plan_side){true, 0, 0};
				f.unread = false;
			}
			if (todo & PLAN_START_SERVICE)
				f.service = (struct plan_side){true, 0, 0};
			if (todo & PLAN_STOP_SERVICE)
				f.service.told = true;
			else if (f.service.alive && f.service.told)
				f.service = (struct plan_side){false, 0, 0};
			if (todo & PLAN_END_WRITING)
				f.writing = false;
			if (todo & PLAN_END_LOGGER)
				f.logger.told = true;
			else if (f.logger.alive && f.logger.told)
				f.logger = (struct plan_side){false, 0, 0};
		}
		CHECK(todo == PLAN_FORGET);
	}
	unit_done("plan: what is taken down gets down");
}

int
main(void)
{
	test_invariants();
	test_wanted();
	test_unlisted();
	test_leaving_ends();
	return unit_exit();
}
