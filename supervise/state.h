/*
 * The life of one service as a pure function: a state, something that happens
 * to it, the next state and what is to be done.  No system call, no clock, no
 * errno: whatever the world can do to supervise is an event.
 *
 * Facts that are independent of each other are separate fields.  "rested" is
 * the one-start-a-second rule: a start clears it, EVENT_RESTED sets it.
 */
#ifndef SUPERVISE_STATE_H
#define SUPERVISE_STATE_H

#include <stdbool.h>

enum phase {
	PHASE_DOWN,	/* no process, none coming */
	PHASE_WAITING,	/* no process, one will start when rested */
	PHASE_STARTING, /* forked, ./run not executed yet */
	PHASE_UP	/* ./run runs */
};

enum want { WANT_UP, WANT_ONCE, WANT_DOWN };

/* Whether supervise ends when its service is down, and what the next
 * supervise of the directory does: begin anew, or go on with this wish. */
enum leave { LEAVE_NO, LEAVE_EXIT, LEAVE_REPLACE };

struct state {
	enum phase phase;
	enum want want;
	enum leave leave;
	bool rested;
	bool paused;
	bool term_sent; /* since the process was started */
};

enum event {
	/* asked for, one letter each */
	EVENT_UP,
	EVENT_DOWN,
	EVENT_ONCE,
	EVENT_EXIT,
	EVENT_PAUSE,
	EVENT_CONTINUE,
	EVENT_HUP,
	EVENT_ALRM,
	EVENT_INT,
	EVENT_TERM,
	EVENT_KILL,
	EVENT_QUIT,
	EVENT_USR1,
	EVENT_USR2,
	EVENT_ABRT,
	/* a signal to supervise: another one is about to take over */
	EVENT_REPLACE,
	/* met by the shell */
	EVENT_FORK_FAILED,
	EVENT_EXECUTED, /* ./run has replaced the forked child */
	EVENT_DIED,	/* the process; never executed if still starting */
	EVENT_STOPPED,
	EVENT_CONTINUED,
	EVENT_RESTED,
	EVENT_ADOPTED, /* a process that an earlier supervise left behind */
	EVENT_COUNT
};

enum action_kind {
	ACTION_START,  /* fork ./run, and EVENT_RESTED when it may be again */
	ACTION_SIGNAL, /* send the signal to the process */
	ACTION_EXIT    /* leave; nothing follows */
};

struct action {
	enum action_kind kind;
	int signal; /* of ACTION_SIGNAL */
};

#define STEP_ACTIONS 2

struct step {
	struct state state;
	int actions_len;
	struct action actions[STEP_ACTIONS]; /* in this order */
};

/* Before anything has happened: down, rested, with the wish given. */
struct state state_begin(enum want want);

/* Total: every state and every event. */
struct step state_step(struct state state, enum event event);

/* Is there a process that a signal can be sent to? */
bool state_alive(struct state const *state);

/* The word for supervise/report. */
char const *state_word(struct state const *state);

/* The word for a wish, in supervise/report. */
char const *state_want_word(enum want want);

#endif
