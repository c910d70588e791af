/*
 * A process of a service, ./run or ./finish: started so that supervise may die
 * at any moment without a second one ever being started, and adopted by the
 * next supervise if that happens.
 *
 * A child says who it is, where the next supervise will look, before it
 * executes anything.  child_start() comes back when it has executed, or has
 * failed to.
 */
#ifndef SUPERVISE_CHILD_H
#define SUPERVISE_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct child {
	pid_t pid;     /* 0: there is none */
	uint64_t born; /* clock ticks since boot; 0 unknown */
	int pidfd;     /* of an adopted one, readable at its death, else -1 */
	bool adopted;  /* somebody else reaps it */
};

#define CHILD_NONE ((struct child){.pidfd = -1})

struct child_plan {
	char const *const *argv; /* argv[0] is executed, in this directory */
	char const **room;	 /* of child_room(), for its environment */
	bool own_session;
	mode_t mask;	/* its umask */
	int lock_fd;	/* stays open until it has executed */
	int control_fd; /* these show that supervise lives */
	int ok_fd;
	int notify_fd;		   /* given to it as notify_as; -1: none */
	int notify_as;		   /* 3 or more */
	char const *notify_socket; /* NOTIFY_SOCKET, or null */
	uint32_t watchdog_ms;	   /* WATCHDOG_USEC and WATCHDOG_PID, or 0 */
	/*
	 * Called in the child, which has our memory and descriptors of its own,
	 * when child.pid and child.born are known; and again with pid 0 when it
	 * could not execute.
	 */
	void (*publish)(void *data);
	void *data;
};

enum child_start { CHILD_EXECUTED, CHILD_NOT_EXECUTED, CHILD_NOT_FORKED };

/* Room for all environments of children, never freed; null: errno. */
char const **child_room(void);

/*
 * Start a child that executes the plan with default signal dispositions and an
 * empty mask.  If it has not been executed there is no child any more, and
 * *error is errno of what failed; EINTR if it was killed.
 */
enum child_start child_start(
    struct child *child, struct child_plan const *plan, int *error);

/*
 * Adopt the process with this pid if it is the one born then.  1 adopted;
 * 0 it is gone, or the pid is another's now; -1 errno (no descriptor left).
 */
int child_adopt(struct child *child, pid_t pid, uint64_t born);

/* Does the adopted child live?  Without a pidfd it has to be asked. */
bool child_lives(struct child const *child);

/*
 * To the process, or to its process group if it leads one.  Never signals a
 * process that has only inherited the pid.  0; -1 errno.
 */
int child_signal(struct child const *child, int signal, bool group);

/* It is dead and reaped, or a stranger: forget it and close what is open. */
void child_forget(struct child *child);

#endif
