/*
 * The protocol of adoption as a model, and a search of all that can happen in
 * it: fork, publish, execute, die, read, adopt and stop, with a kill -9 of
 * supervise, of its child and of the service at every step, and with every
 * look, write, fork, exec and signal failing there.
 *
 * The model is steps().  Each step names the function of the program that it
 * is; the state machine is the program's own (state.c), so are the words in the
 * report.  What the search looks for is in executes() and rests():
 *
 *  - never two: no ./run or ./finish is executed while another one lives;
 *  - never none for good: left in peace, the service comes up if that is
 * wanted;
 *  - no wish is forgotten: what was read and published as a wish (down, once,
 *    a restart) is obeyed, and each end of ./run is followed by ./finish;
 *  - no stranger that has inherited a pid is adopted or signalled.
 *
 * Then the protocol is broken in one place at a time, and the search must find
 * that.  "adoption -v" prints how it comes about.
 *
 * Not in the model: the restart limit, a ./finish that exits 125, leftovers,
 * readiness, STOP and CONT.
 */
#include "supervise/state.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>

#include "tests/unit/unit.h"

/* What is left out or done wrongly. */
enum fault {
	NO_FAULT,
	PUBLISHES_LATE,	 /* after exec, by supervise */
	DROPS_LOCK,	 /* the forked child does not hold it */
	KEEPS_NO_LOCK,	 /* nor one that cannot be identified, when it runs */
	NO_BIRTH,	 /* the pid alone identifies */
	NO_BOOT,	 /* nor does it matter which boot it was */
	UNKNOWN_IS_NONE, /* a look that fails has found nothing */
	NO_RECANT,	 /* a failed exec is not published */
	NO_NEXT,	 /* nobody reads what was to come next */
	NO_FINISHING,	 /* nor that the run was over */
	NO_UNSENT,	 /* nor which signals are still to be sent */
	FAULTS
};

/*
 * Who somebody is: 0 nobody, 1 and 2 a child in its slot, or a process that is
 * dead and whose pid may be another's; after a boot, even one that was born at
 * the same time.
 */
enum { GONE = 3 };

enum role { RUN, FINISH };
enum life { NOBODY, FORKED, PUBLISHED, NOT_EXECUTED, EXECUTED, ZOMBIE };
enum at { DEAD, READS, BEGINS, LOOKS, FORKS, SUSPENDED, LEAVES };

/* What is wanted; ANEW: what the service directory says. */
enum { ANY = 1, UP, DOWN, ONCE, AGAIN, ANEW };

/* What a supervise has in memory, its child too until that has executed. */
struct mind {
	uint8_t state[2];
	uint8_t who;	 /* its process */
	uint8_t adopted; /* is not its child */
	uint8_t boot;	 /* the boot id is known */
	uint8_t unsent;	 /* a signal that could not be sent */
};

struct report {
	uint8_t word, want, next; /* numbers of words */
	uint8_t who;
	uint8_t known; /* boot and birth of who are in it */
	uint8_t unsent;
	uint8_t old; /* of an earlier boot */
};

/* Only bytes, so that two of them are compared as memory. */
struct world {
	uint8_t first; /* what the service directory says: a wish */
	uint8_t at;    /* supervise */
	uint8_t role;  /* of what it forks */
	struct mind mind;
	struct {
		uint8_t life, role;
		uint8_t ours;  /* supervise is its parent */
		uint8_t keeps; /* the lock, when it has executed */
		uint8_t born;  /* its birth is known */
		uint8_t told;  /* to stop */
		struct mind mind;
	} child[2];
	struct report disk;
	/* What has happened, for the search. */
	uint8_t wish;  /* the last that was read and published */
	uint8_t last;  /* read by this supervise, not published yet, or 0 */
	uint8_t ran;   /* executed since the last wish */
	uint8_t ended; /* ./finish is owed */
	uint8_t doubt; /* it may be: killed just before exec */
	uint8_t stale; /* the last report could not be written */
};

enum kind { CALM, ROUGH }; /* is ROUGH: a failure, a kill, a letter */

static enum fault fault;
static struct world now; /* the world whose steps are made */
static struct world w;	 /* what one of them makes of it */
static char const *broken;
static bool signal_fails;

static char const *const words[] = {"", "down", "backoff", "starting",
    "running", "ready", "stopping", "finishing", "failed"};
static char const *const wishes[] = {"", "up", "once", "down"};

#define NUMBER(list, word) number(list, sizeof(list) / sizeof *(list), word)

static uint8_t
number(char const *const *list, size_t len, char const *word)
{
	for (size_t i = 0; i < len; i++)
		if (strcmp(list[i], word) == 0)
			return (uint8_t)i;
	abort();
}

static struct state
state_of(struct mind const *m)
{
	uint8_t a = m->state[0], b = m->state[1];

	return (struct state){.phase = a & 7,
	    .want = a >> 3 & 3,
	    .leave = a >> 5,
	    .rested = b & 1,
	    .again = b & 2,
	    .ready = b & 4,
	    .paused = b & 8,
	    .term_sent = b & 16,
	    .failed = b & 32};
}

static void
set_state(struct mind *m, struct state s)
{
	m->state[0] =
	    (uint8_t)(s.phase | (unsigned int)s.want << 3 | s.leave << 5);
	m->state[1] =
	    (uint8_t)(s.rested | s.again << 1 | s.ready << 2 | s.paused << 3 |
		      s.term_sent << 4 | s.failed << 5);
}

/* What run.c: publish_report() writes. */
static struct report
report_of(struct mind const *m)
{
	struct state s = state_of(m);
	bool child = m->who == 1 || m->who == 2;

	return (struct report){
	    .word = NUMBER(words, state_word(&s)),
	    .want = NUMBER(wishes, state_want_word(s.want)),
	    .next = NUMBER(wishes, state_next_word(&s, m->who != 0)),
	    .who = m->who,
	    .unsent = m->unsent,
	    .known = !child || (m->boot && w.child[m->who - 1].born),
	};
}

/* The report could not be written: what was not in it nobody knows any more. */
static void
lose(void)
{
	w.wish = ANY;
	w.doubt = true;
	w.ended = w.last = w.stale = 0;
}

static void
writes(struct mind const *m)
{
	w.disk = report_of(m);
	w.stale = 0;
	if (w.last)
		w.wish = w.last;
	w.last = 0;
}

/* A slot is free again, and everybody's pid means nobody. */
static void
frees(int slot)
{
	uint8_t who = (uint8_t)(slot + 1);

	memset(&w.child[slot], 0, sizeof w.child[slot]);
	w.disk.who = w.disk.who == who ? GONE : w.disk.who;
	w.mind.who = w.mind.who == who ? GONE : w.mind.who;
}

static bool
lock_is_held(void)
{
	bool held = w.at != DEAD;

	for (int i = 0; i < 2; i++) {
		bool started = w.child[i].life == EXECUTED;

		held |= w.child[i].life && w.child[i].life != ZOMBIE &&
			(started ? w.child[i].keeps : fault != DROPS_LOCK);
	}
	return held;
}

/* A program begins: may it? */
static void
executes(int slot)
{
	bool run = w.child[slot].role == RUN;

	if (w.child[!slot].life == EXECUTED)
		broken = "two at once";
	if (run && w.wish == DOWN && !w.last)
		broken = "started though it was wanted down";
	if (run && w.wish == ONCE && !w.last && w.ran)
		broken = "wanted once, and run twice";
	if (run && w.ended)
		broken = "no ./finish after ./run";
	if (!run && !w.ended && !w.doubt)
		broken = "a ./finish too many";
	w.ended = false;
	w.ran |= run;
	w.doubt &= !run;
}

static bool
is_up(uint8_t wish)
{
	return wish == UP || wish == AGAIN ||
	       (wish == ANEW && w.first == WANT_UP);
}

/* Nothing happens any more of itself: is all as it is wanted? */
static void
rests(void)
{
	int lives = 0;

	for (int i = 0; i < 2; i++)
		lives += w.child[i].life == EXECUTED && !w.child[i].role;
	if (is_up(w.wish) && lives != 1)
		broken = "none, though it is wanted up";
	/* As long as the lock is kept, no other supervise can do anything. */
	if (w.at == DEAD)
		return;
	if (w.wish == AGAIN && !w.ran)
		broken = "the restart was forgotten";
	if (w.wish == ONCE && !w.ran)
		broken = "wanted once, and never run";
	if (w.wish == DOWN && lives)
		broken = "it runs, though it is wanted down";
}

/* supervise.c: send_signal() */
static void
signals(void)
{
	struct mind *m = &w.mind;

	m->unsent = signal_fails;
	if (!signal_fails && (m->who == 1 || m->who == 2))
		w.child[m->who - 1].told = 1;
}

/* supervise.c: feed() and perform() */
static void
feeds(enum event_kind kind)
{
	while (kind != EVENT_NONE) {
		struct step step =
		    state_step(state_of(&w.mind), state_event(kind));

		set_state(&w.mind, step.state);
		kind = EVENT_NONE;
		if (step.action == ACTION_AWAIT)
			kind = EVENT_READY;
		if (step.action == ACTION_STOP)
			signals();
		if (step.action == ACTION_EXIT)
			w.at = LEAVES;
		if (step.action == ACTION_START)
			w.at = FORKS, w.role = RUN;
		if (step.action == ACTION_FINISH)
			w.at = FORKS, w.role = FINISH;
	}
}

/* run.c: run_ended() or finish.c: finish_ended() */
static void
hears_of_the_end(void)
{
	bool finish = state_of(&w.mind).phase == PHASE_FINISHING;

	w.mind.who = w.mind.adopted = w.mind.unsent = 0;
	feeds(finish ? EVENT_FINISHED : EVENT_DIED);
}

/* The child has executed, or there is none: process_start() returns. */
static void
returns(int slot, bool executed)
{
	bool ours = w.child[slot].ours;
	bool run = w.child[slot].role == RUN;

	if (ours) {
		w.at = LOOKS;
		w.mind.who = (uint8_t)(executed ? slot + 1 : 0);
	}
	if (!executed) {
		/* It is run again or not, as after an end. */
		if (run && w.wish == ONCE)
			w.wish = ANY;
		w.ran |= run;
		w.ended &= run;
		w.doubt |= !run;
		frees(slot);
	}
	w.child[slot].mind = (struct mind){0};
	if (ours && !executed)
		hears_of_the_end();
	else if (ours && run)
		feeds(EVENT_EXECUTED);
}

/* The world that the step made, and the next step begins again in now. */
static void happens(enum kind kind, char const *what);

/* A forked child, which has the memory that supervise had. */
static void
child_steps(int slot)
{
	enum life life = now.child[slot].life;

	if (life == FORKED)
		for (int i = 0; i < 4; i++) {
			bool born = i & 1, written = i & 2;

			w.child[slot].life = PUBLISHED;
			w.child[slot].born = born;
			w.child[slot].keeps =
			    !(written && born && now.child[slot].mind.boot) &&
			    fault != KEEPS_NO_LOCK;
			if (fault == PUBLISHES_LATE)
				w.child[slot].keeps = 0;
			else if (written)
				writes(&w.child[slot].mind);
			else
				w.stale = true;
			happens(born && written ? CALM : ROUGH,
			    !written ? "run.c: publish_child() cannot write"
			    : born   ? "run.c: publish_child()"
				     : "run.c: publish_child(), birth unknown");
		}
	if (life == PUBLISHED) {
		w.child[slot].life = EXECUTED;
		executes(slot);
		returns(slot, true);
		happens(CALM, "process.c: be_child() executes");
		w.child[slot].life = NOT_EXECUTED;
		happens(ROUGH, "process.c: be_child() cannot execute");
	}
	if (life == NOT_EXECUTED)
		for (int written = 1; written >= 0; written--) {
			w.child[slot].mind.who = 0;
			if (written && fault != NO_RECANT)
				writes(&w.child[slot].mind);
			else if (fault != NO_RECANT)
				w.stale = true;
			returns(slot, false);
			happens(written ? CALM : ROUGH,
			    written ? "process.c: be_child() recants"
				    : "process.c: be_child() cannot recant");
		}
	if (life == FORKED || life == PUBLISHED || life == NOT_EXECUTED) {
		w.doubt = true;
		returns(slot, false);
		happens(ROUGH, "kill -9 of the child");
	}
}

/* ./run or ./finish ends. */
static void
service_steps(int slot)
{
	bool run = now.child[slot].role == RUN;

	if (now.child[slot].life != EXECUTED)
		return;
	w.ended |= run;
	if (now.child[slot].ours)
		w.child[slot].life = ZOMBIE;
	else
		frees(slot);
	happens(now.child[slot].told || !run ? CALM : ROUGH,
	    run ? "./run ends" : "./finish ends");
}

/* adopt.c: adopt_all().  The report is its own, as it has the lock. */
static void
adopts(bool boot, bool blind)
{
	struct report left = now.disk;
	struct mind *m = &w.mind;
	bool finishing = left.word == NUMBER(words, "finishing");

	if (w.stale)
		lose();
	if (left.old && fault != NO_BOOT)
		left = (struct report){0};
	if (fault == NO_NEXT)
		left.next = left.want;
	if (fault == NO_FINISHING && finishing)
		left.word = NUMBER(words, "running");
	m->boot = boot;
	if (left.who && left.known && !blind) {
		/* process.c: process_adopt() */
		if (left.who == 1 || left.who == 2)
			m->who = left.who;
		else if (fault == NO_BIRTH || left.old)
			broken = "a stranger is adopted";
	}
	m->adopted = m->who != 0;
	m->unsent = m->who && left.unsent && fault != NO_UNSENT;
	w.at = m->who && !boot ? DEAD : BEGINS;
	set_state(m, state_resume((enum want)now.first, words[left.word],
			 wishes[left.want], wishes[left.next], left.who));
	if (w.at == DEAD)
		w.mind = now.mind;
}

/* adopt.c: adopt_begin() */
static void
begins(void)
{
	w.at = LOOKS;
	switch (state_of(&w.mind).phase) {
	case PHASE_DOWN:
	case PHASE_STARTING:
		break;
	case PHASE_WAITING:
		feeds(EVENT_RESTED);
		break;
	case PHASE_CLEARING:
		feeds(EVENT_CLEARED);
		break;
	case PHASE_UP:
	case PHASE_FINISHING:
		if (!w.mind.who)
			hears_of_the_end();
		else if (state_of(&w.mind).phase == PHASE_UP)
			feeds(EVENT_READY);
		break;
	}
}

/* process.c: process_start() */
static void
forks(void)
{
	int slot = now.child[0].life != NOBODY;

	w.child[slot].life = FORKED;
	w.child[slot].role = now.role;
	w.child[slot].ours = true;
	w.child[slot].mind = now.mind;
	w.child[slot].mind.who = (uint8_t)(slot + 1);
	w.at = SUSPENDED;
	happens(CALM, "process.c: process_start() forks");
	w.at = LOOKS;
	if (now.role == RUN)
		feeds(EVENT_FORK_FAILED);
	happens(ROUGH, "process.c: process_start() cannot fork");
}

/* supervise.c: read_control() and read_signals() */
static void
obeys(enum event_kind kind, uint8_t wish, char const *what)
{
	struct state s = state_of(&now.mind);

	for (int fails = 0; fails < 2; fails++) {
		signal_fails = fails;
		if (wish == AGAIN && s.want == WANT_ONCE)
			wish = ONCE;
		if (kind == EVENT_REPLACE)
			wish = now.last ? now.last : now.wish;
		if (kind == EVENT_REPLACE && wish == ONCE)
			wish = ANY;
		w.last = wish;
		if (wish == AGAIN || wish == ONCE)
			w.ran =
			    kind == EVENT_ONCE && state_alive(&s) && !s.again;
		feeds(kind);
		if (wish == ANEW)
			feeds(EVENT_EXIT);
		if (!fails || w.mind.unsent)
			happens(ROUGH, what);
		w = now;
		if (!fails)
			what = "supervise.c: send_signal() fails, of a letter";
	}
	signal_fails = false;
}

static void
letters(void)
{
	enum leave leave = state_of(&now.mind).leave;

	if (leave == LEAVE_EXIT)
		return;
	obeys(EVENT_UP, UP, "svc -u");
	obeys(EVENT_DOWN, DOWN, "svc -d");
	if (leave == LEAVE_NO) {
		obeys(EVENT_ONCE, ONCE, "svc -o");
		obeys(EVENT_RESTART, AGAIN, "svc -r");
		obeys(EVENT_REPLACE, 0, "USR1");
	}
	obeys(EVENT_DOWN, ANEW, "TERM");
}

/* Killed or not, it is dead, and what it had not published is forgotten. */
static void
dies(void)
{
	for (int i = 0; i < 2; i++) {
		w.child[i].ours = 0;
		if (w.child[i].life == ZOMBIE)
			frees(i);
	}
	/* Was it read in time? */
	if (w.last && is_up(w.last) && is_up(w.wish))
		w.wish = UP;
	else if (w.last && (w.last != w.wish || w.last == ONCE))
		w.wish = ANY;
	w.mind = (struct mind){0};
	w.at = DEAD;
	w.role = w.last = 0;
}

/* supervise.c: publish_all() */
static void
publishes(void)
{
	struct report r = report_of(&now.mind);
	bool leaves = now.at == LEAVES;
	bool news = memcmp(&r, &now.disk, sizeof r) != 0;

	if (news && (leaves || !now.stale)) {
		w.stale = true;
		if (leaves)
			dies();
		happens(ROUGH, "supervise.c: publish_all() cannot write");
	}
	if (news)
		writes(&now.mind);
	if (leaves)
		dies();
	if (news || leaves)
		happens(CALM, leaves ? "supervise.c: main() exits"
				     : "supervise.c: publish_all()");
}

/* supervise.c: main() */
static void
looks(void)
{
	struct mind const *m = &now.mind;
	struct state s = state_of(m);
	int slot = m->who == 1 || m->who == 2 ? m->who - 1 : -1;

	letters();
	publishes();
	if (slot != -1 && now.child[slot].life == ZOMBIE) {
		w.mind.who = 0;
		frees(slot);
		hears_of_the_end();
		happens(CALM, "supervise.c: reap()");
	}
	if (m->adopted && slot == -1) {
		hears_of_the_end();
		happens(CALM, "supervise.c: look_at_adopted()");
	}
	if (m->unsent) {
		signals();
		happens(CALM, "supervise.c: retry() signals");
	}
	if (s.phase == PHASE_CLEARING) {
		feeds(EVENT_CLEARED);
		happens(CALM, "finish.c: finish_clear()");
	}
	if (s.phase == PHASE_FINISHING && !m->who) {
		w.at = FORKS;
		w.role = FINISH;
		happens(CALM, "supervise.c: retry() forks for ./finish");
	}
	if (!state_alive(&s) && !s.rested) {
		feeds(EVENT_RESTED);
		happens(CALM, "supervise.c: pass_time()");
	}
}

static void
supervise_steps(void)
{
	switch ((enum at)now.at) {
	case DEAD:
		if (lock_is_held())
			break;
		w.at = READS;
		happens(CALM, "setup.c: setup_open()");
		break;
	case READS:
		adopts(true, false);
		happens(w.at == DEAD ? ROUGH : CALM, "adopt.c: adopt_all()");
		adopts(false, false);
		happens(ROUGH, "adopt.c: adopt_all() without the boot id");
		adopts(true, true);
		if (fault != UNKNOWN_IS_NONE)
			w = now, dies();
		happens(ROUGH, "adopt.c: adopt_all() cannot look");
		break;
	case BEGINS:
		if (state_of(&now.mind).phase == PHASE_WAITING)
			publishes();
		begins();
		happens(CALM, "adopt.c: adopt_begin()");
		break;
	case LOOKS:
		looks();
		break;
	case FORKS:
		forks();
		break;
	case LEAVES:
		publishes();
		break;
	case SUSPENDED:
		break;
	}
	if (now.at != DEAD) {
		dies();
		happens(ROUGH, "kill -9 of supervise");
	}
}

/* What others do: pids are used again, and the machine is booted. */
static void
other_steps(void)
{
	struct report left = now.disk;

	left.old = left.word != 0;
	left.who = left.who ? GONE : 0;
	for (int kept = 0; kept < 2; kept++) {
		w = (struct world){.first = now.first, .wish = ANEW};
		if (kept)
			w.disk = left;
		happens(ROUGH, kept ? "a boot" : "a boot, the report lost");
	}
}

static void
steps(void)
{
	supervise_steps();
	for (int i = 0; i < 2; i++) {
		child_steps(i);
		service_steps(i);
	}
	other_steps();
}

/* The search. */

#define WORLDS_MAX (1U << 22)
#define SLOTS	   (1U << 23)

static struct node {
	struct world world;
	uint32_t from; /* the world before */
	uint32_t calm; /* its first calm step, in calm_to */
	char const *step;
} * nodes;
static uint32_t *table, *calm_to;
static uint32_t nodes_len, calm_len, at_node;
static uint32_t end; /* of the story that shows what is broken */
static char const *wrong, *wrong_step;

static uint32_t
find(struct world const *world)
{
	uint64_t words_of[sizeof *world / 8 + 1] = {0};
	uint64_t hash = 0;

	memcpy(words_of, world, sizeof *world);
	for (size_t i = 0; i < sizeof words_of / 8; i++) {
		hash = (hash ^ words_of[i]) * 0x9e3779b97f4a7c15U;
		hash ^= hash >> 29;
	}
	for (;; hash++) {
		uint32_t at = table[hash % SLOTS];

		if (!at || memcmp(&nodes[at].world, world, sizeof *world) == 0)
			return (uint32_t)(hash % SLOTS);
	}
}

static void
happens(enum kind kind, char const *what)
{
	uint32_t slot;

	/* Worlds differ only in what matters. */
	w.ran &= w.wish == ONCE || w.wish == AGAIN || w.last;
	w.role = w.at == FORKS ? w.role : 0;
	slot = find(&w);
	if (!table[slot] && nodes_len < WORLDS_MAX) {
		table[slot] = nodes_len;
		nodes[nodes_len].world = w;
		nodes[nodes_len].from = at_node;
		nodes[nodes_len++].step = what;
	}
	if (kind == CALM)
		calm_to[calm_len++] = table[slot];
	if (broken && !wrong) {
		wrong = broken;
		wrong_step = what;
		end = at_node;
	}
	broken = NULL;
	w = now;
}

static void
tell(uint32_t node)
{
	if (nodes[node].from)
		tell(nodes[node].from);
	printf("#\t%s\n", nodes[node].step);
}

/*
 * Follow the calm steps alone: they must come to an end, all of them, and what
 * they end in must be right.  done is 1 on the way, 2 when it is known.
 * The steps of the worlds from at_node on are not made yet.
 */
static void
settle(uint32_t node, unsigned char *done)
{
	uint32_t i = nodes[node].calm, last = nodes[node + 1].calm;

	if (wrong || node >= at_node || done[node] == 2)
		return;
	if (done[node] == 1) {
		wrong = "it never comes to rest";
		wrong_step = "and so on";
		end = node;
		return;
	}
	done[node] = 1;
	if (i == last) {
		w = nodes[node].world;
		rests();
		wrong = broken;
		wrong_step = "that is all";
		broken = NULL;
		end = node;
	}
	for (; i < last; i++)
		settle(calm_to[i], done);
	done[node] = 2;
}

static void
settle_all(void)
{
	unsigned char *done = calloc(at_node, 1);

	nodes[at_node].calm = calm_len;
	for (uint32_t i = 1; i < at_node && !wrong; i++)
		settle(i, done);
	free(done);
}

/*
 * All that can happen: the number of worlds, and wrong.  Where a fault is to be
 * found, what does not settle as it should is looked for now and then, because
 * it shows long before the last world.
 */
static uint32_t
search(enum fault with)
{
	fault = with;
	wrong = NULL;
	nodes_len = 1;
	calm_len = 0;
	memset(table, 0, SLOTS * sizeof *table);
	at_node = 0;
	for (uint8_t first = WANT_UP; first <= WANT_DOWN; first += 2) {
		w = (struct world){.first = first, .wish = ANEW};
		happens(ROUGH, "begin");
	}
	for (at_node = 1; at_node < nodes_len && !wrong; at_node++) {
		if (fault != NO_FAULT && at_node % 65536 == 0)
			settle_all();
		now = w = nodes[at_node].world;
		nodes[at_node].calm = calm_len;
		steps();
	}
	settle_all();
	return nodes_len - 1;
}

int
main(int argc, char **argv)
{
	static char const *const names[FAULTS] = {
	    [NO_FAULT] = "adoption: nothing goes wrong",
	    [PUBLISHES_LATE] = "adoption: publishing after exec shows",
	    [DROPS_LOCK] = "adoption: a child without the lock shows",
	    [KEEPS_NO_LOCK] = "adoption: not keeping the lock shows",
	    [NO_BIRTH] = "adoption: a pid without its birth shows",
	    [NO_BOOT] = "adoption: a report of another boot shows",
	    [UNKNOWN_IS_NONE] = "adoption: taking unknown for none shows",
	    [NO_RECANT] = "adoption: an exec that failed in silence shows",
	    [NO_NEXT] = "adoption: forgetting what comes next shows",
	    [NO_FINISHING] = "adoption: forgetting that it ended shows",
	    [NO_UNSENT] = "adoption: forgetting a signal shows",
	};
	bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;

	nodes = calloc(WORLDS_MAX + 1, sizeof *nodes);
	table = calloc(SLOTS, sizeof *table);
	calm_to = calloc(WORLDS_MAX * 4, sizeof *calm_to);
	for (int i = 0; i < FAULTS; i++) {
		uint32_t worlds = search((enum fault)i);

		printf("# %u worlds\n", worlds);
		if (wrong && (verbose || i == NO_FAULT)) {
			printf("# %s:\n", wrong);
			tell(end);
			printf("#\t%s\n", wrong_step);
		}
		CHECK(worlds < WORLDS_MAX - 1);
		CHECK((wrong != NULL) == (i != NO_FAULT));
		unit_done(names[i]);
	}
	return unit_exit();
}
