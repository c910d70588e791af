/*
 * One service named to svc: reach its supervise, send the letters, and see
 * whether what is waited for has come.
 *
 * Looks at services by making their directories the current one; every function
 * here does, and leaves it that way.
 */
#ifndef SVC_SERVICE_H
#define SVC_SERVICE_H

#include <stdbool.h>

#include "supervise/client.h"
#include "svc/goal.h"
#include "svc/request.h"
#include "svc/wait.h"

enum service_state {
	SERVICE_NAMED,
	SERVICE_MET, /* its supervise has the letters, the goal is not reached
		      */
	SERVICE_DONE,
	/* trouble, with error where a system call is to blame; the first three
	 * may pass */
	SERVICE_NO_DIRECTORY,
	SERVICE_NO_CONTROL,
	SERVICE_NO_STATUS,
	SERVICE_NOT_SENT,
	SERVICE_DIED, /* its supervise */
	SERVICE_FAILED,
	SERVICE_TIMED_OUT
};

struct service {
	char const *name;
	enum service_state state;
	int error;
	bool is_over;	  /* the state is the last */
	bool changed;	  /* perhaps, since the last look at it */
	bool has_letters; /* its supervise */
	int directory;	  /* the rest, while SERVICE_MET: */
	int lifeline;	  /* POLLERR when supervise dies */
	int watch;	  /* an id of wait_change() */
	struct goal_view before;
};

/* What all services of a call have in common. */
struct service_call {
	struct request request;
	struct wait wait;
	struct client client;
};

struct service service_begin(char const *name);

/*
 * Send the letters and be done.  0; -1 errno: the starting directory is lost.
 */
int service_command(struct service *s, struct service_call *call);

/*
 * Look at a service and go on with it as far as that leads; what it has to wait
 * for is watched.  0; -1 errno: the starting directory is lost.
 */
int service_attend(struct service *s, struct service_call *call);

/* Wait no longer. */
void service_give_up(struct service *s);

#endif
