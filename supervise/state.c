/*
 * The transition function.  next() is one row per event; the helpers above it
 * are the few things that can follow.
 *
 * Invariants (the tests walk every reachable state with every event): a start
 * only when there is no process; a signal only when there is one; a service
 * that is wanted down, or has failed, is started by nothing but a new wish;
 * finish once after each end of a ./run that was executed; once leaving,
 * nothing is started any more.
 */
#include "supervise/state.h"

#include <signal.h>

struct event
state_event(enum event_kind kind)
{
	return (struct event){.kind = kind};
}

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
is_idle(struct state const *s)
{
	return s->phase == PHASE_DOWN || s->phase == PHASE_WAITING;
}

static bool
is_ending(struct state const *s)
{
	return s->phase == PHASE_CLEARING || s->phase == PHASE_FINISHING;
}

/* At once if rested; a request does not wait for the whole delay. */
static enum action
start(struct state *s, bool asked)
{
	bool rested = s->rested;

	s->again = s->rested = false;
	s->phase = rested ? PHASE_STARTING : PHASE_WAITING;
	if (rested)
		return ACTION_START;
	return asked ? ACTION_HURRY : ACTION_NONE;
}

/* What follows when there is no process any more. */
static enum action
settle(struct state *s)
{
	s->phase = PHASE_DOWN;
	if (s->leave != LEAVE_NO)
		return ACTION_EXIT;
	if (s->failed) {
		s->want = WANT_DOWN;
		return ACTION_FINAL;
	}
	if (s->want == WANT_UP || s->again)
		return start(s, s->again);
	return s->want == WANT_ONCE ? ACTION_FINAL : ACTION_NONE;
}

/* Stop the process, or cancel the start that would come. */
static enum action
stop(struct state *s)
{
	if (s->phase == PHASE_WAITING)
		s->phase = PHASE_DOWN;
	s->term_sent = state_alive(s);
	return s->term_sent ? ACTION_STOP : ACTION_NONE;
}

/* It is wanted; and if it runs, a restart stops it first. */
static enum action
wish(struct state *s, enum want want, bool restart)
{
	s->want = want;
	s->failed = false;
	if (s->leave != LEAVE_NO)
		return ACTION_NONE;
	if (is_idle(s))
		return start(s, true);
	s->again |= restart || is_ending(s);
	return restart ? stop(s) : ACTION_NONE;
}

static enum action
leave(struct state *s, enum leave how)
{
	s->leave = how;
	if (!is_idle(s))
		return ACTION_NONE;
	s->phase = PHASE_DOWN;
	return ACTION_EXIT;
}

static enum action
replace(struct state *s)
{
	bool over = s->phase == PHASE_DOWN || (is_ending(s) && !s->again);

	if (s->leave != LEAVE_NO)
		return ACTION_NONE;
	/* The successor must not repeat a single run that is over. */
	if (s->want == WANT_ONCE && over)
		s->want = WANT_DOWN;
	if (leave(s, LEAVE_REPLACE) == ACTION_EXIT)
		return ACTION_EXIT;
	return stop(s);
}

static enum action
died(struct state *s, bool too_often)
{
	bool executed = s->phase == PHASE_UP;

	if (!state_alive(s))
		return ACTION_NONE;
	s->ready = s->paused = s->term_sent = false;
	s->failed = too_often && !s->again && s->want == WANT_UP;
	if (!executed)
		return settle(s);
	s->phase = PHASE_CLEARING;
	return ACTION_CLEAR;
}

static enum action
fork_failed(struct state *s)
{
	if (s->phase != PHASE_STARTING)
		return ACTION_NONE;
	s->paused = s->term_sent = s->again = false;
	if (s->want == WANT_DOWN || s->leave != LEAVE_NO)
		return settle(s);
	s->phase = PHASE_WAITING;
	return ACTION_NONE;
}

/* A service that moved away still runs; another start would make two. */
static enum action
cleared(struct state *s, bool moved_away)
{
	if (s->phase != PHASE_CLEARING)
		return ACTION_NONE;
	s->failed |= moved_away && !s->again && s->want == WANT_UP;
	s->phase = PHASE_FINISHING;
	return ACTION_FINISH;
}

static enum action
finished(struct state *s, bool gave_up)
{
	if (s->phase != PHASE_FINISHING)
		return ACTION_NONE;
	/* A request made while ./finish ran is newer than its exit code. */
	s->failed |= gave_up && !s->again;
	return settle(s);
}

/* What the event does to the state, and what is to be done. */
static enum action
next(struct state *s, struct event event)
{
	bool alive = state_alive(s);

	/* clang-format off */
	switch (event.kind) {
	case EVENT_NONE:		break;
	case EVENT_UP:			return wish(s, WANT_UP, false);
	case EVENT_DOWN:
		s->want = WANT_DOWN;
		s->again = false;
		return stop(s);
	case EVENT_ONCE:		return wish(s, WANT_ONCE, false);
	case EVENT_EXIT:		return leave(s, LEAVE_EXIT);
	case EVENT_RESTART:
		return wish(s, s->want == WANT_ONCE ? WANT_ONCE : WANT_UP, true);
	case EVENT_SIGNAL:
		s->term_sent |= alive && event.signal == SIGTERM;
		return alive ? ACTION_SIGNAL : ACTION_NONE;
	case EVENT_REPLACE:		return replace(s);
	case EVENT_FORK_FAILED:		return fork_failed(s);
	case EVENT_EXECUTED:
		if (s->phase != PHASE_STARTING)
			break;
		s->phase = PHASE_UP;
		return ACTION_AWAIT;
	case EVENT_READY:		s->ready = s->phase == PHASE_UP; break;
	case EVENT_UNREADY:		s->ready = false; break;
	case EVENT_STOPPED:
	case EVENT_CONTINUED:
		s->paused = alive && event.kind == EVENT_STOPPED;
		return alive ? ACTION_WATCH : ACTION_NONE;
	case EVENT_DIED:		return died(s, false);
	case EVENT_DIED_TOO_OFTEN:	return died(s, true);
	case EVENT_CLEARED:		return cleared(s, false);
	case EVENT_MOVED_AWAY:		return cleared(s, true);
	case EVENT_FINISHED:		return finished(s, false);
	case EVENT_GAVE_UP:		return finished(s, true);
	case EVENT_RESTED:
		s->rested = !alive;
		return s->phase == PHASE_WAITING ? start(s, false) : ACTION_NONE;
	case EVENT_KILL_DUE:
		return alive || is_ending(s) ? ACTION_KILL : ACTION_NONE;
	case EVENT_READY_DUE:
		return alive && !s->ready && !state_stopping(s) ? ACTION_STOP_OR_KILL
								: ACTION_NONE;
	case EVENT_WATCHDOG_DUE:
		/* One that is paused or stopping need not send WATCHDOG=1. */
		if (alive && (s->paused || state_stopping(s)))
			return ACTION_WATCH;
		return alive ? ACTION_ABORT : ACTION_NONE;
	case EVENT_COUNT:		break;
	}
	/* clang-format on */
	return ACTION_NONE;
}

struct step
state_step(struct state state, struct event event)
{
	struct step step = {.state = state};

	step.action = next(&step.state, event);
	return step;
}

char const *
state_word(struct state const *state)
{
	static char const *const words[] = {
	    [PHASE_DOWN] = "down",
	    [PHASE_WAITING] = "backoff",
	    [PHASE_STARTING] = "starting",
	    [PHASE_CLEARING] = "finishing",
	    [PHASE_FINISHING] = "finishing",
	};

	if (state->phase == PHASE_DOWN && state->failed)
		return "failed";
	if (state->phase != PHASE_UP)
		return words[state->phase];
	return state_stopping(state) ? "stopping"
	       : state->ready	     ? "ready"
				     : "running";
}

char const *
state_want_word(enum want want)
{
	static char const *const words[] = {
	    [WANT_UP] = "up", [WANT_ONCE] = "once", [WANT_DOWN] = "down"};

	return words[want];
}

char const *
state_next_word(struct state const *state, bool forked)
{
	bool owed = state->again || state->phase == PHASE_WAITING ||
		    (state->phase == PHASE_STARTING && !forked);

	if (state->leave == LEAVE_EXIT)
		return "";
	/* A single run that is interrupted is run again. */
	owed = owed || state->leave == LEAVE_REPLACE;
	if (state->failed || (state->want == WANT_ONCE && !owed))
		return state_want_word(WANT_DOWN);
	return state_want_word(state->want);
}

static bool
same(char const *a, char const *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

/* False if it is no wish. */
static bool
scan_want(enum want *want, char const *word)
{
	for (enum want i = WANT_UP; i <= WANT_DOWN; i++)
		if (same(word, state_want_word(i))) {
			*want = i;
			return true;
		}
	return false;
}

struct state
state_resume(enum want first, char const *word, char const *want_word,
    char const *next_word, bool forked)
{
	struct state s = state_begin(first);
	enum want next = first;

	/* No next: begin anew; who was told to leave had stopped it. */
	if (scan_want(&next, next_word))
		scan_want(&s.want, want_word);
	if (same(word, "finishing")) {
		s.phase = forked ? PHASE_FINISHING : PHASE_CLEARING;
		s.again = s.want == WANT_ONCE && next == WANT_ONCE;
		s.failed = s.want == WANT_UP && next == WANT_DOWN;
	} else if (forked) {
		s.phase = PHASE_UP;
		s.term_sent = same(word, "stopping");
		s.again = s.term_sent && next != WANT_DOWN;
	} else if (next == WANT_DOWN) {
		/* Down for good is what it becomes once more, if it was. */
		s.failed = same(word, "failed");
		if (s.failed || s.want == WANT_ONCE)
			s.phase = PHASE_FINISHING;
	} else {
		s.want = next;
		s.phase = PHASE_WAITING;
	}
	s.rested = s.phase == PHASE_DOWN;
	return s;
}
