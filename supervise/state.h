/*
 * The life of one service as a pure function: a state, something that happens
 * to it, the next state and the one thing to be done now.  No system call, no
 * clock, no errno: whatever the world can do to supervise is an event, and
 * where it has a say (how long, which signal, is there a finish) the action
 * leaves it to the shell, which answers with an event.
 *
 * Facts that are independent of each other are separate fields.
 */
#ifndef SUPERVISE_STATE_H
#define SUPERVISE_STATE_H

#include <stdbool.h>

enum phase {
	PHASE_DOWN,	/* no process, none coming */
	PHASE_WAITING,	/* no process, one will start when rested */
	PHASE_STARTING, /* forked, ./run not executed yet */
	PHASE_UP,	/* ./run runs */
	PHASE_CLEARING, /* it has ended, what it left behind is being stopped */
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
	bool ready;	/* and has said so */
	bool paused;	/* stopped by a signal */
	bool term_sent; /* a stop signal or TERM was sent to it */
	bool failed;	/* given up until somebody wants it up again */
};

enum event_kind {
	EVENT_NONE,
	/* asked for, one letter each */
	EVENT_UP,
	EVENT_DOWN,
	EVENT_ONCE,
	EVENT_EXIT,
	EVENT_RESTART,
	EVENT_SIGNAL, /* send the event's signal, and nothing else */
	/* a signal to supervise: another one is about to take over */
	EVENT_REPLACE,
	/* the process */
	EVENT_FORK_FAILED,
	EVENT_EXECUTED, /* ./run has replaced the forked child */
	EVENT_READY,
	EVENT_UNREADY,
	EVENT_STOPPED,
	EVENT_CONTINUED,
	EVENT_DIED,	      /* the delay before the next start has begun */
	EVENT_DIED_TOO_OFTEN, /* and the restart limit is passed */
	EVENT_CLEARED,	      /* nothing of it is left behind that must go */
	EVENT_MOVED_AWAY,     /* the same, but the service is not over */
	EVENT_FINISHED,	      /* also when there is no ./finish */
	EVENT_GAVE_UP,	      /* ./finish has asked not to start it again */
	/* time */
	EVENT_RESTED,
	EVENT_KILL_DUE,
	EVENT_FINISH_DUE,
	EVENT_READY_DUE,
	EVENT_WATCHDOG_DUE,
	EVENT_COUNT
};

struct event {
	enum event_kind kind;
	int signal; /* of EVENT_SIGNAL */
};

/* An event without a signal. */
struct event state_event(enum event_kind kind);

enum action {
	ACTION_NONE,
	ACTION_START,  /* fork ./run: executed, died or fork-failed */
	ACTION_HURRY,  /* rested as soon as the second after a start is over */
	ACTION_AWAIT,  /* ready, at once or when the service says so */
	ACTION_KILL,   /* what has to be stopped has had its time */
	ACTION_SIGNAL, /* send the step's signal to the process */
	/*
	 * The stop signal, CONT so that a stopped process can hear it, and KILL
	 * after the time that the service has for it, or in any case.
	 */
	ACTION_STOP,
	ACTION_STOP_OR_KILL,
	ACTION_ABORT,  /* the same with ABRT */
	ACTION_WATCH,  /* the watchdog rests, or its time begins anew */
	ACTION_CLEAR,  /* stop what must go: cleared or moved-away */
	ACTION_FINISH, /* run ./finish if there is one: finished or gave-up */
	ACTION_KILL_FINISH,
	ACTION_FINAL, /* down for good, and not because somebody said so */
	ACTION_EXIT   /* leave; nothing follows */
};

struct step {
	struct state state;
	enum action action;
	int signal; /* of ACTION_SIGNAL */
};

/* Before anything has happened: down, rested, with the wish given. */
struct state state_begin(enum want want);

/* Total: every state and every event. */
struct step state_step(struct state state, struct event event);

/* Is there a process of ./run that a signal can be sent to? */
bool state_alive(struct state const *state);

/* Was it asked to stop, and is not to go on after all? */
bool state_stopping(struct state const *state);

/* The word for supervise/report. */
char const *state_word(struct state const *state);

/*
 * The word for what another supervise would go on with if this one were killed
 * now, once it finds no process, or "" if it would begin anew.  With a process
 * forked, a start has begun.
 */
char const *state_next_word(struct state const *state, bool forked);

/* The word for a wish, in supervise/report. */
char const *state_want_word(enum want want);

#endif
