/*
 * The life of one service as a pure function: a state, something that happens
 * to it, the next state and what is to be done.  No system call, no clock, no
 * errno: whatever the world can do to supervise is an event, and where it has
 * a say (how long, which signal, is there a finish) the action leaves it to
 * the shell, which answers with an event.
 *
 * Facts that are independent of each other are separate fields.
 */
#ifndef SUPERVISE_STATE_H
#define SUPERVISE_STATE_H

#include <stdbool.h>

enum phase {
	PHASE_DOWN,	 /* no process, none coming */
	PHASE_WAITING,	 /* no process, one will start when rested */
	PHASE_STARTING,	 /* forked, ./run not executed yet */
	PHASE_UP,	 /* ./run runs */
	PHASE_CLEARING,	 /* it has ended, what it left behind is being killed */
	PHASE_FINISHING, /* it has ended, ./finish runs */
};

enum want { WANT_UP, WANT_ONCE, WANT_DOWN };

/* Whether supervise ends when its service is down, and what the next
 * supervise of the directory does: begin anew, or go on with this wish. */
enum leave { LEAVE_NO, LEAVE_EXIT, LEAVE_REPLACE };

struct state {
	enum phase phase;
	enum want want;
	enum leave leave;
	bool rested;	/* the delay since the last start is over */
	bool again;	/* start once more after this end, whatever is wanted */
	bool executed;	/* this process has got as far as ./run */
	bool ready;	/* and has said so */
	bool paused;	/* stopped by a signal */
	bool term_sent; /* it was asked to end */
	bool failed;	/* given up until somebody wants it up again */
};

enum event {
	/* asked for, one letter each */
	EVENT_UP,
	EVENT_DOWN,
	EVENT_ONCE,
	EVENT_EXIT,
	EVENT_RESTART,
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
	/* the process */
	EVENT_FORK_FAILED,
	EVENT_EXECUTED, /* ./run has replaced the forked child */
	EVENT_READY,
	EVENT_UNREADY,
	EVENT_STOPPED,
	EVENT_CONTINUED,
	EVENT_DIED,
	EVENT_DIED_TOO_OFTEN, /* and the restart limit is passed */
	EVENT_CLEARED,	      /* nothing of it is left behind that must go */
	EVENT_FINISHED,	      /* also when there is no ./finish */
	EVENT_GAVE_UP,	      /* ./finish has asked not to start it again */
	/* left behind by an earlier supervise */
	EVENT_ADOPTED,
	EVENT_ADOPTED_FINISH,
	/* time */
	EVENT_RESTED,
	EVENT_KILL_DUE,
	EVENT_FINISH_DUE,
	EVENT_READY_DUE,
	EVENT_WATCHDOG_DUE,
	EVENT_COUNT
};

enum action_kind {
	ACTION_START,	   /* fork ./run */
	ACTION_SIGNAL,	   /* send the signal to the process */
	ACTION_STOP,	   /* send it the service's own stop signal */
	ACTION_KILL_LATER, /* EVENT_KILL_DUE if the service has a time for it */
	ACTION_KILL_SOON,  /* EVENT_KILL_DUE in any case */
	ACTION_REST,	   /* EVENT_RESTED when it may be started again */
	ACTION_CLEAR,	   /* kill what must go, EVENT_CLEARED */
	ACTION_FINISH,	   /* run ./finish if there is one, EVENT_FINISHED */
	ACTION_KILL_FINISH,
	ACTION_FINAL, /* down for good, and not because somebody said so */
	ACTION_EXIT   /* leave; nothing follows */
};

struct action {
	enum action_kind kind;
	int signal; /* of ACTION_SIGNAL */
};

#define STEP_ACTIONS 3

struct step {
	struct state state;
	int actions_len;
	struct action actions[STEP_ACTIONS]; /* in this order */
};

/* Before anything has happened: down, rested, with the wish given. */
struct state state_begin(enum want want);

/* Total: every state and every event. */
struct step state_step(struct state state, enum event event);

/* Is there a process of ./run that a signal can be sent to? */
bool state_alive(struct state const *state);

/* The word for supervise/report. */
char const *state_word(struct state const *state);

/* The word for a wish, in supervise/report. */
char const *state_want_word(enum want want);

#endif
