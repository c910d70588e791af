/*
 * One flock(2) that waits: no polling, however long it takes.  The signal
 * handler does all the work itself, so that it does not matter whether a signal
 * comes just before flock or while it waits.
 */
#include "svscan/takeover.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

static int place = -1;
static sig_atomic_t volatile leaving;

static void
tell(int signal)
{
	char const *letters = signal == SIGHUP ? "x" : "dx";
	int flags = O_WRONLY | O_NONBLOCK | O_CLOEXEC;
	int saved = errno;
	struct stat st;
	int fd = openat(place, "control", flags);

	/* Where nobody reads, the lock is about to come free anyway. */
	if (fd != -1 && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) &&
	    write(fd, letters, strlen(letters)) == -1)
		errno = 0;
	leaving = 1;
	if (fd != -1)
		close(fd);
	errno = saved;
}

static void
leave(int signal)
{
	(void)signal;
	_exit(0);
}

static void
handle(int signal, void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler};

	sigfillset(&action.sa_mask);
	sigaction(signal, &action, NULL);
}

/* With SIG_DFL: as it was. */
static void
handle_all(void (*order)(int), void (*replace)(int))
{
	handle(SIGTERM, order);
	handle(SIGINT, order);
	handle(SIGHUP, order);
	handle(SIGUSR1, replace);
}

/* A waiter must not outlive svscan: it holds the pipe to the logger open, and
 * would take over behind the back of the next svscan. */
static void
end_with_parent(bool on)
{
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, on ? SIGKILL : 0);
#else
	(void)on;
#endif
}

static void
wait_for(int lock, pid_t svscan)
{
	sigset_t none, blocked;

	sigemptyset(&none);
	end_with_parent(true);
	if (getppid() != svscan)
		_exit(0);
	handle_all(tell, leave);
	sigprocmask(SIG_SETMASK, &none, &blocked);
	while (flock(lock, LOCK_EX) == -1)
		if (errno != EINTR)
			break;
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	/* An essential service that is down for good is svscan's business. */
	if (leaving || getppid() != svscan ||
	    faccessat(place, "final", F_OK, 0) == 0)
		_exit(0);
	handle_all(SIG_DFL, SIG_DFL);
	end_with_parent(false);
}

static bool
is_held(int lock)
{
	return flock(lock, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK;
}

enum takeover
takeover_look(char const *name, char const *log)
{
	char path[NAME_MAX + sizeof "/log/supervise/lock"];
	enum takeover found;
	int lock;

	snprintf(path, sizeof path, "%s%s/supervise/lock", name, log);
	lock = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (lock == -1)
		return errno == ENOENT ? TAKEOVER_FRESH : TAKEOVER_FREE;
	found = is_held(lock) ? TAKEOVER_HELD : TAKEOVER_FREE;
	close(lock);
	return found;
}

void
takeover_wait(char const *name, char const *log, pid_t svscan)
{
	char path[NAME_MAX + sizeof "/log/supervise"];
	int lock;

	snprintf(path, sizeof path, "%s%s/supervise", name, log);
	place = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (place == -1)
		return;
	lock = openat(place, "lock", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (lock != -1 && is_held(lock))
		wait_for(lock, svscan);
}
