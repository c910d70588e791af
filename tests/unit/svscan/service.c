/*
 * service_next(): all combinations of facts, against what must hold in each.
 */
#include "svscan/service.h"

#include "tests/unit/unit.h"

#define BITS 12

static struct service_facts
unpack(unsigned int bits)
{
	return (struct service_facts){
	    .logger = bits & 1,
	    .wanted = bits & 2,
	    .leaving = bits & 4,
	    .alive = bits & 8,
	    .told = bits & 16,
	    .failed = bits & 32,
	    .tried = bits & 64,
	    .misdirected = bits & 128,
	    .used = bits & 256,
	    .writing = bits & 512,
	    .unread = bits & 1024,
	    .overtaken = bits & 2048,
	};
}

static bool
is_order(enum service_action next)
{
	return next == SERVICE_REPLACE || next == SERVICE_STOP ||
	       next == SERVICE_LET_END;
}

static void
test_invariants(void)
{
	for (unsigned int bits = 0; bits < 1u << BITS; bits++) {
		struct service_facts f = unpack(bits);
		enum service_action next = service_next(&f);

		/* Only what is dead is started, only what lives is told, and
		 * once. */
		CHECK(next != SERVICE_START || !f.alive);
		CHECK(!is_order(next) || (f.alive && !f.told));
		/* Nothing is stopped that is not being taken down. */
		CHECK(f.leaving || next == SERVICE_REST ||
		      next == SERVICE_START || next == SERVICE_REPLACE ||
		      next == SERVICE_FORGET);
		/* Nothing is forgotten that lives, or is wanted, or may have
		 * left something running. */
		CHECK(next != SERVICE_FORGET || !f.alive);
		CHECK(next != SERVICE_FORGET || f.leaving || !f.wanted);
		CHECK(next != SERVICE_FORGET || !f.failed ||
		      (f.leaving && f.tried));
		CHECK(next != SERVICE_FORGET || !f.logger || !f.leaving ||
		      !f.writing);
		/* A logger is told before it can see the end of its input. */
		CHECK(next != SERVICE_END_WRITING ||
		      (f.logger && f.leaving && (!f.alive || f.told)));
		/* What it has not read is not given up as long as it may be
		 * tried. */
		CHECK(next != SERVICE_FORGET || !f.leaving || !f.unread ||
		      f.tried);
	}
	unit_done("service: what must hold in every case");
}

static void
test_wanted(void)
{
	for (unsigned int bits = 0; bits < 1u << BITS; bits++) {
		struct service_facts f = unpack(bits);
		enum service_action next = service_next(&f);

		if (!f.wanted || f.leaving)
			continue;
		CHECK((next == SERVICE_START) == !f.alive);
		CHECK((next == SERVICE_REPLACE) ==
		      (f.alive && !f.told && f.misdirected));
	}
	unit_done("service: what is wanted is kept running");
}

static void
test_unlisted(void)
{
	for (unsigned int bits = 0; bits < 1u << BITS; bits++) {
		struct service_facts f = unpack(bits);
		enum service_action next = service_next(&f);

		if (f.wanted || f.leaving)
			continue;
		CHECK(next == SERVICE_REST || next == SERVICE_FORGET);
		CHECK((next == SERVICE_FORGET) ==
		      (!f.alive && !f.used && !f.failed));
	}
	unit_done("service: what is not listed is left alone");
}

/* Whatever the state, a service that is being taken down gets down: each step
 * is done, and whoever was told dies. */
static void
test_leaving_ends(void)
{
	for (unsigned int bits = 0; bits < 1u << BITS; bits++) {
		struct service_facts f = unpack(bits);
		enum service_action next = SERVICE_REST;

		f.leaving = true;
		for (int steps = 0; steps < 20; steps++) {
			next = service_next(&f);
			if (next == SERVICE_FORGET)
				break;
			if (next == SERVICE_START) {
				f.alive = true;
				f.told = f.failed = f.unread = false;
			} else if (is_order(next)) {
				f.told = true;
			} else if (next == SERVICE_END_WRITING) {
				f.writing = false;
			} else {
				CHECK(f.alive && f.told);
				f.alive = false;
			}
		}
		CHECK(next == SERVICE_FORGET);
	}
	unit_done("service: what is taken down gets down");
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
