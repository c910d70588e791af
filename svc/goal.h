/*
 * What svc -w waits for, and whether a service is there, or never will be.
 * Pure: it compares two looks at the service, one before the letters were sent
 * and one now.
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
	bool detailed;	       /* there is a report; without, * is unknown */
	bool up;	       /* ./run is running, and is not being stopped */
	bool ready;	       /* up and ready */
	bool process;	       /* ./run is running or being started */
	bool starting;	       /* * ./run has not been executed yet */
	bool finishing;	       /* ./finish is running */
	bool staying;	       /* down, and supervise will not start it */
	bool failed;	       /* * staying: supervise has given up */
	uint64_t attempts;     /* * to start it */
	uint64_t starts;       /* * that executed ./run */
	uint64_t deaths;       /* * */
	uint64_t supervise;    /* * pid */
	struct timespec since; /* of the last change of pid */
};

/* The report's state may be "": daemontools and runit write none. */
struct goal_view goal_view(
    struct status const *status, struct report const *report);

enum goal_verdict {
	GOAL_WAITS,
	GOAL_REACHED,
	/* It never will be, unless somebody does something: */
	GOAL_NOT_STARTED, /* the start that was asked for has failed */
	GOAL_FAILED,	  /* supervise has given up, and no letter starts it */
	GOAL_DOWN	  /* it is down, and the letters do not start it */
};

enum goal_verdict goal_judge(struct request const *request,
    struct goal_view const *before, struct goal_view const *now);

/* Is the service down, or has it been since the look before? */
bool goal_was_down(struct goal_view const *before, struct goal_view const *now);

/* Does -w wait for the service to be up? */
bool goal_is_up(struct request const *request);

#endif
