/*
 * A process of a service, ./run or ./finish: started so that supervise may die
 * at any moment without a second one ever being started, and adopted by the
 * next supervise if that happens.
 *
 * A child says who it is, where the next supervise will look, before it
 * executes anything.  process_start() comes back when it has executed, or has
 * failed to.
 */
#ifndef SUPERVISE_PROCESS_H
#define SUPERVISE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "supervise/setup.h"

struct process {
	pid_t pid;     /* 0: there is none */
	uint64_t born; /* clock ticks since boot; 0 unknown */
	int pidfd;     /* of an adopted one, readable at its death, else -1 */
	bool adopted;  /* somebody else reaps it */
};

#define PROCESS_NOTES_MAX 64

#define PROCESS_NONE ((struct process){.pidfd = -1})

struct process_plan {
	char const *const *argv; /* argv[0] is executed, in this directory */
	bool own_session;
	/* Its umask; the lock, which stays open until it has executed, at
	 * least; control and ok, which show that supervise lives. */
	struct setup const *setup;
	int notify_fd;		   /* given to it as notify_as; -1: none */
	int notify_as;		   /* 3 or more */
	char const *notify_socket; /* NOTIFY_SOCKET, or null */
	uint32_t watchdog_ms;	   /* WATCHDOG_USEC and WATCHDOG_PID, or 0 */
	/*
	 * Called in the child, which has our memory and descriptors of its own,
	 * when child.pid and child.born are known; and again with pid 0 when it
	 * could not execute.  False, or born unknown: no supervise could adopt
	 * it, and it keeps the lock open for as long as it lives.
	 */
	bool (*publish)(void *data);
	void *data;
	/*
	 * What comes of it.  Volatile, as the child writes it into our memory,
	 * and to the compiler nothing that is written before _exit(2) is ever
	 * read.
	 */
	bool forked;
	int volatile error;
};

/*
 * Once, before all else: every signal gets its default disposition, whatever a
 * parent has left ignored, but for those that must not end or stop supervise.
 */
void process_signals(void);

/*
 * Start a child that executes the plan with default signal dispositions and an
 * empty mask.  0; or the error, EINTR if it was killed, and there is no child
 * any more: plan->forked tells whether there was one.
 */
int process_start(struct process *child, struct process_plan *plan);

/*
 * Adopt the process with this pid if it is the one born then.  1 adopted;
 * 0 it is gone, or the pid is another's now; -1 errno, it cannot be told.
 */
int process_adopt(struct process *child, pid_t pid, uint64_t born);

/*
 * Does the adopted child live?  1; 0 no; -1 errno, it cannot be told, which
 * does not happen with a pidfd.
 */
int process_lives(struct process const *child);

/* Its state: proc(5)'s letter, T when stopped, X when dead; 0 unknown. */
char process_state(pid_t pid);

/*
 * To the process, or to its process group if it leads one.  Never signals a
 * process that has only inherited the pid.  0; -1 errno.
 */
int process_signal(struct process const *child, int signal, bool group);

/* It is dead and reaped, or a stranger: forget it and close what is open. */
void process_forget(struct process *child);

/*
 * An error of a look at /proc: it is not there or not for us to see, and trying
 * again does not help.
 */
bool process_is_hidden(int error);

/*
 * The time of birth of a pid, or of ourselves if it is 0, in clock ticks since
 * boot; 0 unknown, errno.
 */
uint64_t process_born(pid_t pid);

/* The user of a process.  0; -1 errno. */
int process_user(pid_t pid, uid_t *uid);

/*
 * Is pid, or one of its ancestors, we or our child?  1; 0 no; -1 errno, it
 * cannot be told, as one of them is gone (ENOENT, ESRCH) or cannot be looked
 * at.  The child may be 0: none.
 */
int process_is_below(pid_t pid, pid_t child);

/*
 * Note who is below an adopted process, beside those that were noted before:
 * once their parents are dead they are children of somebody else, and nothing
 * else tells that they are left over.
 */
struct process_notes {
	int len;
	uint64_t of[PROCESS_NOTES_MAX]; /* time of birth and pid of each */
};

void process_note(struct process_notes *notes, pid_t ancestor);

/*
 * Which living processes are meant: children of ours, those noted, members of
 * the session (0: of none), and, if all are, whatever is below them or below
 * the process except.  That one is not meant itself.
 */
struct leftovers {
	struct process_notes const *notes;
	pid_t session;
	pid_t except; /* 0: none */
	bool all;
	uint64_t since; /* see count */
	/* found; 0 before: */
	int count;    /* those born at that time or later */
	int left;     /* those that may be signalled */
	pid_t denied; /* one that may not, or 0 */
	bool away;    /* one of those counted leads a session of its own */
};

/*
 * Find them, and send the signal to each unless it is 0.  0; -1 errno, who is
 * there cannot be told; ENOENT: there is no /proc.
 */
int process_leftovers(struct leftovers *found, int signal);

#endif
