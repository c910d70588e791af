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

static struct state states[STATES_MAX];
static size_t states_len;

static char const *const event_names[EVENT_COUNT] = {
    [EVENT_UP] = "u",
    [EVENT_DOWN] = "d",
    [EVENT_ONCE] = "o",
    [EVENT_EXIT] = "x",
    [EVENT_PAUSE] = "p",
    [EVENT_CONTINUE] = "c",
    [EVENT_HUP] = "h",
    [EVENT_ALRM] = "a",
    [EVENT_INT] = "i",
    [EVENT_TERM] = "t",
    [EVENT_KILL] = "k",
    [EVENT_QUIT] = "q",
    [EVENT_USR1] = "1",
    [EVENT_USR2] = "2",
    [EVENT_ABRT] = "b",
    [EVENT_REPLACE] = "replace",
    [EVENT_FORK_FAILED] = "fork-failed",
    [EVENT_EXECUTED] = "executed",
    [EVENT_DIED] = "died",
    [EVENT_STOPPED] = "stopped",
    [EVENT_CONTINUED] = "continued",
    [EVENT_RESTED] = "rested",
    [EVENT_ADOPTED] = "adopted",
};

static bool
same(struct state const *a, struct state const *b)
{
	return a->phase == b->phase && a->want == b->want &&
	       a->leave == b->leave && a->rested == b->rested &&
	       a->paused == b->paused && a->term_sent == b->term_sent;
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

static bool
does(struct step const *step, enum action_kind kind)
{
	for (int i = 0; i < step->actions_len; i++)
		if (step->actions[i].kind == kind)
			return true;
	return false;
}

static void
check_state(struct state const *s)
{
	if (!state_alive(s)) {
		CHECK(!s->paused);
		CHECK(!s->term_sent);
	}
	if (s->phase == PHASE_WAITING) {
		CHECK(!s->rested);
		CHECK(s->want != WANT_DOWN);
		CHECK(s->leave == LEAVE_NO);
	}
	CHECK(state_word(s)[0]);
}

static void
check_step(struct state const *before, enum event event)
{
	struct step step = state_step(*before, event);
	struct state const *after = &step.state;
	bool over = does(&step, ACTION_EXIT);

	CHECK(step.actions_len <= STEP_ACTIONS);
	if (does(&step, ACTION_START)) {
		CHECK(!state_alive(before) || event == EVENT_DIED);
		CHECK(before->rested || event == EVENT_RESTED);
		CHECK(before->leave == LEAVE_NO);
		CHECK(after->want != WANT_DOWN);
		CHECK(after->phase == PHASE_STARTING && !after->rested);
		CHECK(step.actions_len == 1);
	} else if (event != EVENT_ADOPTED) {
		CHECK(!state_alive(after) || state_alive(before));
	}
	if (does(&step, ACTION_SIGNAL))
		CHECK(state_alive(before));
	CHECK(over == (after->leave != LEAVE_NO && !state_alive(after)));
	CHECK(after->leave != LEAVE_NO || before->leave == LEAVE_NO);
	if (event == EVENT_DOWN) {
		CHECK(after->want == WANT_DOWN);
		CHECK(after->term_sent == state_alive(before));
	}
	if (!over)
		check_state(after);
}

/* Once the process can die, a service wanted down is down and stays it. */
static void
check_down_stays(struct state s)
{
	static enum event const no_wish[] = {EVENT_RESTED, EVENT_DIED,
	    EVENT_TERM, EVENT_CONTINUE, EVENT_FORK_FAILED, EVENT_EXECUTED};

	s = state_step(s, EVENT_DOWN).state;
	s = state_step(s, EVENT_DIED).state;
	CHECK(s.phase == PHASE_DOWN);
	for (size_t i = 0; i < sizeof no_wish / sizeof *no_wish; i++) {
		struct step step = state_step(s, no_wish[i]);

		CHECK(!does(&step, ACTION_START));
		s = step.state;
	}
	CHECK(s.phase == PHASE_DOWN);
}

/* A service wanted up is started once its process is dead and it is rested. */
static void
check_up_starts(struct state s)
{
	if (s.leave != LEAVE_NO)
		return;
	s = state_step(s, EVENT_UP).state;
	s = state_step(s, EVENT_DIED).state;
	s = state_step(s, EVENT_RESTED).state;
	CHECK(s.phase == PHASE_STARTING);
}

static void
walk(void)
{
	reach(state_begin(WANT_UP));
	reach(state_begin(WANT_ONCE));
	reach(state_begin(WANT_DOWN));
	for (size_t i = 0; i < states_len; i++) {
		check_down_stays(states[i]);
		check_up_starts(states[i]);
		for (int e = 0; e < EVENT_COUNT; e++) {
			struct step step = state_step(states[i], (enum event)e);

			check_step(&states[i], (enum event)e);
			if (!does(&step, ACTION_EXIT))
				reach(step.state);
		}
	}
	CHECK(states_len > 50);
	CHECK(states_len < STATES_MAX);
	unit_done("state: every reachable state, every event");
}

static char const *
signal_word(int signal)
{
	switch (signal) {
	case SIGTERM:
		return "TERM";
	case SIGCONT:
		return "CONT";
	case SIGSTOP:
		return "STOP";
	case SIGHUP:
		return "HUP";
	case SIGALRM:
		return "ALRM";
	case SIGINT:
		return "INT";
	case SIGKILL:
		return "KILL";
	case SIGQUIT:
		return "QUIT";
	case SIGUSR1:
		return "USR1";
	case SIGUSR2:
		return "USR2";
	case SIGABRT:
		return "ABRT";
	}
	return "?";
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
	fprintf(out, "%s want-%s%s%s%s%s", phase_word(s->phase),
	    state_want_word(s->want), leave_word(s->leave),
	    s->rested ? "" : " unrested", s->paused ? " paused" : "",
	    s->term_sent ? " term-sent" : "");
}

static void
print_step(FILE *out, struct state const *before, enum event event)
{
	struct step step = state_step(*before, event);

	if (same(before, &step.state) && step.actions_len == 0)
		return;
	print_state(out, before);
	fprintf(out, " | %s -> ", event_names[event]);
	print_state(out, &step.state);
	for (int i = 0; i < step.actions_len; i++)
		switch (step.actions[i].kind) {
		case ACTION_START:
			fprintf(out, ", start");
			break;
		case ACTION_SIGNAL:
			fprintf(
			    out, ", %s", signal_word(step.actions[i].signal));
			break;
		case ACTION_EXIT:
			fprintf(out, ", exit");
			break;
		}
	fprintf(out, "\n");
}

/* Every phase and wish in its plainest form; what is not here changes nothing.
 */
static void
print_table(FILE *out)
{
	for (int phase = PHASE_DOWN; phase <= PHASE_UP; phase++)
		for (int want = WANT_UP; want <= WANT_DOWN; want++) {
			struct state s = state_begin((enum want)want);

			s.phase = (enum phase)phase;
			s.rested = phase != PHASE_WAITING;
			if (phase == PHASE_WAITING && want == WANT_DOWN)
				continue;
			for (int e = 0; e < EVENT_COUNT; e++)
				print_step(out, &s, (enum event)e);
		}
	for (int leave = LEAVE_EXIT; leave <= LEAVE_REPLACE; leave++) {
		struct state s = state_begin(WANT_UP);

		s.phase = PHASE_UP;
		s.leave = (enum leave)leave;
		for (int e = 0; e < EVENT_COUNT; e++)
			print_step(out, &s, (enum event)e);
	}
}

static void
compare_table(char const *golden)
{
	static char got[1 << 16], want[1 << 16];
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

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--print") == 0) {
		print_table(stdout);
		return 0;
	}
	walk();
	compare_table("tests/unit/supervise/state.golden");
	return unit_exit();
}
