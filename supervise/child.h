/*
 * A process of a service, ./run or ./finish: started so that supervise may die
 * at any moment without a second one ever being started, and adopted by the
 * next supervise if that happens.
 *
 * A started child is parked: it executes nothing until child_go(), and ends by
 * itself if supervise dies before.  In between supervise publishes who it is.
 */
#ifndef SUPERVISE_CHILD_H
#define SUPERVISE_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct child {
	pid_t pid;     /* 0: there is none */
	uint64_t born; /* clock ticks since boot; 0 unknown */
	int link;      /* readable when exec has worked or failed, else -1 */
	int pidfd;     /* of an adopted one, readable at its death, else -1 */
	bool adopted;  /* somebody else reaps it */
};

#define CHILD_NONE ((struct child){.link = -1, .pidfd = -1})

struct child_plan {
	char const *const *argv; /* argv[0] is executed, in this directory */
	bool own_session;
	int lock_fd;		   /* closed at once in the child */
	int notify_fd;		   /* given to it as notify_as; -1: none */
	int notify_as;		   /* 3 or more */
	char const *notify_socket; /* NOTIFY_SOCKET, or null */
	uint32_t watchdog_ms;	   /* WATCHDOG_USEC and WATCHDOG_PID, or 0 */
};

enum child_exec { CHILD_PENDING, CHILD_EXECUTED, CHILD_FAILED };

/*
 * Fork a child that will execute the plan with default signal dispositions and
 * an empty mask.  0; -1 errno.
 */
int child_start(struct child *child, struct child_plan const *plan);

/* Let the parked child execute. */
void child_go(struct child *child);

/* Has it executed?  CHILD_FAILED sets *error to errno of what failed. */
enum child_exec child_executed(struct child *child, int *error);

/*
 * Adopt the process with this pid if it is the one born then.  1 adopted;
 * 0 it is gone, or the pid is another's now; -1 errno (no descriptor left).
 */
int child_adopt(struct child *child, pid_t pid, uint64_t born);

/* Does the adopted child live?  Without a pidfd it has to be asked. */
bool child_lives(struct child const *child);

/*
 * Waits a moment for an adopted child that may still be parked, and then ends
 * as soon as its supervise is dead.  True if it has ended.
 */
bool child_ends_soon(struct child const *child);

/*
 * To the process, or to its process group if it leads one.  Never signals a
 * process that has only inherited the pid.  0; -1 errno.
 */
int child_signal(struct child const *child, int signal, bool group);

/* It is dead and reaped, or a stranger: forget it and close what is open. */
void child_forget(struct child *child);

#endif
