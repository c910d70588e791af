/*
 * What has to be done for one service and its logger now, from the facts
 * alone.  Pure: no system call, no clock, no global.
 */
#ifndef SVSCAN_PLAN_H
#define SVSCAN_PLAN_H

#include <stdbool.h>

/* One of the two supervises of a service, its own and its logger's. */
struct plan_side {
	bool alive;
	bool told;  /* the one alive has been given its order to end */
	bool again; /* the last one did not end well while it was being taken
		       down, and may have left something running */
};

struct plan_facts {
	bool catchall; /* the log service: it is all logger */
	bool listed;   /* the directory is there */
	bool leaving;  /* it is being taken down */
	bool logged;   /* the directory has log/run */
	struct plan_side service, logger;
	bool piped;   /* the service alive prints into the pipe */
	bool writing; /* we hold the pipe open for writing */
	bool unread;  /* the logger has ended before its pipe, and may be tried
			 once more */
};

enum plan_action {
	PLAN_START_LOGGER = 1,
	PLAN_START_SERVICE = 2,
	PLAN_REPLACE_SERVICE = 4, /* its output must go elsewhere */
	PLAN_STOP_SERVICE = 8,
	PLAN_END_LOGGER = 16,  /* let it go when it has seen its input's end */
	PLAN_END_WRITING = 32, /* let it see that */
	PLAN_FORGET = 64
};

/* The actions, or-ed together, to be done in the order of the enum. */
unsigned int plan_next(struct plan_facts const *facts);

/* Must a service that is started now print into the pipe? */
bool plan_needs_pipe(struct plan_facts const *facts);

#endif
