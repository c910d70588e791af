/*
 * The rotation, played through on a disk of letters.  A letter is a line.  The
 * program may be killed before any step, and the power may be cut: then of the
 * changes of names since the last sync of the directory any may have happened,
 * in any order, and of a file any of what was not synced, its x bit included.
 *
 * However often that happens, in the end: what was once synced is there, once,
 * and in order; a .s file lacks nothing that was ever written to it; and the
 * state of the processor belongs to the files that it has processed.
 */
#include "multilog/rotate.h"

#include <stdlib.h>

#include "tests/unit/unit.h"

#define STEPS_MOST 60
#define INODES	   24
#define OLD_MOST   12
#define OPS	   16

enum { CURRENT, PREVIOUS, PROCESSED, NEWSTATE, STATE, OLD };
#define NAMES (OLD + OLD_MOST)

struct inode {
	char text[28];
	unsigned char synced; /* so much of it is on disk */
	bool x, x_on_disk;
	bool damaged; /* it may lack something */
	bool output;  /* of the processor */
};

struct op {
	signed char from; /* -1: the file is new */
	signed char to;	  /* -1: the file is removed */
	signed char inode;
};

struct world {
	struct inode inode[INODES];
	int inodes;
	signed char name[NAMES];    /* an inode, or -1 */
	signed char on_disk[NAMES]; /* at the last sync */
	struct op op[OPS];	    /* since then */
	int ops;
	char code[OLD_MOST]; /* of the old files: s or u */
	int olds;

	bool opened, sealed, gap, dirty, wanted, spare;
	enum rotate_processor processor;
	bool has_processor;
	unsigned int fails; /* a bit for each run of it */
	unsigned int runs;
	char next;	   /* letter */
	char promised[28]; /* letters that were synced */
	char const *life;  /* what is still to happen */
};

static unsigned long worlds, cuts;

static struct inode *
file(struct world *w, int name)
{
	return w->name[name] == -1 ? NULL : w->inode + w->name[name];
}

static void
change(struct world *w, int from, int to, int inode)
{
	if (w->ops == OPS || w->inodes == INODES || w->olds == OLD_MOST) {
		CHECK(!"the world is big enough");
		exit(1);
	}
	w->op[w->ops++] =
	    (struct op){(signed char)from, (signed char)to, (signed char)inode};
	if (from != -1)
		w->name[from] = -1;
	if (to != -1)
		w->name[to] = (signed char)inode;
	w->dirty = true;
}

static struct inode *
create(struct world *w, int name)
{
	CHECK(w->name[name] == -1);
	w->inode[w->inodes] = (struct inode){0};
	change(w, -1, name, w->inodes);
	return w->inode + w->inodes++;
}

static void
rename_file(struct world *w, int from, int to)
{
	CHECK(w->name[from] != -1);
	change(w, from, to, w->name[from]);
}

static void
sync_file(struct world *w, struct inode *i, bool promise)
{
	i->synced = (unsigned char)strlen(i->text);
	if (promise)
		for (char const *p = i->text; *p; p++)
			if (!strchr(w->promised, *p))
				w->promised[strlen(w->promised)] = *p;
}

static void
finish(struct world *w, int name, char code)
{
	CHECK(code == 'u' || !file(w, name)->damaged);
	w->code[w->olds] = code;
	rename_file(w, name, OLD + w->olds++);
}

static enum rotate_file
piece(struct world *w, int name)
{
	struct inode *i = file(w, name);

	if (!i)
		return ROTATE_ABSENT;
	for (int n = OLD; n < OLD + w->olds; n++)
		if (w->name[n] == w->name[name])
			return ROTATE_LINKED;
	return i->x ? ROTATE_COMPLETE : ROTATE_PART;
}

static struct rotate_facts
look(struct world *w)
{
	struct rotate_facts f = {
	    .previous = piece(w, PREVIOUS),
	    .processed = piece(w, PROCESSED),
	    .newstate = piece(w, NEWSTATE),
	    .processor = w->processor,
	    .wanted = w->wanted,
	    .gap = w->gap,
	    .spare = w->spare,
	    .dirty = w->dirty,
	};
	struct inode *i = file(w, CURRENT);

	f.current = piece(w, CURRENT);
	if (i && w->sealed)
		f.current = ROTATE_SEALED;
	else if (i && w->opened)
		f.current = ROTATE_OPEN;
	else if (f.current == ROTATE_PART && !i->text[0])
		f.current = ROTATE_COMPLETE;
	return f;
}

static void
start_processor(struct world *w)
{
	struct inode *given = file(w, PREVIOUS);
	struct inode *out, *state;

	CHECK(given && given->x && !file(w, PROCESSED) && !file(w, NEWSTATE));
	out = create(w, PROCESSED);
	state = create(w, NEWSTATE);
	out->output = true;
	if (w->fails >> w->runs++ & 1) {
		w->processor = ROTATE_PROCESSOR_RESTING;
		return;
	}
	w->processor = ROTATE_PROCESSOR_RUNNING;
	strcpy(out->text, given->text);
	if (file(w, STATE))
		strcpy(state->text, file(w, STATE)->text);
	strcat(state->text, given->text);
}

static void
move_current(struct world *w, char code)
{
	CHECK(!w->sealed || code == 'u' || (file(w, CURRENT)->x && !w->gap));
	if (code)
		finish(w, CURRENT, code);
	else
		rename_file(w, CURRENT, PREVIOUS);
	w->opened = w->sealed = w->gap = w->wanted = false;
}

static void
open_current(struct world *w)
{
	struct inode *i = file(w, CURRENT);

	w->opened = true;
	w->gap = i->text[0] && !i->x;
	/* The bit goes, and is synced, before something is appended. */
	i->x = i->x_on_disk = false;
	i->synced = (unsigned char)strlen(i->text);
}

static void
seal_current(struct world *w)
{
	struct inode *i = file(w, CURRENT);

	CHECK(w->opened && !w->sealed);
	sync_file(w, i, true);
	i->x = !w->gap;
	w->sealed = true;
}

static void
sync_processed(struct world *w)
{
	struct inode *i = file(w, PROCESSED);

	sync_file(w, file(w, NEWSTATE), false);
	sync_file(w, i, false);
	i->x = i->x_on_disk = true;
	w->processor = ROTATE_PROCESSOR_IDLE;
}

/* The steps by which a file becomes an old one, or is removed. */
static struct {
	enum rotate_step step;
	int name;
	char code; /* 0: removed */
} const ends[] = {
    {ROTATE_REMOVE_CURRENT, CURRENT, 0},
    {ROTATE_REMOVE_PREVIOUS, PREVIOUS, 0},
    {ROTATE_REMOVE_PROCESSED, PROCESSED, 0},
    {ROTATE_REMOVE_NEWSTATE, NEWSTATE, 0},
    {ROTATE_NAME_PREVIOUS_S, PREVIOUS, 's'},
    {ROTATE_NAME_PREVIOUS_U, PREVIOUS, 'u'},
    {ROTATE_NAME_PROCESSED, PROCESSED, 's'},
};

static void
end_file(struct world *w, enum rotate_step step)
{
	size_t i = 0;

	while (ends[i].step != step)
		i++;
	if (ends[i].code)
		finish(w, ends[i].name, ends[i].code);
	else
		change(w, ends[i].name, -1, w->name[ends[i].name]);
}

static void
perform(struct world *w, enum rotate_step step)
{
	switch (step) {
	case ROTATE_REST:
		break;
	case ROTATE_CREATE_CURRENT:
		create(w, CURRENT);
		w->opened = true;
		w->gap = w->wanted = false;
		break;
	case ROTATE_OPEN_CURRENT:
		open_current(w);
		break;
	case ROTATE_SEAL_CURRENT:
		seal_current(w);
		break;
	case ROTATE_MOVE_CURRENT:
		move_current(w, 0);
		break;
	case ROTATE_NAME_CURRENT_S:
		move_current(w, 's');
		break;
	case ROTATE_NAME_CURRENT_U:
		move_current(w, 'u');
		break;
	case ROTATE_REMOVE_CURRENT:
	case ROTATE_REMOVE_PREVIOUS:
	case ROTATE_REMOVE_PROCESSED:
	case ROTATE_REMOVE_NEWSTATE:
	case ROTATE_NAME_PREVIOUS_S:
	case ROTATE_NAME_PREVIOUS_U:
	case ROTATE_NAME_PROCESSED:
		end_file(w, step);
		break;
	case ROTATE_KEEP_NEWSTATE:
		rename_file(w, NEWSTATE, STATE);
		break;
	case ROTATE_START_PROCESSOR:
		start_processor(w);
		break;
	case ROTATE_SYNC_PROCESSED:
		sync_processed(w);
		break;
	case ROTATE_SYNC_NAMES:
		memcpy(w->on_disk, w->name, sizeof w->name);
		w->ops = 0;
		w->dirty = false;
		break;
	}
}

static void play(struct world w, int crashes);

/* A new process begins with what it finds. */
static void
begin(struct world w, int crashes)
{
	w.opened = w.sealed = w.gap = w.wanted = false;
	w.dirty = true;
	w.processor =
	    w.has_processor ? ROTATE_PROCESSOR_IDLE : ROTATE_PROCESSOR_NONE;
	play(w, crashes);
}

/* The program is killed: what it had read and not written is gone. */
static void
kill_it(struct world w, int crashes)
{
	if (w.opened && !w.sealed && file(&w, CURRENT)->text[0])
		file(&w, CURRENT)->damaged = true;
	begin(w, crashes);
}

/* The choices for the inode n and those after it: is what was not synced
   there, and the bit as it was? */
static void
cut_inodes(struct world w, int n, int crashes)
{
	struct inode *i = w.inode + n;
	struct world other = w;
	struct inode *o = other.inode + n;

	if (n == w.inodes) {
		cuts++;
		kill_it(w, crashes);
		return;
	}
	if (i->x != i->x_on_disk) {
		o->x = o->x_on_disk;
		i->x_on_disk = i->x;
		cut_inodes(w, n, crashes);
		cut_inodes(other, n, crashes);
		return;
	}
	if (i->synced < strlen(i->text)) {
		memset(o->text + o->synced, 0, sizeof o->text - o->synced);
		o->damaged = o->synced > 0; /* an empty one begins anew */
		i->synced = (unsigned char)strlen(i->text);
		cut_inodes(w, n, crashes);
		cut_inodes(other, n, crashes);
		return;
	}
	cut_inodes(w, n + 1, crashes);
}

static bool
has_name(struct world const *w, int inode)
{
	for (int n = 0; n < NAMES; n++)
		if (w->name[n] == inode)
			return true;
	return false;
}

static void
cut_power(struct world const *w, int crashes)
{
	for (unsigned int done = 0; done < 1U << w->ops; done++) {
		struct world c = *w;

		memcpy(c.name, w->on_disk, sizeof c.name);
		for (int n = 0; n < w->ops; n++) {
			struct op const *op = w->op + n;

			if (!(done >> n & 1))
				continue;
			if (op->from != -1 && c.name[op->from] == op->inode)
				c.name[op->from] = -1;
			if (op->to != -1)
				c.name[op->to] = op->inode;
		}
		memcpy(c.on_disk, c.name, sizeof c.name);
		c.ops = 0;
		for (int n = 0; n < c.inodes; n++)
			if (!has_name(&c, n))
				c.inode[n] = (struct inode){0};
		/* The process has gone; nothing is open. */
		c.opened = c.opened && c.name[CURRENT] == w->name[CURRENT];
		cut_inodes(c, 0, crashes);
	}
}

/* What is promised, when nothing is left to do. */
static void
check_end(struct world *w)
{
	static int const order[] = {PROCESSED, PREVIOUS, CURRENT};
	struct rotate_facts f = look(w);
	char all[64] = "";
	char processed[64] = "";

	for (int n = 0; n < w->olds; n++) {
		struct inode *i = file(w, OLD + n);

		if (!i)
			continue;
		CHECK(w->code[n] != 's' || !i->damaged);
		strcat(all, i->text);
		if (i->output)
			strcat(processed, i->text);
	}
	for (int n = 0; n < 3; n++)
		if (file(w, order[n]) && (n || f.previous == ROTATE_ABSENT))
			strcat(all, file(w, order[n])->text);
	for (char const *p = all; *p; p++)
		CHECK(!p[1] || p[0] < p[1]);
	for (char const *p = w->promised; *p; p++)
		CHECK(strchr(all, *p));
	CHECK_STR(file(w, STATE) ? file(w, STATE)->text : "", processed);
	CHECK(!w->dirty && w->opened);
	CHECK(f.processor == ROTATE_PROCESSOR_RUNNING ||
	      f.processed == ROTATE_ABSENT ||
	      f.processor == ROTATE_PROCESSOR_RESTING);
	CHECK(w->has_processor || f.previous == ROTATE_ABSENT);
}

/* The next thing that happens from outside; false when all is over. */
static bool
happen(struct world *w)
{
	struct inode *i = file(w, CURRENT);
	char what = *w->life;

	if (!what) {
		/* A processor that was tired has its chance at the end. */
		if (w->processor == ROTATE_PROCESSOR_RESTING && !w->fails) {
			w->processor = ROTATE_PROCESSOR_IDLE;
			return true;
		}
		if (w->processor == ROTATE_PROCESSOR_RUNNING) {
			w->processor = ROTATE_PROCESSOR_DONE;
			return true;
		}
		return false;
	}
	w->life++;
	if (what == 'l' && w->opened && !w->sealed)
		i->text[strlen(i->text)] = w->next++;
	if (what == 'r')
		w->wanted = w->opened && i->text[0];
	if (what == 'p' && w->processor == ROTATE_PROCESSOR_RUNNING)
		w->processor = ROTATE_PROCESSOR_DONE;
	if (what == 'p' && w->processor == ROTATE_PROCESSOR_RESTING)
		w->processor = ROTATE_PROCESSOR_IDLE;
	return true;
}

static void
play(struct world w, int crashes)
{
	int steps = 0;

	worlds++;
	do {
		for (;;) {
			struct rotate_facts f = look(&w);
			enum rotate_step step = rotate_next(&f);

			if (unit_failures)
				return;
			if (step == ROTATE_REST)
				break;
			if (++steps > STEPS_MOST) {
				CHECK(!"it ends");
				return;
			}
			perform(&w, step);
			if (!crashes)
				continue;
			kill_it(w, crashes - 1);
			cut_power(&w, crashes - 1);
		}
		if (crashes) {
			kill_it(w, crashes - 1);
			cut_power(&w, crashes - 1);
		}
	} while (happen(&w));
	check_end(&w);
}

static struct world
empty(char const *life, bool processor, unsigned int fails)
{
	struct world w = {.life = life,
	    .has_processor = processor,
	    .fails = fails,
	    .next = 'a'};

	memset(w.name, -1, sizeof w.name);
	memset(w.on_disk, -1, sizeof w.on_disk);
	return w;
}

static void
test_lives(void)
{
	unit_failures = 0;
	worlds = cuts = 0;
	begin(empty("llrlrl", false, 0), 2);
	begin(empty("lrlplrlp", true, 0), 2);
	begin(empty("lrlplrp", true, 1), 1);
	begin(empty("llrlrplrpl", true, 2), 1);
	printf("# %lu lives, %lu power cuts\n", worlds, cuts);
	CHECK(worlds > 20000 && cuts > 20000);
	unit_done("multilog/rotate: killed, and without power, at every step");
}

/* Whatever files are found, also those that daemontools leaves. */
static void
found(struct world *w, int name, enum rotate_file p, char letter)
{
	struct inode *i;

	if (p == ROTATE_ABSENT)
		return;
	i = create(w, name);
	i->text[0] = letter;
	i->synced = 1;
	i->output = name == PROCESSED;
	i->x = i->x_on_disk = p != ROTATE_PART;
	if (p == ROTATE_PART && name != PROCESSED)
		i->damaged = true;
	if (p == ROTATE_LINKED) {
		w->code[w->olds] = 's';
		w->name[OLD + w->olds++] = w->name[name];
	}
	w->ops = 0;
}

static void
found_files(unsigned int n)
{
	enum rotate_file current = n % 4, previous = n / 4 % 4,
			 processed = n / 16 % 4;
	struct world w = empty("lrpl", n & 128, n & 256 ? 1 : 0);

	w.spare = n & 512;
	/* What is in processed was made of previous, and not of what is an old
	   file already. */
	found(&w, PROCESSED, processed, processed == ROTATE_LINKED ? 'a' : 'b');
	if (processed == ROTATE_COMPLETE && previous == ROTATE_LINKED)
		return;
	found(&w, PREVIOUS, previous, 'b');
	/* Nothing is named before previous. */
	if (current == ROTATE_LINKED &&
	    (previous == ROTATE_COMPLETE || previous == ROTATE_PART ||
		processed == ROTATE_COMPLETE))
		return;
	found(&w, CURRENT, current, 'c');
	if (processed == ROTATE_LINKED)
		strcpy(create(&w, STATE)->text, "a");
	if (n & 64)
		strcpy(create(&w, NEWSTATE)->text,
		    processed == ROTATE_COMPLETE ? "b" : "x");
	else if (processed == ROTATE_COMPLETE)
		strcpy(create(&w, STATE)->text, "b");
	for (int i = 0; i < w.inodes; i++)
		w.inode[i].synced = (unsigned char)strlen(w.inode[i].text);
	w.ops = 0;
	memcpy(w.on_disk, w.name, sizeof w.name);
	w.next = 'd';
	if (processed != ROTATE_COMPLETE)
		strcpy(w.promised, previous ? "b" : "");
	if (current)
		strcat(w.promised, "c");
	begin(w, 1);
}

static void
test_found_files(void)
{
	worlds = cuts = 0;
	for (unsigned int n = 0; n < 1024; n++) {
		found_files(n);
		if (!unit_failures)
			continue;
		printf("# files %u\n", n);
		break;
	}
	CHECK(worlds > 50000 && cuts > 20000);
	unit_done("multilog/rotate: whatever files are found");
}

/*
 * The decision as a table, the first row that fits being the answer.  A column
 * is a set of values, a bit each; ANY fits all.
 */
#define ANY	   0xff
#define IS(value)  (1 << (value))
#define NOT(value) (ANY & ~IS(value))
#define YES	   IS(true)
#define NO	   IS(false)

static struct rule {
	unsigned char current, previous, processed, newstate, processor;
	unsigned char waits, wanted, gap, spare;
	enum rotate_step step;
} const rules[] = {
/* clang-format off */
#define C(x) IS(ROTATE_##x)
#define P(x) IS(ROTATE_##x)
#define R(x) IS(ROTATE_PROCESSOR_##x)
    {ANY, P(PART), ANY, ANY, R(DONE), ANY, ANY, ANY, ANY,
	ROTATE_NAME_PREVIOUS_U},
    {ANY, ANY, ANY, ANY, R(DONE), ANY, ANY, ANY, ANY, ROTATE_SYNC_PROCESSED},
#define Q NOT(ROTATE_PROCESSOR_RUNNING)
    {ANY, ANY, P(LINKED), ANY, Q, ANY, ANY, ANY, ANY, ROTATE_REMOVE_PROCESSED},
    {ANY, ANY, P(PART), ANY, Q, ANY, ANY, ANY, ANY, ROTATE_REMOVE_PROCESSED},
    {ANY, ANY, P(COMPLETE), YES, Q, ANY, ANY, ANY, ANY, ROTATE_KEEP_NEWSTATE},
    {ANY, P(ABSENT), P(COMPLETE), NO, Q, ANY, ANY, ANY, ANY,
	ROTATE_NAME_PROCESSED},
    {ANY, ANY, P(COMPLETE), NO, Q, ANY, ANY, ANY, ANY, ROTATE_REMOVE_PREVIOUS},
    {ANY, ANY, P(ABSENT), YES, Q, ANY, ANY, ANY, ANY, ROTATE_REMOVE_NEWSTATE},
    {ANY, P(LINKED), ANY, ANY, ANY, ANY, ANY, ANY, ANY, ROTATE_REMOVE_PREVIOUS},
    {ANY, P(PART), ANY, ANY, ANY, ANY, ANY, ANY, ANY, ROTATE_NAME_PREVIOUS_U},
    {ANY, P(COMPLETE), ANY, ANY, R(NONE), ANY, ANY, ANY, ANY,
	ROTATE_NAME_PREVIOUS_S},
    {C(ABSENT), ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ROTATE_CREATE_CURRENT},
    {C(LINKED), ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ROTATE_REMOVE_CURRENT},
    {C(PART), ANY, ANY, ANY, ANY, NO, ANY, ANY, NO, ROTATE_NAME_CURRENT_U},
    {C(COMPLETE) | C(PART), ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY,
	ROTATE_OPEN_CURRENT},
    {C(OPEN), ANY, ANY, ANY, ANY, NO, YES, ANY, ANY, ROTATE_SEAL_CURRENT},
    {C(OPEN), ANY, ANY, ANY, ANY, NO, ANY, YES, NO, ROTATE_SEAL_CURRENT},
    {C(SEALED), ANY, ANY, ANY, ANY, NO, ANY, YES, ANY, ROTATE_NAME_CURRENT_U},
    {C(SEALED), ANY, ANY, ANY, R(NONE), NO, ANY, ANY, ANY,
	ROTATE_NAME_CURRENT_S},
    {C(SEALED), ANY, ANY, ANY, ANY, NO, ANY, ANY, ANY, ROTATE_MOVE_CURRENT},
    {ANY, P(COMPLETE), ANY, ANY, R(IDLE), ANY, ANY, ANY, ANY,
	ROTATE_START_PROCESSOR},
    {ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ROTATE_REST},
    /* clang-format on */
};

static bool
fits(struct rule const *r, struct rotate_facts const *f, bool waits)
{
	return r->current & IS(f->current) && r->previous & IS(f->previous) &&
	       r->processed & IS(f->processed) &&
	       r->newstate & IS(f->newstate) &&
	       r->processor & IS(f->processor) && r->waits & IS(waits) &&
	       r->wanted & IS(f->wanted) && r->gap & IS(f->gap) &&
	       r->spare & IS(f->spare);
}

static void
check_rules(struct rotate_facts f)
{
	bool waits = f.previous != ROTATE_ABSENT ||
		     f.processor == ROTATE_PROCESSOR_RUNNING ||
		     f.processor == ROTATE_PROCESSOR_DONE;
	struct rule const *r = rules;
	enum rotate_step step;

	while (!fits(r, &f, waits))
		r++;
	CHECK(rotate_must_wait(&f) == waits);
	f.dirty = false;
	CHECK(rotate_next(&f) == r->step);
	/* These two need no name that is not on disk. */
	step = r->step == ROTATE_OPEN_CURRENT || r->step == ROTATE_SEAL_CURRENT
		   ? r->step
		   : ROTATE_SYNC_NAMES;
	f.dirty = true;
	CHECK(rotate_next(&f) == step);
}

static void
test_rules(void)
{
	struct rotate_facts f;

	for (unsigned int n = 0; n < 16 * ROTATE_CURRENTS * ROTATE_PIECES *
					 ROTATE_PIECES * ROTATE_PROCESSORS;
	     n++) {
		unsigned int rest = n / 16;

		f.newstate = n & 1 ? ROTATE_PART : ROTATE_ABSENT;
		f.wanted = n & 2;
		f.gap = n & 4;
		f.spare = n & 8;
		f.current = (enum rotate_file)(rest % ROTATE_CURRENTS);
		rest /= ROTATE_CURRENTS;
		f.previous = (enum rotate_file)(rest % ROTATE_PIECES);
		rest /= ROTATE_PIECES;
		f.processed = (enum rotate_file)(rest % ROTATE_PIECES);
		f.processor = (enum rotate_processor)(rest / ROTATE_PIECES);
		check_rules(f);
	}
	unit_done("multilog/rotate: all facts, by a table");
}

/* Where a file ends, against the definition. */
static void
check_window(uint64_t size, uint64_t limit, char const *text, size_t left)
{
	size_t from, to = rotate_window(size, limit, left, &from);
	size_t line = 0, want = 0;

	for (size_t i = from; i < to; i++)
		if (text[i] == '\n')
			line = i + 1;
	for (size_t n = 1; n <= left && size + n <= limit; n++)
		if (text[n - 1] == '\n' && size + n + ROTATE_WINDOW >= limit)
			want = n;
	CHECK(line == want);
	CHECK(!line || rotate_is_full(size + line, limit, true));
	if (!line) {
		want = size >= limit	     ? 0
		       : left < limit - size ? left
					     : (size_t)(limit - size);
		CHECK(to == want);
		CHECK(rotate_is_full(size + to, limit, false) ==
		      (size + to >= limit));
	}
}

static void
test_window(void)
{
	static char text[12000];
	static uint64_t const limits[] = {4096, 4097, 9999, 1000, 2000};
	unsigned int seed = 1;

	for (int round = 0; round < 2000; round++) {
		size_t gap = 1 + (seed >> 8) % (round % 2 ? 100 : 5000);

		for (size_t i = 0; i < sizeof text; i++)
			text[i] = i % gap == gap - 1 ? '\n' : 'x';
		for (size_t i = 0; i < 5; i++) {
			seed = seed * 1103515245 + 12345;
			check_window((seed >> 4) % 10100, limits[i], text,
			    (seed >> 16) % sizeof text);
			check_window(0, limits[i], text, limits[i]);
			if (limits[i] <= ROTATE_WINDOW)
				continue;
			check_window(limits[i] - 2000, limits[i], text, 1);
			check_window(limits[i] - 2001, limits[i], text, 1);
		}
	}
	/* The last byte before the window, and the first one in it. */
	check_window(4096 - 2002, 4096, "\nxx", 3);
	check_window(4096 - 2002, 4096, "x\nx", 3);
	unit_done("multilog/rotate: how much goes into a file");
}

int
main(void)
{
	test_lives();
	test_found_files();
	test_rules();
	test_window();
	return unit_exit();
}
