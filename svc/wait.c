/*
 * dnotify sends a signal for each change in a directory; a signalfd makes it
 * readable.  inotify would delay the exit of svc: when the last descriptor of
 * an inotify instance is closed, the kernel waits for a grace period of 10 to
 * 20 ms.
 */
#include "svc/wait.h"

#ifdef __linux__

#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

/* supervise creates files, replaces them by rename, and overwrites them in
 * place if the disk is full. */
#define CHANGES (DN_CREATE | DN_RENAME | DN_MODIFY | DN_MULTISHOT)

int
wait_open(void)
{
	sigset_t set;

	/* SIGIO comes instead if the queue of signals is full. */
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGIO);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK);
}

int
wait_watch(char const *directory)
{
	int fd = open2(directory, O_RDONLY | O_DIRECTORY);

	if (fd == -1)
		return -1;
	if (fcntl(fd, F_SETSIG, SIGRTMIN) == 0 &&
	    fcntl(fd, F_NOTIFY, CHANGES) == 0)
		return fd;
	fd_close(fd);
	return -1;
}

int
wait_next(int fd)
{
	struct signalfd_siginfo info;

	if (fd_read(fd, (char *)&info, sizeof info) != sizeof info)
		return WAIT_NOTHING;
	return info.ssi_signo == SIGIO ? WAIT_ANYTHING : info.ssi_fd;
}

#else

int
wait_open(void)
{
	return -1;
}

int
wait_watch(char const *directory)
{
	(void)directory;
	return -1;
}

int
wait_next(int fd)
{
	(void)fd;
	return WAIT_NOTHING;
}

#endif
