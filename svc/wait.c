/*
 * dnotify sends a signal for each change in a directory, and a signalfd makes
 * that readable.  Its younger brother inotify has a price here: a process that
 * ends with an inotify descriptor stays for the 10 or 20 ms that the kernel
 * takes to be sure that nobody uses it any more, and whoever waits for svc
 * waits for that too.
 */
#include "svc/wait.h"

#ifdef __linux__

#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

/* Files are made and replaced by rename; supervise writes to those in place
 * when the disk is full. */
#define CHANGES (DN_CREATE | DN_RENAME | DN_MODIFY | DN_MULTISHOT)

int
wait_open(void)
{
	sigset_t set;

	/* SIGIO takes the place of signals for which there was no room. */
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
