/*
 * A pid read from /proc may be another's by the time it is used: whoever is
 * to be signalled is held by a pidfd first and looked at again then.
 */
#include "supervise/proc.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/direntry.h>
#include <skalibs/djbunix.h>
#include <skalibs/types.h>

#define STAT_MAX      1024
#define ANCESTORS_MAX 100

/* The n-th field of a proc(5) stat text, where the third is the first after
 * the name in parentheses, which may hold anything. */
static char const *
field(char const *text, int n)
{
	char const *at = strrchr(text, ')');

	for (int i = 2; at && i < n; i++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return at ? at : "";
}

int
proc_read(struct proc *proc, pid_t pid)
{
	char path[sizeof "/proc//stat" + PID_FMT] = "/proc/";
	char text[STAT_MAX];
	size_t n = strlen(path);
	ssize_t len;
	int fd;

	n += pid_fmt(path + n, pid);
	memcpy(path + n, "/stat", sizeof "/stat");
	fd = openc_read(path);
	if (fd == -1)
		return -1;
	/* All that fits comes at once. */
	len = fd_read(fd, text, sizeof text - 1);
	fd_close(fd);
	if (len <= 0)
		return -1;
	text[len] = 0;
	proc->state = *field(text, 3);
	if (!pid_scan(field(text, 4), &proc->parent) ||
	    !pid_scan(field(text, 6), &proc->session) ||
	    !uint64_scan(field(text, 22), &proc->born))
		return -1;
	return 0;
}

uint64_t
proc_born(pid_t pid)
{
	struct proc proc;

	return proc_read(&proc, pid) == 0 ? proc.born : 0;
}

bool
proc_is_below(pid_t pid, pid_t ancestor)
{
	struct proc proc;

	for (int i = 0; pid > 0 && i < ANCESTORS_MAX; i++) {
		if (pid == ancestor)
			return true;
		if (proc_read(&proc, pid) == -1)
			return false;
		pid = proc.parent;
	}
	return false;
}

int
proc_open(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
	errno = ENOSYS;
	return -1;
#endif
}

int
proc_signal(int pidfd, int signal)
{
#ifdef SYS_pidfd_send_signal
	return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
#else
	(void)pidfd;
	(void)signal;
	errno = ENOSYS;
	return -1;
#endif
}

static bool
is_leftover(pid_t pid, pid_t session)
{
	struct proc proc;

	if (proc_read(&proc, pid) == -1 || proc.state == 'Z' ||
	    proc.state == 'X')
		return false;
	return proc.parent == getpid() || (session && proc.session == session);
}

static void
signal_leftover(pid_t pid, pid_t session, int signal)
{
	int pidfd = proc_open(pid);

	if (pidfd == -1) {
		kill(pid, signal);
		return;
	}
	if (is_leftover(pid, session))
		proc_signal(pidfd, signal);
	fd_close(pidfd);
}

int
proc_leftovers(pid_t session, pid_t except, int signal)
{
	DIR *dir = opendir("/proc");
	direntry *entry;
	int count = 0;
	pid_t pid;

	if (!dir)
		return -1;
	while ((entry = readdir(dir))) {
		if (!pid0_scan(entry->d_name, &pid) || pid == except ||
		    pid == getpid() || !is_leftover(pid, session))
			continue;
		count++;
		if (signal)
			signal_leftover(pid, session, signal);
	}
	dir_close(dir);
	return count;
}
