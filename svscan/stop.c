/*
 * The control FIFO of supervise, whose letters everybody who writes a run
 * script knows: d down, x exit, k kill.
 */
#include "svscan/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/types.h>

static int
open_control(char const *name, char const *log)
{
	char path[NAME_MAX + sizeof "/log/supervise/control"];
	struct stat st;
	int fd;

	snprintf(path, sizeof path, "%s%s/supervise/control", name, log);
	fd = open2(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1 || (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode)))
		return fd;
	fd_close(fd);
	errno = ENXIO;
	return -1;
}

bool
stop_is_listened(char const *name, char const *log)
{
	int fd = open_control(name, log);

	if (fd != -1)
		fd_close(fd);
	return fd != -1;
}

int
stop_send(char const *name, char const *log, char const *letters)
{
	int fd = open_control(name, log);
	ssize_t sent;

	if (fd == -1)
		return -1;
	sent = write(fd, letters, strlen(letters));
	fd_close(fd);
	return sent == -1 ? -1 : 0;
}

/* The children of pid, as a list of numbers; empty if nobody knows. */
static void
list_children(pid_t pid, char *list, size_t size)
{
	char path[64];
	ssize_t len;

	snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)pid,
	    (long)pid);
	len = openreadnclose(path, list, size - 1);
	list[len > 0 ? len : 0] = 0;
}

void
stop_kill(pid_t pid)
{
	char list[4096];
	pid_t child;
	size_t len;

	/* It must not start another one between our look and its death; and
	 * what it leaves becomes ours, so that no number is used anew before
	 * we have waited for it. */
	kill(pid, SIGSTOP);
	list_children(pid, list, sizeof list);
	kill(pid, SIGKILL);
	for (char const *at = list; (len = pid_scan(at, &child)); at += len) {
		kill(child, SIGKILL);
		at += at[len] == ' ';
	}
}
