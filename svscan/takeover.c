/*
 * One flock(2): no polling, however long it takes.  The signal handler does all
 * the work itself, so that it does not matter whether a signal comes just
 * before flock or while it waits.
 */
#include "svscan/takeover.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervise/control.h"
#include "supervise/setup.h"
#include "svscan/files.h"
#include "svscan/linux.h"

static int place = -1; /* supervise/ */
static sig_atomic_t volatile leaving;

static bool
is_held(int lock)
{
	return flock(lock, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK;
}

enum takeover
takeover_look(struct service const *service)
{
	char path[TABLE_PATH_MAX];
	int at = table_path(service, SETUP_LOCK, path);
	int lock = files_open(at, path, O_WRONLY);
	enum takeover found;

	if (lock == -1)
		return errno == ENOENT ? TAKEOVER_FRESH : TAKEOVER_FREE;
	found = is_held(lock) ? TAKEOVER_HELD : TAKEOVER_FREE;
	files_close(lock);
	return found;
}

static void
tell(int signal)
{
	char const *letters = signal == SIGHUP ? CONTROL_LEAVE : CONTROL_STOP;
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

/* With SIG_DFL: as it was. */
static void
handle_orders(void (*order)(int), void (*replace)(int))
{
	static int const orders[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
	struct sigaction action = {.sa_flags = 0};

	sigfillset(&action.sa_mask);
	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		action.sa_handler = orders[i] == SIGUSR1 ? replace : order;
		sigaction(orders[i], &action, NULL);
	}
}

void
takeover_wait(struct service const *service, pid_t svscan)
{
	char path[TABLE_PATH_MAX];
	int at = table_path(service, SUPERVISE_DIR, path), lock;
	sigset_t none, blocked;

	place = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (place == -1)
		return;
	lock = openat(place, "lock", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (lock == -1 || !is_held(lock))
		return;
	/* A waiter that outlives svscan would hold the pipe to the logger open,
	 * and would take over behind the back of the next svscan. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != svscan)
		_exit(0);
	handle_orders(tell, leave);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, &blocked);
	while (flock(lock, LOCK_EX) == -1)
		if (errno != EINTR)
			break;
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	/* An essential service that is down for good is svscan's business. */
	if (leaving || getppid() != svscan ||
	    faccessat(place, "final", F_OK, 0) == 0)
		_exit(0);
	handle_orders(SIG_DFL, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, 0);
}
