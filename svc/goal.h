/*
 * What svc -w waits for, and whether a service is there, or never will be.
 * Pure: it compares two looks at the service, one before the letters were sent
 * and one now.
 */
#ifndef SVC_GOAL_H
#define SVC_GOAL_H

#include <stdbool.h>

#include "supervise/report.h"
#include "supervise/status.h"
#include "svc/request.h"

/* A look at a service. */
struct goal_view {
	bool up;	/* ./run is running, and is not being stopped */
	bool ready;	/* up and ready */
	bool process;	/* ./run is running or being started */
	bool finishing; /* ./finish is running */
	bool staying;	/* down, and supervise will not start it */
	struct report report;
};

/* What client_read() has read. */
struct goal_view goal_view(
    struct status const *status, struct report const *report);

enum goal_verdict {
	GOAL_WAITS,
	GOAL_REACHED,
	/* It never will be, unless somebody does something: */
	GOAL_NOT_STARTED, /* the start that was asked for has failed */
	GOAL_FAILED,	  /* supervise has given up */
	GOAL_DOWN	  /* the letters do not start it, or it was stopped */
};

enum goal_verdict goal_judge(struct request const *request,
    struct goal_view const *before, struct goal_view const *now);

/* Is the service down, or has it been since the look before? */
bool goal_was_down(struct goal_view const *before, struct goal_view const *now);

#endif
