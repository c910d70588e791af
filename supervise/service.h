/*
 * Everything that supervise knows about its service.  The modules that act on
 * a service (run, ready, finish, adopt) share this struct and return what
 * happens as an event; only supervise.c feeds events to the machine.
 */
#ifndef SUPERVISE_SERVICE_H
#define SUPERVISE_SERVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "supervise/options.h"
#include "supervise/process.h"
#include "supervise/publish.h"
#include "supervise/report.h"
#include "supervise/setup.h"
#include "supervise/state.h"
#include "supervise/timer.h"

#define SERVICE_RUN	 "./run"
#define SERVICE_FINISH	 "./finish"
#define SERVICE_RETRY_MS 1000 /* until what failed is tried again */
#define SERVICE_START_MS 1000 /* between two starts at least, by default */
#define SERVICE_KILL_MS	 5000 /* to stop, where timeout-kill does not say */

/* What the service says of itself is read here; -1: nothing. */
struct notify {
	int fifo;
	int socket;
};

#define NOTIFY_NONE ((struct notify){.fifo = -1, .socket = -1})

struct service {
	char const *name; /* in messages; its last part is for ./finish */
	struct setup setup;
	struct state state;
	struct process process;
	struct {
		struct report report; /* run_publish_all() fills in the rest */
		uint64_t ran_from_ms; /* of timer_now() */
	} facts;
	struct options options;
	struct policy policy;
	struct notify notify;
	struct timers timers;
	uint64_t excused;   /* until then, a death counts as asked for */
	uint64_t may_start; /* earliest time of a requested start */
	struct published status;
	struct published report;
	struct published final; /* the exit code that svscan takes over */
	char prefix;		/* of the letter being obeyed */
	bool deaf;	     /* what the adopted one says cannot be heard yet */
	uint64_t run_born;   /* ticks, of ./run */
	bool told;	     /* kill-mode all: the stop signal was sent */
	bool killing;	     /* the time to stop is over: KILL */
	pid_t denied;	     /* leftover that we warned we may not kill */
	bool looks_again;    /* at leftovers, in a moment */
	bool leftovers_said; /* the last run's were warned of */
	/* Why, if it is to be given up; null: the restart limit; "": an earlier
	 * supervise has said it. */
	char const *given_up;
	bool not_executed;	    /* ./run, at the last start */
	struct process_notes notes; /* who is below an adopted process */
	char complaints[OPTIONS_COMPLAINTS]; /* as warned of */
};

#endif
