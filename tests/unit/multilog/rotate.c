/*
 * The rotation, played through with letters for the lines: from every
 * combination of files, with a crash (or two) after any step, all lines are
 * there at the end, once, and in order.
 */
#include "multilog/rotate.h"

#include <stdlib.h>

#include "tests/unit/unit.h"

#define STEPS_MOST 40

struct world {
	struct rotate_facts facts;
	char old[64]; /* content of the old files in the order of their names */
	char current[8];
	char previous[8];
	char processed[8]; /* if it is complete */
	bool processor;	   /* the script has one */
	bool fails;	   /* it fails */
	bool stepped[ROTATE_STEPS];
};

static unsigned long worlds;

static void
join(char *to, char const *from)
{
	memmove(to + strlen(to), from, strlen(from) + 1);
}

static void
append(char *to, char *from)
{
	join(to, from);
	from[0] = 0;
}

static void
start_processor(struct world *w)
{
	struct rotate_facts *f = &w->facts;

	CHECK(f->previous == ROTATE_PIECE_COMPLETE);
	CHECK(f->processed == ROTATE_PIECE_ABSENT && !f->newstate);
	f->processed = ROTATE_PIECE_PART;
	f->newstate = true;
	f->processor =
	    w->fails ? ROTATE_PROCESSOR_RESTING : ROTATE_PROCESSOR_DONE;
}

static void
perform_current(struct world *w, enum rotate_step step)
{
	struct rotate_facts *f = &w->facts;

	CHECK(w->previous[0] == 0 || step == ROTATE_REMOVE_CURRENT);
	if (step == ROTATE_MOVE_CURRENT) {
		strcpy(w->previous, w->current);
		f->previous = ROTATE_PIECE_COMPLETE;
	} else if (step != ROTATE_REMOVE_CURRENT) {
		join(w->old, w->current);
	}
	w->current[0] = 0;
	f->current = ROTATE_CURRENT_ABSENT;
}

static void
perform(struct world *w, enum rotate_step step)
{
	struct rotate_facts *f = &w->facts;

	switch (step) {
	case ROTATE_REST:
		break;
	case ROTATE_CREATE_CURRENT:
		CHECK(f->current == ROTATE_CURRENT_ABSENT);
		f->wanted = false;
		f->current = ROTATE_CURRENT_OPEN;
		break;
	case ROTATE_OPEN_CURRENT:
		f->current = ROTATE_CURRENT_OPEN;
		break;
	case ROTATE_SYNC_CURRENT:
		CHECK(f->current == ROTATE_CURRENT_OPEN && f->wanted);
		f->current = ROTATE_CURRENT_CLEAN;
		break;
	case ROTATE_NAME_CURRENT_S:
	case ROTATE_MOVE_CURRENT:
		CHECK(f->current == ROTATE_CURRENT_CLEAN && f->wanted);
		perform_current(w, step);
		break;
	case ROTATE_REMOVE_CURRENT:
		CHECK(f->current == ROTATE_CURRENT_LINKED);
		w->current[0] = 0;
		f->current = ROTATE_CURRENT_ABSENT;
		break;
	case ROTATE_NAME_CURRENT_U:
		CHECK(f->current == ROTATE_CURRENT_WHOLE ||
		      f->current == ROTATE_CURRENT_TORN);
		perform_current(w, step);
		break;
	case ROTATE_NAME_PREVIOUS_S:
	case ROTATE_NAME_PREVIOUS_U:
		append(w->old, w->previous);
		f->previous = ROTATE_PIECE_ABSENT;
		break;
	case ROTATE_NAME_PROCESSED:
		CHECK(f->processed == ROTATE_PIECE_COMPLETE && !f->newstate);
		append(w->old, w->processed);
		f->processed = ROTATE_PIECE_ABSENT;
		break;
	case ROTATE_REMOVE_PREVIOUS:
		CHECK(f->previous == ROTATE_PIECE_LINKED || w->processed[0]);
		w->previous[0] = 0;
		f->previous = ROTATE_PIECE_ABSENT;
		break;
	case ROTATE_REMOVE_PROCESSED:
		CHECK(f->processed != ROTATE_PIECE_COMPLETE);
		f->processed = ROTATE_PIECE_ABSENT;
		break;
	case ROTATE_REMOVE_NEWSTATE:
		CHECK(f->processed == ROTATE_PIECE_ABSENT);
		f->newstate = false;
		break;
	case ROTATE_KEEP_NEWSTATE:
		CHECK(f->processed == ROTATE_PIECE_COMPLETE);
		f->newstate = false;
		break;
	case ROTATE_START_PROCESSOR:
		start_processor(w);
		break;
	case ROTATE_SYNC_PROCESSED:
		strcpy(w->processed, w->previous);
		f->processed = ROTATE_PIECE_COMPLETE;
		f->processor = ROTATE_PROCESSOR_IDLE;
		break;
	}
}

/* What a new process finds. */
static struct world
crashed(struct world w, enum rotate_current torn)
{
	struct rotate_facts *f = &w.facts;

	if (f->current == ROTATE_CURRENT_OPEN)
		f->current = w.current[0] ? torn : ROTATE_CURRENT_USABLE;
	f->processor =
	    w.processor ? ROTATE_PROCESSOR_IDLE : ROTATE_PROCESSOR_NONE;
	f->wanted = false;
	return w;
}

static void
at_rest(struct world const *w, char const *want)
{
	struct rotate_facts const *f = &w->facts;
	char all[128] = "";

	join(all, w->old);
	join(all, w->processed);
	join(all, w->previous);
	join(all, w->current);
	CHECK_STR(all, want);
	CHECK(w->processed[0] == 0);
	if (w->previous[0]) {
		CHECK(f->processor == ROTATE_PROCESSOR_RESTING ||
		      f->processor == ROTATE_PROCESSOR_RUNNING);
		return;
	}
	CHECK(f->current == ROTATE_CURRENT_OPEN);
	CHECK(!f->wanted);
	CHECK(f->processed == ROTATE_PIECE_ABSENT && !f->newstate);
}

static void
play(struct world w, char const *want, int crashes)
{
	int steps = 0;
	enum rotate_step step;

	worlds++;
	while ((step = rotate_next(&w.facts)) != ROTATE_REST) {
		if (++steps > STEPS_MOST) {
			CHECK(!"it ends");
			return;
		}
		perform(&w, step);
		if (!crashes)
			continue;
		play(crashed(w, ROTATE_CURRENT_WHOLE), want, crashes - 1);
		play(crashed(w, ROTATE_CURRENT_TORN), want, crashes - 1);
	}
	at_rest(&w, want);
}

static void
fill(struct world *w)
{
	struct rotate_facts *f = &w->facts;
	char const *previous = "P";

	w->processor = f->processor != ROTATE_PROCESSOR_NONE;
	if (f->processed == ROTATE_PIECE_LINKED) {
		join(w->old, "P");
		previous = "Q"; /* it cannot be the same */
	}
	if (f->processed == ROTATE_PIECE_COMPLETE) {
		strcpy(w->processed, "P");
		if (f->previous == ROTATE_PIECE_LINKED)
			f->previous = ROTATE_PIECE_COMPLETE;
	}
	if (f->previous == ROTATE_PIECE_LINKED)
		join(w->old, previous);
	else if (f->previous != ROTATE_PIECE_ABSENT)
		strcpy(w->previous, previous);
	if (f->current == ROTATE_CURRENT_LINKED)
		join(w->old, "C");
	else if (f->current != ROTATE_CURRENT_ABSENT &&
		 f->current != ROTATE_CURRENT_USABLE)
		strcpy(w->current, "C");
}

/* What must be there at the end; old files cannot come before previous if
   current is one of them. */
static bool
expect(struct world const *w, char *want)
{
	strcpy(want, w->old);
	join(want, w->processed);
	if (!w->processed[0])
		join(want, w->previous);
	join(want, w->current);
	return !(w->facts.current == ROTATE_CURRENT_LINKED &&
		 (w->previous[0] || w->processed[0]));
}

static bool
possible(struct rotate_facts const *f)
{
	bool active = f->processor == ROTATE_PROCESSOR_RUNNING ||
		      f->processor == ROTATE_PROCESSOR_DONE;

	if (active && (f->previous != ROTATE_PIECE_COMPLETE ||
			  f->processed != ROTATE_PIECE_PART || !f->newstate))
		return false;
	/* Only what we write, or have just ended, is to be rotated. */
	return !f->wanted || f->current == ROTATE_CURRENT_OPEN ||
	       f->current == ROTATE_CURRENT_CLEAN;
}

static struct rotate_facts
combination(unsigned int n)
{
	struct rotate_facts f;

	f.current = (enum rotate_current)(n % ROTATE_CURRENTS);
	n /= ROTATE_CURRENTS;
	f.previous = (enum rotate_piece)(n % ROTATE_PIECES);
	n /= ROTATE_PIECES;
	f.processed = (enum rotate_piece)(n % ROTATE_PIECES);
	n /= ROTATE_PIECES;
	f.processor = (enum rotate_processor)(n % ROTATE_PROCESSORS);
	n /= ROTATE_PROCESSORS;
	f.newstate = n & 1;
	f.wanted = n & 2;
	f.spare = n & 4;
	return f;
}

static void
test_all_combinations(void)
{
	unsigned int all = ROTATE_CURRENTS * ROTATE_PIECES * ROTATE_PIECES *
			   ROTATE_PROCESSORS * 8;

	for (unsigned int n = 0; n < 2 * all; n++) {
		struct world w = {.facts = combination(n % all)};
		char want[128];
		int before = unit_failures;

		if (!possible(&w.facts))
			continue;
		w.fails = n >= all;
		fill(&w);
		if (expect(&w, want))
			play(w, want, 2);
		if (unit_failures > before) {
			printf("# combination %u\n", n);
			break;
		}
	}
	CHECK(worlds > 100000);
	unit_done("multilog/rotate: every combination of files, two crashes");
}

/* A classic rotation takes exactly these steps. */
static void
test_steps(void)
{
	struct world w = {
	    .facts = {.current = ROTATE_CURRENT_OPEN, .wanted = true}};

	strcpy(w.current, "C");
	CHECK(rotate_next(&w.facts) == ROTATE_SYNC_CURRENT);
	perform(&w, ROTATE_SYNC_CURRENT);
	CHECK(rotate_next(&w.facts) == ROTATE_NAME_CURRENT_S);
	perform(&w, ROTATE_NAME_CURRENT_S);
	CHECK(rotate_next(&w.facts) == ROTATE_CREATE_CURRENT);
	perform(&w, ROTATE_CREATE_CURRENT);
	CHECK(rotate_next(&w.facts) == ROTATE_REST);

	w.facts = (struct rotate_facts){
	    .current = ROTATE_CURRENT_OPEN,
	    .previous = ROTATE_PIECE_COMPLETE,
	    .processed = ROTATE_PIECE_PART,
	    .newstate = true,
	    .processor = ROTATE_PROCESSOR_RUNNING,
	    .wanted = true,
	};
	CHECK(rotate_next(&w.facts) == ROTATE_REST);
	w.facts.processor = ROTATE_PROCESSOR_DONE;
	CHECK(rotate_next(&w.facts) == ROTATE_SYNC_PROCESSED);
	unit_done("multilog/rotate: steps of a rotation");
}

/* Where a file ends, against the definition: line says where lines end. */
static void
check_amount(uint64_t size, uint64_t limit, char const *text, size_t left)
{
	struct rotate_window w = rotate_window(size, limit, left);
	size_t line = 0;
	size_t want = 0;
	bool full, want_full = false;

	for (size_t i = w.from; i < w.to; i++)
		if (text[i] == '\n')
			line = i + 1;
	for (size_t n = 1; n <= left && size + n <= limit; n++)
		if (text[n - 1] == '\n' && size + n + ROTATE_WINDOW >= limit) {
			want = n;
			want_full = true;
		}
	if (!want_full) {
		want = size >= limit	     ? 0
		       : left < limit - size ? left
					     : (size_t)(limit - size);
		want_full = size + want >= limit;
	}
	CHECK(rotate_amount(size, limit, left, line, &full) == want);
	CHECK(full == want_full);
}

static void
test_amount(void)
{
	static char text[12000];
	static uint64_t const limits[] = {4096, 4097, 9999};
	unsigned int seed = 1;

	for (int round = 0; round < 2000; round++) {
		size_t gap = 1 + (seed >> 8) % (round % 2 ? 100 : 5000);

		for (size_t i = 0; i < sizeof text; i++)
			text[i] = i % gap == gap - 1 ? '\n' : 'x';
		for (size_t i = 0; i < 3; i++) {
			seed = seed * 1103515245 + 12345;
			check_amount((seed >> 4) % 10100, limits[i], text,
			    (seed >> 16) % sizeof text);
			check_amount(0, limits[i], text, limits[i]);
			check_amount(limits[i] - 2000, limits[i], text, 1);
			check_amount(limits[i] - 2001, limits[i], text, 1);
		}
	}
	unit_done("multilog/rotate: how much goes into a file");
}

int
main(void)
{
	test_all_combinations();
	test_steps();
	test_amount();
	return unit_exit();
}
