/*
 * One service named to svc: reach its supervise, send the letters, and see
 * whether what is waited for has come.
 *
 * A service is looked at by making its directory the current one; every
 * function here does, and leaves it that way.
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

/* What a service has that has not been reached. */
enum target_lack { LACKS_NOTHING, LACKS_DIRECTORY, LACKS_SUPERVISE };

struct target {
	char const *name;
	bool is_over;
	bool changed; /* perhaps, since the last look at it */
	/* How it has ended, or why it cannot be reached yet. */
	enum target_code code;
	char const *what; /* "unable to VERB", or null if all is well */
	int error;	  /* errno, or 0 and */
	char why[REPORT_TEXT_MAX];
	/* While it is waited for: */
	enum target_lack lack;
	bool has_letters; /* its supervise */
	bool has_before;  /* before is known */
	int directory;	  /* -1 until its supervise is reached */
	int ok;		  /* POLLERR when supervise exits */
	int watch;	  /* of wait_watch(); -1: look again soon */
	struct goal_view before;
};

/* What all services of a call have in common. */
struct target_call {
	struct request request;
	struct client client;
};

struct target target_begin(char const *name);

/*
 * Send the letters and be done.  0; -1 errno: the starting directory is lost.
 */
int target_command(struct target *t, struct target_call *call);

/*
 * Look at a service and go on with it as far as that leads; what it has to wait
 * for is watched.  0; -1 errno: the starting directory is lost.
 */
int target_attend(struct target *t, struct target_call *call);

/* Wait no longer. */
void target_give_up(struct target *t);

#endif
