/*
 * The transition function.  state_step() is one row per event; the helpers
 * above it are the few things that can follow.
 *
 * Invariants (the tests walk every reachable state with every event): a start
 * only when there is no process; a signal only when there is one; a service
 * that is wanted down, or has failed, is started by nothing but a new wish;
 * finish once after each end of a ./run that was executed; once leaving,
 * nothing is started any more.
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

bool
state_stopping(struct state const *state)
{
	return state_alive(state) && state->term_sent &&
	       (state->want == WANT_DOWN || state->again ||
		   state->leave != LEAVE_NO);
}

static bool
ending(struct state const *state)
{
	return state->phase == PHASE_CLEARING ||
	       state->phase == PHASE_FINISHING;
}

static void
forget_process(struct state *s)
{
	s->executed = s->ready = s->paused = s->term_sent = false;
}

/* Now, or as soon as it is rested: whoever asked for it does not wait long. */
static void
start(struct step *step, bool asked)
{
	struct state *s = &step->state;

	s->failed = false;
	s->again = false;
	s->phase = s->rested ? PHASE_STARTING : PHASE_WAITING;
	if (s->rested)
		step->action = ACTION_START;
	else if (asked)
		step->action = ACTION_HURRY;
	s->rested = false;
}

/* There is no process any more: what next? */
static void
settle(struct step *step)
{
	struct state *s = &step->state;

	s->phase = PHASE_DOWN;
	if (s->leave != LEAVE_NO) {
		step->action = ACTION_EXIT;
	} else if (s->failed) {
		s->want = WANT_DOWN;
		step->action = ACTION_FINAL;
	} else if (s->want == WANT_UP || s->again) {
		start(step, s->again);
	} else if (s->want == WANT_ONCE) {
		step->action = ACTION_FINAL;
	}
}

static void
wish(struct step *step, enum want want)
{
	struct state *s = &step->state;

	s->want = want;
	s->failed = false;
	if (s->leave != LEAVE_NO)
		return;
	if (s->phase == PHASE_DOWN || s->phase == PHASE_WAITING)
		start(step, true);
	else if (ending(s))
		s->again = true;
}

static void
send(struct step *step, int signal)
{
	if (!state_alive(&step->state))
		return;
	step->action = ACTION_SIGNAL;
	step->signal = signal;
	if (signal == SIGTERM)
		step->state.term_sent = true;
}

static void
stop(struct step *step)
{
	if (!state_alive(&step->state))
		return;
	step->state.term_sent = true;
	step->action = ACTION_STOP;
}

static void
down(struct step *step)
{
	struct state *s = &step->state;

	s->want = WANT_DOWN;
	s->again = false;
	stop(step);
	if (s->phase == PHASE_WAITING)
		s->phase = PHASE_DOWN;
}

static void
restart(struct step *step)
{
	struct state *s = &step->state;

	if (s->leave != LEAVE_NO)
		return;
	if (s->want == WANT_DOWN)
		s->want = WANT_UP;
	s->failed = false;
	stop(step);
	if (s->phase == PHASE_DOWN || s->phase == PHASE_WAITING)
		start(step, true);
	else
		s->again = true;
}

static void
leave_if_down(struct step *step)
{
	struct state *s = &step->state;

	s->again = false;
	if (s->phase != PHASE_DOWN && s->phase != PHASE_WAITING)
		return;
	s->phase = PHASE_DOWN;
	step->action = ACTION_EXIT;
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
	bool over = s->phase == PHASE_DOWN || (ending(s) && !s->again);

	if (s->leave != LEAVE_NO)
		return;
	s->leave = LEAVE_REPLACE;
	/* A single run that is over is not run again by the successor. */
	if (s->want == WANT_ONCE && over)
		s->want = WANT_DOWN;
	stop(step);
	leave_if_down(step);
}

static void
died(struct step *step, bool too_often)
{
	struct state *s = &step->state;
	bool executed = s->executed;

	if (!state_alive(s))
		return;
	forget_process(s);
	s->failed = too_often && !s->again && s->want == WANT_UP;
	s->rested = false;
	if (!executed) {
		settle(step);
		return;
	}
	s->phase = PHASE_CLEARING;
	step->action = ACTION_CLEAR;
}

static void
finished(struct step *step, bool gave_up)
{
	struct state *s = &step->state;

	if (s->phase != PHASE_FINISHING)
		return;
	/* A wish that came while finish ran is newer than its answer. */
	if (gave_up && !s->again)
		s->failed = true;
	settle(step);
}

static void
stopped(struct step *step, bool paused)
{
	if (!state_alive(&step->state))
		return;
	step->state.paused = paused;
	step->action = ACTION_WATCH;
}

static void
rested(struct step *step)
{
	step->state.rested = !state_alive(&step->state);
	if (step->state.phase == PHASE_WAITING)
		start(step, false);
}

static void
fork_failed(struct step *step)
{
	struct state *s = &step->state;

	if (s->phase != PHASE_STARTING)
		return;
	forget_process(s);
	s->again = false;
	if (s->want == WANT_DOWN || s->leave != LEAVE_NO)
		settle(step);
	else
		s->phase = PHASE_WAITING;
}

static void
executed(struct step *step)
{
	struct state *s = &step->state;

	if (s->phase == PHASE_STARTING) {
		s->phase = PHASE_UP;
		s->executed = true;
		step->action = ACTION_AWAIT;
	}
}

static void
ready(struct step *step, bool is)
{
	step->state.ready = is && step->state.phase == PHASE_UP;
}

/* It lives but does not do what a living service does. */
static void
ready_due(struct step *step)
{
	struct state const *s = &step->state;

	if (state_alive(s) && !s->ready && !state_stopping(s))
		step->action = ACTION_STOP_OR_KILL;
}

static void
watchdog_due(struct step *step)
{
	struct state const *s = &step->state;

	if (state_alive(s))
		step->action = s->paused || state_stopping(s) ? ACTION_WATCH
							      : ACTION_ABORT;
}

static void
finish_due(struct step *step)
{
	if (step->state.phase == PHASE_FINISHING)
		step->action = ACTION_KILL_FINISH;
}

/* What has moved away runs on: starting it again would double it. */
static void
cleared(struct step *step, bool moved_away)
{
	struct state *s = &step->state;

	if (s->phase != PHASE_CLEARING)
		return;
	if (moved_away && !s->again && s->want == WANT_UP)
		s->failed = true;
	s->phase = PHASE_FINISHING;
	step->action = ACTION_FINISH;
}

static void
kill_due(struct step *step)
{
	if (state_alive(&step->state) || step->state.phase == PHASE_CLEARING)
		step->action = ACTION_KILL;
}

struct step
state_step(struct state state, struct event event)
{
	struct step step = {.state = state};

	/* clang-format off */
	switch (event.kind) {
	case EVENT_NONE:		break;
	case EVENT_UP:			wish(&step, WANT_UP); break;
	case EVENT_DOWN:		down(&step); break;
	case EVENT_ONCE:		wish(&step, WANT_ONCE); break;
	case EVENT_EXIT:		leave(&step); break;
	case EVENT_RESTART:		restart(&step); break;
	case EVENT_SIGNAL:		send(&step, event.signal); break;
	case EVENT_REPLACE:		replace(&step); break;
	case EVENT_FORK_FAILED:		fork_failed(&step); break;
	case EVENT_EXECUTED:		executed(&step); break;
	case EVENT_READY:		ready(&step, true); break;
	case EVENT_UNREADY:		ready(&step, false); break;
	case EVENT_STOPPED:		stopped(&step, true); break;
	case EVENT_CONTINUED:		stopped(&step, false); break;
	case EVENT_DIED:		died(&step, false); break;
	case EVENT_DIED_TOO_OFTEN:	died(&step, true); break;
	case EVENT_CLEARED:		cleared(&step, false); break;
	case EVENT_MOVED_AWAY:		cleared(&step, true); break;
	case EVENT_FINISHED:		finished(&step, false); break;
	case EVENT_GAVE_UP:		finished(&step, true); break;
	case EVENT_RESTED:		rested(&step); break;
	case EVENT_KILL_DUE:		kill_due(&step); break;
	case EVENT_FINISH_DUE:		finish_due(&step); break;
	case EVENT_READY_DUE:		ready_due(&step); break;
	case EVENT_WATCHDOG_DUE:	watchdog_due(&step); break;
	case EVENT_COUNT:		break;
	}
	/* clang-format on */
	return step;
}

char const *
state_word(struct state const *state)
{
	switch (state->phase) {
	case PHASE_DOWN:
		return state->failed ? "failed" : "down";
	case PHASE_WAITING:
		return "backoff";
	case PHASE_STARTING:
		return "starting";
	case PHASE_CLEARING:
	case PHASE_FINISHING:
		return "finishing";
	case PHASE_UP:
		break;
	}
	if (state_stopping(state))
		return "stopping";
	return state->ready ? "ready" : "running";
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

char const *
state_next_word(struct state const *state, bool forked)
{
	bool owed = state->again || state->phase == PHASE_WAITING ||
		    (state->phase == PHASE_STARTING && !forked);

	switch (state->leave) {
	case LEAVE_EXIT:
		return "";
	case LEAVE_REPLACE:
		/* A single run that is interrupted is run again. */
		owed = true;
		break;
	case LEAVE_NO:
		break;
	}
	if (state->failed || (state->want == WANT_ONCE && !owed))
		return state_want_word(WANT_DOWN);
	return state_want_word(state->want);
}
