/*
 * The transition function.  state_step() is one row per event; the helpers
 * below it are the few things that can follow.
 *
 * Invariants (the tests walk every reachable state with every event):
 * a start only when there is no process; a signal only when there is one; a
 * service that is wanted down is started by nothing but a new wish; one start
 * between two EVENT_RESTED; once leaving, nothing is started any more.
 */
#include "supervise/state.h"

#include <signal.h>

struct state
state_begin(enum want want)
{
	return (struct state){
	    .phase = PHASE_DOWN, .want = want, .rested = true};
}

bool
state_alive(struct state const *state)
{
	return state->phase == PHASE_STARTING || state->phase == PHASE_UP;
}

static void
act(struct step *step, enum action_kind kind, int signal)
{
	step->actions[step->actions_len++] = (struct action){kind, signal};
}

static void
start(struct step *step)
{
	struct state *s = &step->state;

	if (!s->rested) {
		s->phase = PHASE_WAITING;
		return;
	}
	s->phase = PHASE_STARTING;
	s->rested = false;
	s->term_sent = false;
	act(step, ACTION_START, 0);
}

static void
wish(struct step *step, enum want want)
{
	step->state.want = want;
	if (step->state.phase == PHASE_DOWN && step->state.leave == LEAVE_NO)
		start(step);
}

static void
send(struct step *step, int signal)
{
	if (!state_alive(&step->state))
		return;
	act(step, ACTION_SIGNAL, signal);
	if (signal == SIGTERM)
		step->state.term_sent = true;
}

/* TERM, and CONT so that a stopped process can hear it. */
static void
terminate(struct step *step)
{
	send(step, SIGTERM);
	send(step, SIGCONT);
	step->state.paused = false;
}

static void
leave_if_down(struct step *step)
{
	if (state_alive(&step->state))
		return;
	step->state.phase = PHASE_DOWN;
	act(step, ACTION_EXIT, 0);
}

static void
down(struct step *step)
{
	step->state.want = WANT_DOWN;
	terminate(step);
	if (step->state.phase == PHASE_WAITING)
		step->state.phase = PHASE_DOWN;
}

static void
leave(struct step *step)
{
	step->state.leave = LEAVE_EXIT;
	leave_if_down(step);
}

static void
replace(struct step *step)
{
	struct state *s = &step->state;

	if (s->leave != LEAVE_NO)
		return;
	s->leave = LEAVE_REPLACE;
	/* A single run that is over is not run again by the successor. */
	if (s->want == WANT_ONCE && s->phase == PHASE_DOWN)
		s->want = WANT_DOWN;
	terminate(step);
	leave_if_down(step);
}

static void
died(struct step *step)
{
	struct state *s = &step->state;

	if (!state_alive(s))
		return;
	s->phase = PHASE_DOWN;
	s->paused = false;
	s->term_sent = false;
	if (s->leave != LEAVE_NO)
		act(step, ACTION_EXIT, 0);
	else if (s->want == WANT_UP)
		start(step);
}

static void
stopped(struct step *step, bool paused)
{
	if (state_alive(&step->state))
		step->state.paused = paused;
}

static void
pause_or_continue(struct step *step, int signal)
{
	stopped(step, signal == SIGSTOP);
	send(step, signal);
}

static void
rested(struct step *step)
{
	step->state.rested = true;
	if (step->state.phase == PHASE_WAITING)
		start(step);
}

static void
fork_failed(struct step *step)
{
	struct state *s = &step->state;

	if (s->phase != PHASE_STARTING)
		return;
	s->phase = s->want == WANT_DOWN ? PHASE_DOWN : PHASE_WAITING;
	s->rested = false;
	s->paused = false;
	s->term_sent = false;
	if (s->leave != LEAVE_NO)
		leave_if_down(step);
}

static void
adopted(struct step *step)
{
	if (!state_alive(&step->state))
		step->state.phase = PHASE_UP;
}

static void
executed(struct step *step)
{
	if (step->state.phase == PHASE_STARTING)
		step->state.phase = PHASE_UP;
}

struct step
state_step(struct state state, enum event event)
{
	struct step step = {.state = state};

	/* clang-format off */
	switch (event) {
	case EVENT_UP:		wish(&step, WANT_UP); break;
	case EVENT_DOWN:	down(&step); break;
	case EVENT_ONCE:	wish(&step, WANT_ONCE); break;
	case EVENT_EXIT:	leave(&step); break;
	case EVENT_PAUSE:	pause_or_continue(&step, SIGSTOP); break;
	case EVENT_CONTINUE:	pause_or_continue(&step, SIGCONT); break;
	case EVENT_HUP:		send(&step, SIGHUP); break;
	case EVENT_ALRM:	send(&step, SIGALRM); break;
	case EVENT_INT:		send(&step, SIGINT); break;
	case EVENT_TERM:	send(&step, SIGTERM); break;
	case EVENT_KILL:	send(&step, SIGKILL); break;
	case EVENT_QUIT:	send(&step, SIGQUIT); break;
	case EVENT_USR1:	send(&step, SIGUSR1); break;
	case EVENT_USR2:	send(&step, SIGUSR2); break;
	case EVENT_ABRT:	send(&step, SIGABRT); break;
	case EVENT_REPLACE:	replace(&step); break;
	case EVENT_FORK_FAILED:	fork_failed(&step); break;
	case EVENT_EXECUTED:	executed(&step); break;
	case EVENT_DIED:	died(&step); break;
	case EVENT_STOPPED:	stopped(&step, true); break;
	case EVENT_CONTINUED:	stopped(&step, false); break;
	case EVENT_RESTED:	rested(&step); break;
	case EVENT_ADOPTED:	adopted(&step); break;
	case EVENT_COUNT:	break;
	}
	/* clang-format on */
	return step;
}

char const *
state_word(struct state const *state)
{
	bool stopping = state->want == WANT_DOWN || state->leave != LEAVE_NO;

	switch (state->phase) {
	case PHASE_DOWN:
		return "down";
	case PHASE_WAITING:
		return "backoff";
	case PHASE_STARTING:
		return "starting";
	case PHASE_UP:
		break;
	}
	return stopping && state->term_sent ? "stopping" : "running";
}

char const *
state_want_word(enum want want)
{
	switch (want) {
	case WANT_UP:
		return "up";
	case WANT_ONCE:
		return "once";
	case WANT_DOWN:
		break;
	}
	return "down";
}
