/*
 * What svstat knows about a service, and daemontools' line about it.  Pure: the
 * caller looks, and passes the time.
 */
#ifndef SVSTAT_VIEW_H
#define SVSTAT_VIEW_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "supervise/report.h"
#include "supervise/status.h"
#include "svstat/text.h"

/* How far the look at a service came, in the order of 0.76. */
enum view_stage {
	VIEW_CHDIR,
	VIEW_STAT_DOWN,
	VIEW_OPEN_OK,
	VIEW_OPEN_STATUS,
	VIEW_READ_STATUS,
	VIEW_NOT_RUNNING, /* supervise has exited */
	VIEW_COMPLETE
};

struct view {
	char const *name; /* of the service, as printed */
	enum view_stage stage;
	int error;	      /* why it came no further */
	bool down_file;	      /* the service directory has a file down */
	struct status status; /* from here on, if VIEW_COMPLETE */
	pid_t pgid;	      /* of the process; -1 unknown */
	struct report report; /* its state is "" without one */
};

/* Is ./run running? */
bool view_is_up(struct view const *view);

/* What went wrong: "unable to VERB OBJECT: WORDS", or "supervise not running".
 * False if nothing did. */
bool view_trouble(char words[REPORT_TEXT_MAX], struct view const *view);

/* Append daemontools' line, newline included; now is Unix time. */
void view_line(struct text *text, struct view const *view, time_t now);

#endif
