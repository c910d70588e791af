/*
 * The walk: every state that any sequence of events can lead to, with every
 * event.  And the table of transitions, compared with state.golden, which is
 * reviewed against supervise(8); "state --print" writes it anew.
 */
#include "supervise/state.h"

#include <signal.h>
#include <stdint.h>

#include "tests/unit/unit.h"

#define STATES_MAX 4096
#define TERM	   EVENT_COUNT /* the one signal that the machine knows */
#define EVENTS	   (EVENT_COUNT + 1)

static struct state states[STATES_MAX];
static size_t states_len;

static char const *const event_names[EVENTS] = {
    [EVENT_UP] = "u",
    [EVENT_DOWN] = "d",
    [EVENT_ONCE] = "o",
    [EVENT_EXIT] = "x",
    [EVENT_RESTART] = "r",
    [EVENT_SIGNAL] = "signal",
    [EVENT_REPLACE] = "replace",
    [EVENT_FORK_FAILED] = "fork-failed",
    [EVENT_EXECUTED] = "executed",
    [EVENT_READY] = "ready",
    [EVENT_UNREADY] = "unready",
    [EVENT_STOPPED] = "stopped",
    [EVENT_CONTINUED] = "continued",
    [EVENT_DIED] = "died",
    [EVENT_DIED_TOO_OFTEN] = "died-too-often",
    [EVENT_CLEARED] = "cleared",
    [EVENT_MOVED_AWAY] = "moved-away",
    [EVENT_FINISHED] = "finished",
    [EVENT_GAVE_UP] = "gave-up",
    [EVENT_RESTED] = "rested",
    [EVENT_KILL_DUE] = "kill-due",
    [EVENT_READY_DUE] = "ready-due",
    [EVENT_WATCHDOG_DUE] = "watchdog-due",
    [TERM] = "signal TERM",
};

static bool
same(struct state const *a, struct state const *b)
{
	return a->phase == b->phase && a->want == b->want &&
	       a->leave == b->leave && a->rested == b->rested &&
	       a->again == b->again && a->ready == b->ready &&
	       a->paused == b->paused && a->term_sent == b->term_sent &&
	       a->failed == b->failed;
}

static bool
is_ending(struct state const *s)
{
	return s->phase == PHASE_CLEARING || s->phase == PHASE_FINISHING;
}

static void
reach(struct state state)
{
	for (size_t i = 0; i < states_len; i++)
		if (same(&states[i], &state))
			return;
	if (states_len < STATES_MAX)
		states[states_len++] = state;
}

/* A signal is USR1, which stands for all but TERM. */
static struct step
step_of(struct state s, enum event_kind kind)
{
	if (kind == TERM)
		return state_step(s, (struct event){EVENT_SIGNAL, SIGTERM});
	return state_step(s, (struct event){kind, SIGUSR1});
}

static bool
stops(enum action action)
{
	return action == ACTION_STOP || action == ACTION_STOP_OR_KILL ||
	       action == ACTION_ABORT;
}

static void
check_state(struct state const *s)
{
	if (!state_alive(s)) {
		CHECK(!s->ready);
		CHECK(!s->paused);
		CHECK(!s->term_sent);
	} else {
		CHECK(!s->rested);
	}
	if (s->phase == PHASE_WAITING) {
		CHECK(!s->rested);
		CHECK(!s->again);
		CHECK(s->want != WANT_DOWN);
		CHECK(s->leave == LEAVE_NO);
	}
	if (s->phase == PHASE_DOWN) {
		CHECK(!s->again);
		CHECK(s->want != WANT_UP || s->leave != LEAVE_NO);
	}
	if (s->failed) {
		CHECK(s->phase == PHASE_DOWN || is_ending(s));
		CHECK(s->phase != PHASE_DOWN || s->want == WANT_DOWN);
		CHECK(!s->again);
	}
	CHECK(state_word(s)[0]);
	CHECK(!state_stopping(s) || s->term_sent);
}

static void
check_start(
    struct state const *before, enum event_kind event, struct step *step)
{
	struct state const *after = &step->state;

	CHECK(!state_alive(before));
	CHECK(before->rested || event == EVENT_RESTED);
	CHECK(before->leave == LEAVE_NO);
	CHECK(after->want != WANT_DOWN);
	CHECK(after->phase == PHASE_STARTING && !after->rested);
	CHECK(!after->failed);
	/* Not while something of the last run is still there. */
	CHECK(!is_ending(before) || event == EVENT_FINISHED ||
	      event == EVENT_GAVE_UP);
}

/* A ./run that was executed is cleared up and finished once, then settled. */
static void
check_end(struct state const *before, enum event_kind event, struct step *step)
{
	bool dies = event == EVENT_DIED || event == EVENT_DIED_TOO_OFTEN;
	struct state const *after = &step->state;

	if (step->action == ACTION_CLEAR)
		CHECK(before->phase == PHASE_UP && dies);
	if (step->action == ACTION_FINISH)
		CHECK(before->phase == PHASE_CLEARING);
	if (dies && state_alive(before)) {
		CHECK(!after->rested);
		CHECK(before->phase != PHASE_UP ||
		      after->phase == PHASE_CLEARING);
	}
	if (step->action == ACTION_FINAL) {
		CHECK(after->phase == PHASE_DOWN);
		CHECK(after->failed || after->want == WANT_ONCE);
	}
}

static void
check_step(struct state const *before, enum event_kind event)
{
	struct step step = step_of(*before, event);
	struct state const *after = &step.state;
	bool over = (step.action == ACTION_EXIT);

	CHECK(event != EVENT_NONE || step.action == ACTION_NONE);
	if (step.action == ACTION_START)
		check_start(before, event, &step);
	else
		CHECK(!state_alive(after) || state_alive(before));
	check_end(before, event, &step);
	if (step.action == ACTION_KILL)
		CHECK(state_alive(before) || before->phase == PHASE_CLEARING ||
		      before->phase == PHASE_FINISHING);
	if (step.action == ACTION_SIGNAL || stops(step.action))
		CHECK(state_alive(before));
	/* Who stops is not expected to say that it is ready, or lives. */
	if (step.action == ACTION_STOP_OR_KILL || step.action == ACTION_ABORT)
		CHECK(!state_stopping(before));
	CHECK(step.action != ACTION_SIGNAL || event == EVENT_SIGNAL ||
	      event == TERM);
	CHECK((step.action == ACTION_AWAIT) ==
	      (after->phase == PHASE_UP && before->phase == PHASE_STARTING));
	CHECK(over == (after->leave != LEAVE_NO && !state_alive(after) &&
			  !is_ending(after)));
	CHECK(after->leave != LEAVE_NO || before->leave == LEAVE_NO);
	CHECK(!after->ready || after->phase == PHASE_UP);
	CHECK(event != EVENT_UNREADY || !after->ready);
	if (event == EVENT_DOWN) {
		CHECK(after->want == WANT_DOWN);
		CHECK(after->term_sent == state_alive(before));
	}
	if (!over)
		check_state(after);
}

/* Everything dies, everything is cleared, finish ends, time passes. */
static struct state
let_it_end(struct state s, bool *started)
{
	static enum event_kind const ends[] = {
	    EVENT_DIED, EVENT_CLEARED, EVENT_FINISHED, EVENT_RESTED};

	*started = false;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		struct step step = step_of(s, ends[i]);

		s = step.state;
		*started = *started || (step.action == ACTION_START);
	}
	return s;
}

/* Once the process can die, a service wanted down is down and stays it. */
static void
check_down_stays(struct state s)
{
	static enum event_kind const no_wish[] = {EVENT_RESTED, EVENT_DIED,
	    TERM, EVENT_SIGNAL, EVENT_FORK_FAILED, EVENT_EXECUTED, EVENT_READY,
	    EVENT_CLEARED, EVENT_FINISHED, EVENT_GAVE_UP};
	bool started;

	s = let_it_end(step_of(s, EVENT_DOWN).state, &started);
	CHECK(!started);
	CHECK(s.phase == PHASE_DOWN);
	for (size_t i = 0; i < sizeof no_wish / sizeof *no_wish; i++) {
		struct step step = step_of(s, no_wish[i]);

		CHECK(!(step.action == ACTION_START));
		s = step.state;
	}
	CHECK(s.phase == PHASE_DOWN);
}

/* Whoever asks for it to run gets one start, after whatever has to end first,
 * from down, from failed, and in the middle of an end. */
static void
check_wish_starts(struct state s, enum event_kind wish)
{
	struct step step;
	bool started;

	if (s.leave != LEAVE_NO || (state_alive(&s) && wish == EVENT_ONCE))
		return;
	step = step_of(s, wish);
	started = (step.action == ACTION_START);
	s = step.state;
	CHECK(!s.failed);
	/* Nobody who asks waits for a delay that is meant for crashes. */
	CHECK(s.phase != PHASE_WAITING || step.action == ACTION_HURRY);
	if (!started)
		s = let_it_end(s, &started);
	CHECK(started);
	CHECK(s.phase == PHASE_STARTING);
}

/* Failed means that nothing but a wish starts it. */
static void
check_failed_stays(struct state s)
{
	bool started;

	if (!s.failed)
		return;
	s = let_it_end(s, &started);
	CHECK(!started);
	CHECK(s.leave != LEAVE_NO || strcmp(state_word(&s), "failed") == 0);
}

/* A supervise that takes over starts it if this one would have. */
static void
check_next(struct state s)
{
	char const *next = state_next_word(&s, true);
	bool started;

	if (s.leave == LEAVE_EXIT)
		CHECK_STR(next, "");
	if (s.leave != LEAVE_NO)
		return;
	CHECK(strcmp(next, "down") == 0 ||
	      strcmp(next, state_want_word(s.want)) == 0);
	let_it_end(s, &started);
	CHECK(started == (strcmp(next, "down") != 0));
}

static void
walk(void)
{
	for (int want = WANT_UP; want <= WANT_DOWN; want++) {
		struct state s = state_begin((enum want)want);

		/* The first event of a supervise is a start. */
		if (want != WANT_UP)
			reach(s);
		else
			reach(step_of(s, EVENT_UP).state);
	}
	for (size_t i = 0; i < states_len; i++) {
		check_down_stays(states[i]);
		check_wish_starts(states[i], EVENT_UP);
		check_wish_starts(states[i], EVENT_ONCE);
		check_wish_starts(states[i], EVENT_RESTART);
		check_failed_stays(states[i]);
		check_next(states[i]);
		for (int e = 0; e < EVENTS; e++) {
			struct step step =
			    step_of(states[i], (enum event_kind)e);

			check_step(&states[i], (enum event_kind)e);
			if (!(step.action == ACTION_EXIT))
				reach(step.state);
		}
	}
	CHECK(states_len > 50);
	CHECK(states_len < STATES_MAX);
	unit_done("state: every reachable state, every event");
}

/* Every combination, reachable or not: the words are for people and programs
 * that know nothing of what is reachable. */
static void
check_words(struct state s)
{
	bool alive = s.phase == PHASE_STARTING || s.phase == PHASE_UP;
	bool stopping = alive && s.term_sent &&
			(s.want == WANT_DOWN || s.again || s.leave != LEAVE_NO);
	char const *word[] = {
	    [PHASE_DOWN] = s.failed ? "failed" : "down",
	    [PHASE_WAITING] = "backoff",
	    [PHASE_STARTING] = "starting",
	    [PHASE_UP] = stopping  ? "stopping"
			 : s.ready ? "ready"
				   : "running",
	    [PHASE_CLEARING] = "finishing",
	    [PHASE_FINISHING] = "finishing",
	};

	CHECK(state_alive(&s) == alive);
	CHECK(state_stopping(&s) == stopping);
	CHECK_STR(state_word(&s), word[s.phase]);
}

static void
words(void)
{
	struct state s = state_begin(WANT_ONCE);

	CHECK(s.phase == PHASE_DOWN && s.rested && s.want == WANT_ONCE);
	for (unsigned int bits = 0; bits < 6 * 3 * 3 * 16; bits++) {
		s.phase = (enum phase)(bits / 16 % 6);
		s.want = (enum want)(bits / 96 % 3);
		s.leave = (enum leave)(bits / 288);
		s.again = bits & 1;
		s.ready = bits & 2;
		s.term_sent = bits & 4;
		s.failed = bits & 8;
		check_words(s);
	}
	CHECK_STR(state_want_word(WANT_UP), "up");
	CHECK_STR(state_want_word(WANT_ONCE), "once");
	CHECK_STR(state_want_word(WANT_DOWN), "down");
	unit_done("state: its words");
}

/* A single run is owed until it has begun, and again after an interruption. */
static void
next_words(void)
{
	struct state s = state_begin(WANT_ONCE);

	for (int phase = PHASE_DOWN; phase <= PHASE_FINISHING; phase++) {
		bool waits = phase == PHASE_WAITING;
		bool begins = phase == PHASE_STARTING;

		s = state_begin(WANT_ONCE);
		s.phase = (enum phase)phase;
		CHECK_STR(state_next_word(&s, true), waits ? "once" : "down");
		CHECK_STR(state_next_word(&s, false),
		    waits || begins ? "once" : "down");
		s.again = true;
		CHECK_STR(state_next_word(&s, true), "once");
		s.again = false;
		s.leave = LEAVE_REPLACE;
		CHECK_STR(state_next_word(&s, true), "once");
		s.failed = true;
		CHECK_STR(state_next_word(&s, true), "down");
		s.leave = LEAVE_EXIT;
		CHECK_STR(state_next_word(&s, true), "");
	}
	unit_done("state: what the next supervise goes on with");
}

/* It is asked for while the last run ends, and supervise replaced before that:
 * neither an exit code of ./finish nor a limit is newer than the request. */
static void
restart_and_replace(void)
{
	static enum event_kind const life[] = {EVENT_UP, EVENT_EXECUTED,
	    EVENT_DIED, EVENT_CLEARED, EVENT_RESTART, EVENT_REPLACE,
	    EVENT_GAVE_UP};
	struct state s = state_begin(WANT_DOWN);

	for (size_t i = 0; i < sizeof life / sizeof *life; i++)
		s = step_of(s, life[i]).state;
	CHECK(s.leave == LEAVE_REPLACE && s.phase == PHASE_DOWN);
	CHECK_STR(state_next_word(&s, false), "up");
	unit_done("state: a restart outlives a replacement of supervise");
}

static char const *
phase_word(enum phase phase)
{
	switch (phase) {
	case PHASE_DOWN:
		return "down";
	case PHASE_WAITING:
		return "waiting";
	case PHASE_STARTING:
		return "starting";
	case PHASE_CLEARING:
		return "clearing";
	case PHASE_FINISHING:
		return "finishing";
	case PHASE_UP:
		break;
	}
	return "up";
}

static char const *
leave_word(enum leave leave)
{
	switch (leave) {
	case LEAVE_NO:
		return "";
	case LEAVE_EXIT:
		return " leaving";
	case LEAVE_REPLACE:
		break;
	}
	return " replaced";
}

static void
print_state(FILE *out, struct state const *s)
{
	bool rests = !s->rested && !state_alive(s) && s->phase != PHASE_WAITING;

	fprintf(out, "%s want-%s%s%s%s%s%s%s%s", phase_word(s->phase),
	    state_want_word(s->want), leave_word(s->leave),
	    rests ? " unrested" : "", s->again ? " again" : "",
	    s->ready ? " ready" : "", s->paused ? " paused" : "",
	    s->term_sent ? " term-sent" : "", s->failed ? " failed" : "");
}

static char const *
action_word(enum action action)
{
	switch (action) {
	case ACTION_START:
		return ", start";
	case ACTION_HURRY:
		return ", hurry";
	case ACTION_AWAIT:
		return ", await-ready";
	case ACTION_SIGNAL:
		return ", send-signal";
	case ACTION_KILL:
		return ", kill";
	case ACTION_STOP:
		return ", stop";
	case ACTION_STOP_OR_KILL:
		return ", stop-or-kill";
	case ACTION_ABORT:
		return ", abort";
	case ACTION_WATCH:
		return ", watch";
	case ACTION_CLEAR:
		return ", clear";
	case ACTION_FINISH:
		return ", finish";
	case ACTION_FINAL:
		return ", final";
	case ACTION_EXIT:
		return ", exit";
	case ACTION_NONE:
		break;
	}
	return "";
}

static void
print_step(FILE *out, struct state const *before, enum event_kind event)
{
	struct step step = step_of(*before, event);

	if (same(before, &step.state) && step.action == ACTION_NONE)
		return;
	print_state(out, before);
	fprintf(out, " | %s -> ", event_names[event]);
	print_state(out, &step.state);
	fprintf(out, "%s\n", action_word(step.action));
}

static struct state
plain(enum phase phase, enum want want)
{
	struct state s = state_begin(want);

	s.phase = phase;
	s.rested = phase == PHASE_DOWN;
	return s;
}

static void
print_row(FILE *out, struct state s)
{
	for (int e = 0; e < EVENTS; e++)
		print_step(out, &s, (enum event_kind)e);
	fprintf(out, "\n");
}

/* What a supervise begins with after another one, by the report of that. */
static void
print_resumed(FILE *out)
{
	static char const *const words[] = {
	    "down", "running", "stopping", "finishing", "failed"};
	static char const *const wants[] = {"up", "once", "down", ""};

	for (unsigned int n = 0; n < 5 * 2 * 4 * 4; n++) {
		char const *word = words[n / 32];
		char const *want = wants[n / 4 % 4], *next = wants[n % 4];
		bool forked = n / 16 % 2;
		struct state s =
		    state_resume(WANT_ONCE, word, want, next, forked);

		CHECK(s.rested == (s.phase == PHASE_DOWN));
		fprintf(out, "left %s%s want-%s next-%s -> ", word,
		    forked ? " with a process" : "", want, next);
		print_state(out, &s);
		fprintf(out, "\n");
	}
}

/*
 * Every phase and wish in its plainest form, then what leaving, stopping and
 * having failed change; an event that is not there changes nothing.
 */
static void
print_table(FILE *out)
{
	for (int phase = PHASE_DOWN; phase <= PHASE_FINISHING; phase++)
		for (int want = WANT_UP; want <= WANT_DOWN; want++) {
			bool settled =
			    phase == PHASE_DOWN || phase == PHASE_WAITING;

			if (settled &&
			    want == (phase == PHASE_DOWN ? (int)WANT_UP
							 : (int)WANT_DOWN))
				continue;
			print_row(
			    out, plain((enum phase)phase, (enum want)want));
		}
	for (int leave = LEAVE_EXIT; leave <= LEAVE_REPLACE; leave++) {
		struct state s = plain(PHASE_UP, WANT_UP);

		s.leave = (enum leave)leave;
		print_row(out, s);
		s.phase = PHASE_FINISHING;
		print_row(out, s);
	}
	struct state stopping = plain(PHASE_UP, WANT_DOWN);

	stopping.term_sent = true;
	print_row(out, stopping);
	struct state failed = plain(PHASE_DOWN, WANT_DOWN);

	failed.failed = true;
	print_row(out, failed);
	print_resumed(out);
}

static void
compare_table(char const *golden)
{
	static char got[1 << 17], want[1 << 17];
	FILE *file = fopen(golden, "r");
	FILE *out = fmemopen(got, sizeof got - 1, "w");

	CHECK(file && out);
	if (!file || !out)
		return;
	print_table(out);
	fclose(out);
	CHECK(fread(want, 1, sizeof want - 1, file) > 0);
	fclose(file);
	CHECK(strcmp(got, want) == 0);
	unit_done("state: the table of transitions");
}

/* What follows from the words of a report. */
static struct {
	enum want first;
	char const *word, *want, *next;
	bool forked;
	struct state is;
} const resumed[] = {
    /* a process */
    {WANT_DOWN, "running", "up", "up", true,
	{.phase = PHASE_UP, .want = WANT_UP}},
    {WANT_UP, "ready", "once", "down", true,
	{.phase = PHASE_UP, .want = WANT_ONCE}},
    {WANT_UP, "stopping", "down", "down", true,
	{.phase = PHASE_UP, .want = WANT_DOWN, .term_sent = true}},
    {WANT_UP, "stopping", "up", "up", true,
	{.phase = PHASE_UP, .want = WANT_UP, .term_sent = true, .again = true}},
    {WANT_UP, "stopping", "once", "down", true,
	{.phase = PHASE_UP, .want = WANT_ONCE, .term_sent = true}},
    {WANT_UP, "stopping", "once", "once", true,
	{.phase = PHASE_UP,
	    .want = WANT_ONCE,
	    .term_sent = true,
	    .again = true}},
    /* told to exit: what the directory says */
    {WANT_UP, "stopping", "down", "", true,
	{.phase = PHASE_UP, .want = WANT_UP, .term_sent = true, .again = true}},
    {WANT_DOWN, "stopping", "up", "", true,
	{.phase = PHASE_UP, .want = WANT_DOWN, .term_sent = true}},
    {WANT_ONCE, "running", "up", "upper", true,
	{.phase = PHASE_UP, .want = WANT_ONCE}},
    /* ./run has ended */
    {WANT_UP, "finishing", "up", "up", true,
	{.phase = PHASE_FINISHING, .want = WANT_UP}},
    {WANT_UP, "finishing", "down", "down", false,
	{.phase = PHASE_CLEARING, .want = WANT_DOWN}},
    {WANT_UP, "finishing", "once", "down", true,
	{.phase = PHASE_FINISHING, .want = WANT_ONCE}},
    {WANT_UP, "finishing", "once", "once", true,
	{.phase = PHASE_FINISHING, .want = WANT_ONCE, .again = true}},
    {WANT_UP, "finishing", "up", "down", false,
	{.phase = PHASE_CLEARING, .want = WANT_UP, .failed = true}},
    /* nothing runs */
    {WANT_UP, "down", "down", "down", false,
	{.phase = PHASE_DOWN, .want = WANT_DOWN, .rested = true}},
    {WANT_UP, "down", "once", "down", false,
	{.phase = PHASE_FINISHING, .want = WANT_ONCE}},
    {WANT_UP, "failed", "down", "down", false,
	{.phase = PHASE_FINISHING, .want = WANT_DOWN, .failed = true}},
    {WANT_DOWN, "backoff", "up", "up", false,
	{.phase = PHASE_WAITING, .want = WANT_UP}},
    {WANT_UP, "starting", "once", "once", false,
	{.phase = PHASE_WAITING, .want = WANT_ONCE}},
    {WANT_UP, "down", "up", "once", false,
	{.phase = PHASE_WAITING, .want = WANT_ONCE}},
    {WANT_UP, "finish", "up", "up", false,
	{.phase = PHASE_WAITING, .want = WANT_UP}},
    {WANT_DOWN, "finishings", "nothing", "up", false,
	{.phase = PHASE_WAITING, .want = WANT_UP}},
    {WANT_UP, "backoff", "up", "u", false,
	{.phase = PHASE_WAITING, .want = WANT_UP}},
    /* no report */
    {WANT_UP, "", "", "", false, {.phase = PHASE_WAITING, .want = WANT_UP}},
    {WANT_ONCE, "", "", "", false, {.phase = PHASE_WAITING, .want = WANT_ONCE}},
    {WANT_DOWN, "", "", "", false,
	{.phase = PHASE_DOWN, .want = WANT_DOWN, .rested = true}},
};

static void
resume(void)
{
	for (size_t i = 0; i < sizeof resumed / sizeof *resumed; i++) {
		struct state s = state_resume(resumed[i].first, resumed[i].word,
		    resumed[i].want, resumed[i].next, resumed[i].forked);

		if (!same(&s, &resumed[i].is))
			printf("# %s %s %s\n", resumed[i].word, resumed[i].want,
			    resumed[i].next);
		CHECK(same(&s, &resumed[i].is));
	}
	unit_done("state: what another supervise goes on with");
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--print") == 0) {
		print_table(stdout);
		return 0;
	}
	walk();
	words();
	next_words();
	restart_and_replace();
	resume();
	compare_table("tests/unit/supervise/state.golden");
	return unit_exit();
}
