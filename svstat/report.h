/*
 * What svstat knows of a service, and the text that it makes of it.  Pure: the
 * caller has looked, and says what time it is.
 */
#ifndef SVSTAT_REPORT_H
#define SVSTAT_REPORT_H

#include <stdbool.h>
#include <time.h>

#include <skalibs/stralloc.h>

#include "supervise/status.h"

/* How far the look at a service came.  The classic order of looking. */
enum report_stage {
	REPORT_CHDIR,
	REPORT_STAT_DOWN,
	REPORT_OPEN_OK,
	REPORT_OPEN_STATUS,
	REPORT_READ_STATUS,
	REPORT_NOT_RUNNING, /* supervised once, but not now */
	REPORT_COMPLETE
};

struct report {
	char const *name; /* of the service, as the user gave it */
	enum report_stage stage;
	int error; /* why it came no further than a stage before */
	/* REPORT_NOT_RUNNING */
	bool down_file;		   /* the service directory has a file down */
	struct status status;	   /* from here on: of REPORT_COMPLETE */
	pid_t pgid;		   /* of the process; -1 unknown */
	char text[REPORT_MAX + 1]; /* supervise/report, or "" without one */
};

/* Has it been seen that no supervise runs? */
bool report_is_unsupervised(struct report const *report);

/*
 * What went wrong: "unable to VERB OBJECT", with error to be put behind it, or
 * "supervise not running".  Null if nothing did.
 */
char const *report_trouble(struct report const *report);

/* Is the service's process there?  Its finish script does not count. */
bool report_is_up(struct report const *report);

/*
 * Append daemontools' line about the service, newline included; now is Unix
 * time.  0; -1 ENOMEM.
 */
int report_line(stralloc *out, struct report const *report, time_t now);

#endif
