/*
 * What the kernel tells of processes, from /proc: who a pid is, and which
 * processes a service has left behind.  Where there is no /proc nothing is
 * known, and nothing is done to a process that is not our child.
 */
#ifndef SUPERVISE_PROC_H
#define SUPERVISE_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct proc {
	char state; /* proc(5): Z and X are dead */
	pid_t parent;
	pid_t session;
	uint64_t born; /* clock ticks since boot */
};

/* 0; -1 when there is no such process, or no /proc. */
int proc_read(struct proc *proc, pid_t pid);

/* Its time of birth; 0 unknown. */
uint64_t proc_born(pid_t pid);

/* Is pid, or one of its ancestors, this process? */
bool proc_is_below(pid_t pid, pid_t ancestor);

/* pidfd_open(2), close-on-exec; -1 errno, ENOSYS where there is none. */
int proc_open(pid_t pid);

/* Signal the process that a pidfd means.  0; -1 errno. */
int proc_signal(int pidfd, int signal);

/*
 * The living processes that are children of ours or belong to this session
 * (0: none), but not the process except.  With a signal, send it to each.
 * How many there are; -1 errno, /proc cannot be read.
 */
int proc_leftovers(pid_t session, pid_t except, int signal);

#endif
