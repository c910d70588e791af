/*
 * What svstat knows of a service, and the text that it makes of it.  Pure: the
 * caller has looked, and says what time it is.
 */
#ifndef SVSTAT_VIEW_H
#define SVSTAT_VIEW_H

#include <stdbool.h>
#include <time.h>

#include <skalibs/stralloc.h>

#include "supervise/report.h"
#include "supervise/status.h"

/* How far the look at a service came.  The classic order of looking. */
enum view_stage {
	VIEW_CHDIR,
	VIEW_STAT_DOWN,
	VIEW_OPEN_OK,
	VIEW_OPEN_STATUS,
	VIEW_READ_STATUS,
	VIEW_NOT_RUNNING, /* supervised once, but not now */
	VIEW_COMPLETE
};

struct view {
	char const *name; /* of the service, as the user gave it */
	enum view_stage stage;
	int error; /* why it came no further than a stage before */
	/* VIEW_NOT_RUNNING */
	bool down_file;	      /* the service directory has a file down */
	struct status status; /* from here on: of VIEW_COMPLETE */
	pid_t pgid;	      /* of the process; -1 unknown */
	struct report report; /* its state is "" without one */
};

/* Has it been seen that no supervise runs? */
bool view_is_unsupervised(struct view const *view);

/*
 * What went wrong: "unable to VERB OBJECT", with error to be put behind it, or
 * "supervise not running".  Null if nothing did.
 */
char const *view_trouble(struct view const *view);

/* Is the service's process there?  Its finish script does not count. */
bool view_is_up(struct view const *view);

/*
 * Append daemontools' line about the service, newline included; now is Unix
 * time.  0; -1 ENOMEM.
 */
int view_line(stralloc *out, struct view const *view, time_t now);

#endif
