/*
 * service_next(): all combinations of facts, against what must hold in each.
 */
#include "svscan/service.h"

#include <signal.h>

#include "tests/unit/unit.h"

#define BITS 13

struct facts {
	bool logger;	  /* or else a service */
	bool wanted;	  /* it is listed; a logger: of a service that is */
	bool leaving;	  /* it is being taken down, once it is not used */
	bool alive;	  /* it has a child */
	bool told;	  /* that has been given its order to end */
	bool failed;	  /* the last child did not end well */
	bool tried;	  /* often enough, while it was being taken down */
	bool misdirected; /* the child writes elsewhere than it should */
	bool misplaced;	  /* the child is elsewhere */
	bool used;	/* a logger: there are services that may write to it */
	bool writing;	/* a logger: svscan holds its pipe open for writing */
	bool unread;	/* a logger: it has ended before its pipe */
	bool overtaken; /* a logger: another one waits for its lock */
};

static struct facts
unpack(unsigned int bits)
{
	return (struct facts){
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
	    .misplaced = bits & 4096,
	};
}

static enum service_action
next_of(struct facts const *f)
{
	struct entry logger = {.kind = KIND_LOGGER};
	struct entry s = {
	    .kind = f->logger ? KIND_LOGGER : KIND_SERVICE,
	    .wanted = f->wanted,
	    .leaving = f->leaving,
	    .pid = f->alive ? 100 : 0,
	    .told = f->told ? SIGTERM : 0,
	    .failed = f->failed,
	    .tries = f->tried ? SERVICE_TRIES : 0,
	    .logger = f->misdirected ? &logger : NULL,
	    .misplaced = f->misplaced,
	    .users = f->used,
	    .pipe = {.fd = f->logger ? 5 : -1, .ending = !f->writing},
	    .overtaken = f->overtaken,
	};

	return service_next(&s, f->unread);
}

static bool
is_leaving(struct facts const *f)
{
	return f->leaving && !f->used;
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
		struct facts f = unpack(bits);
		enum service_action next = next_of(&f);

		/* Only what is dead is started, only what lives is told, and
		 * once. */
		CHECK(next != SERVICE_START || !f.alive);
		CHECK(!is_order(next) || (f.alive && !f.told));
		/* Nothing is stopped that is not being taken down. */
		CHECK(is_leaving(&f) || next == SERVICE_REST ||
		      next == SERVICE_START || next == SERVICE_REPLACE ||
		      next == SERVICE_FORGET);
		/* Nothing is forgotten that lives, or is wanted, or may have
		 * left something running. */
		CHECK(next != SERVICE_FORGET || !f.alive);
		CHECK(next != SERVICE_FORGET || is_leaving(&f) || !f.wanted);
		CHECK(next != SERVICE_FORGET || !f.failed ||
		      (is_leaving(&f) && f.tried));
		CHECK(next != SERVICE_FORGET || !f.logger || !is_leaving(&f) ||
		      !f.writing);
		/* A logger is told before it can see the end of its input. */
		CHECK(next != SERVICE_END_WRITING ||
		      (f.logger && is_leaving(&f) && (!f.alive || f.told)));
		/* What it has not read is not given up as long as it may be
		 * tried. */
		CHECK(next != SERVICE_FORGET || !is_leaving(&f) || !f.unread ||
		      f.tried);
	}
	unit_done("service: what must hold in every case");
}

static void
test_wanted(void)
{
	for (unsigned int bits = 0; bits < 1u << BITS; bits++) {
		struct facts f = unpack(bits);
		enum service_action next = next_of(&f);

		if (!f.wanted || is_leaving(&f))
			continue;
		CHECK((next == SERVICE_START) == !f.alive);
		CHECK((next == SERVICE_REPLACE) ==
		      (f.alive && !f.told && (f.misdirected || f.misplaced)));
	}
	unit_done("service: what is wanted is kept running");
}

static void
test_unlisted(void)
{
	for (unsigned int bits = 0; bits < 1u << BITS; bits++) {
		struct facts f = unpack(bits);
		enum service_action next = next_of(&f);

		if (f.wanted || is_leaving(&f))
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
		struct facts f = unpack(bits);
		enum service_action next = SERVICE_REST;

		f.leaving = true;
		f.used = false;
		for (int steps = 0; steps < 20; steps++) {
			next = next_of(&f);
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
