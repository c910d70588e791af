/*
 * One service named to svc: reach its supervise, send the letters, and judge
 * whether the wait is over.
 *
 * Every function here may change the current directory.
 */
#ifndef SVC_TARGET_H
#define SVC_TARGET_H

#include <stdbool.h>

#include "supervise/client.h"
#include "svc/goal.h"
#include "svc/request.h"

enum target_code {
	CODE_DONE = 0,
	CODE_TIMED_OUT = 1,
	CODE_NOT_SUPERVISED = 102,
	CODE_TROUBLE = 111
};

/* What is missing of a service that svc cannot reach. */
enum target_lack { LACKS_NOTHING, LACKS_DIRECTORY, LACKS_SUPERVISE };

struct target {
	char const *name;
	bool is_over;
	bool changed; /* perhaps, since the last look */
	/* How it ended, or why supervise cannot be reached yet: */
	enum target_code code;
	char const *what; /* "unable to VERB"; null if all is well */
	int error;	  /* errno; if 0, why says it */
	char why[REPORT_TEXT_MAX];
	/* While svc waits for it: */
	enum target_lack lack;
	bool has_before; /* before is known */
	int directory;	 /* -1 until supervise is reached */
	int ok;		 /* POLLERR when supervise exits */
	int watch;	 /* of wait_watch(); -1: look again soon */
	struct goal_view before;
};

/* What all services have in common. */
struct target_call {
	struct request request;
	struct client client;
};

struct target target_begin(char const *name);

/*
 * Send the letters and be done.  0; -1 errno: svc cannot return to its starting
 * directory.
 */
int target_command(struct target *t, struct target_call *call);

/*
 * Look at a service, go on with it as far as possible, and watch what to wait
 * for.  0; -1 errno, as target_command().
 */
int target_attend(struct target *t, struct target_call *call);

/* Stop waiting for it. */
void target_give_up(struct target *t);

#endif
