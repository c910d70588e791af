/*
 * What svc -w waits for, and whether a service has come to it, or never will.
 * Pure: it is judged from two looks at the service, one before the letters were
 * sent and one now.
 */
#ifndef SVC_GOAL_H
#define SVC_GOAL_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "supervise/report.h"
#include "supervise/status.h"
#include "svc/request.h"

/* A look at a service. */
struct goal_view {
	bool detailed;	    /* there is a report: what is marked * is known */
	bool up;	    /* ./run runs, and is not being stopped */
	bool ready;	    /* and says so, if it ever does */
	bool process;	    /* it runs, or is being started */
	bool starting;	    /* * ./run has not been executed yet */
	bool finishing;	    /* ./finish runs */
	bool staying;	    /* it is down, and nobody is going to start it */
	bool failed;	    /* * staying, because supervise has given up */
	uint64_t attempts;  /* * to start it */
	uint64_t starts;    /* * that executed ./run */
	uint64_t deaths;    /* * */
	uint64_t supervise; /* * pid */
	struct timespec since; /* of the last change of pid */
};

/* The report's state may be "": daemontools and runit write none. */
struct goal_view goal_view(
    struct status const *status, struct report const *report);

enum goal_verdict {
	GOAL_WAITS,
	GOAL_REACHED,
	/* never, unless something else happens: */
	GOAL_NOT_STARTED, /* the start that was asked for has failed */
	GOAL_FAILED, /* the service has, and nobody has asked for a start */
	GOAL_DOWN    /* nothing was sent that starts what is down */
};

enum goal_verdict goal_judge(struct request const *request,
    struct goal_view const *before, struct goal_view const *now);

/* Is it down, or was it since, as far as the supervise of before goes? */
bool goal_was_down(struct goal_view const *before, struct goal_view const *now);

/* Does reaching it mean that the service is up? */
bool goal_is_up(struct request const *request);

#endif
