/*
 * The life of one service as a pure function: from a state and an event to the
 * next state and one action.  There is no system call, no clock and no errno in
 * it.  Whatever can happen to supervise is an event; what the machine cannot
 * know (how long, which signal, is there a ./finish) the caller decides when it
 * carries out the action, and it answers with an event.
 *
 * Facts that are independent of each other are separate fields.
 */
#ifndef SUPERVISE_STATE_H
#define SUPERVISE_STATE_H

#include <stdbool.h>

enum phase {
	PHASE_DOWN,	 /* no process, and none will be started */
	PHASE_WAITING,	 /* no process; one starts when rested */
	PHASE_STARTING,	 /* forked, but ./run is not executed yet */
	PHASE_UP,	 /* ./run runs */
	PHASE_CLEARING,	 /* ./run has ended; its leftovers are stopped */
	PHASE_FINISHING, /* ./run has ended; ./finish runs */
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
	bool again;	/* one more start was requested */
	bool ready;	/* the service is ready */
	bool paused;	/* stopped by a signal */
	bool term_sent; /* a stop signal or TERM was sent to it */
	bool failed;	/* gave up; only a new request starts it */
};

enum event_kind {
	EVENT_NONE,
	/* control letters */
	EVENT_UP,
	EVENT_DOWN,
	EVENT_ONCE,
	EVENT_EXIT,
	EVENT_RESTART,
	EVENT_SIGNAL, /* every letter that only sends a signal */
	/* supervise got USR1: another one will take over */
	EVENT_REPLACE,
	/* the process */
	EVENT_FORK_FAILED,
	EVENT_EXECUTED, /* ./run has replaced the forked child */
	EVENT_READY,
	EVENT_UNREADY,
	EVENT_STOPPED,
	EVENT_CONTINUED,
	EVENT_DIED,	      /* the delay before the next start begins */
	EVENT_DIED_TOO_OFTEN, /* and it exceeds the restart limit */
	EVENT_CLEARED,	      /* no leftovers that must be stopped */
	EVENT_MOVED_AWAY,     /* the same, but the service lives on elsewhere */
	EVENT_FINISHED,	      /* ./finish has ended, or there is none */
	EVENT_GAVE_UP,	      /* ./finish has exited 125 */
	/* time */
	EVENT_RESTED,
	EVENT_KILL_DUE,
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
	ACTION_HURRY,  /* cut the delay to the second after a start */
	ACTION_AWAIT,  /* ready, at once or later */
	ACTION_KILL,   /* KILL what has not ended in time */
	ACTION_SIGNAL, /* send the event's signal to the process */
	/*
	 * The stop signal, CONT so that a stopped process can hear it, and KILL
	 * after the time that the service has for it, or in any case.
	 */
	ACTION_STOP,
	ACTION_STOP_OR_KILL,
	ACTION_ABORT,  /* the same with ABRT */
	ACTION_WATCH,  /* restart the watchdog, or stop it if paused */
	ACTION_CLEAR,  /* stop the leftovers: cleared or moved-away */
	ACTION_FINISH, /* run ./finish if there is one: finished or gave-up */
	ACTION_FINAL,  /* down for good, but nobody asked for it */
	ACTION_EXIT    /* supervise exits */
};

struct step {
	struct state state;
	enum action action;
};

/* Before anything has happened: down, rested, with the wish given. */
struct state state_begin(enum want want);

/* Total: every state and every event. */
struct step state_step(struct state state, struct event event);

/* Is there a process of ./run that a signal can be sent to? */
bool state_alive(struct state const *state);

/* Has it been asked to stop, and not been asked to go on since? */
bool state_stopping(struct state const *state);

/* The word for supervise/report. */
char const *state_word(struct state const *state);

/*
 * The word for what another supervise would go on with if this one were killed
 * now, once it finds no process, or "" if it would begin anew.  With a process
 * forked, a start has begun.
 */
char const *state_next_word(struct state const *state, bool forked);

/*
 * The state to go on with where another supervise was killed, from the words
 * that it published, and whether it named a process.  first is what the service
 * directory says of a first start.
 */
struct state state_resume(enum want first, char const *word,
    char const *want_word, char const *next_word, bool forked);

/* The word for a wish, in supervise/report. */
char const *state_want_word(enum want want);

#endif
