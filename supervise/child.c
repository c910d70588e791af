/*
 * Starting: a socket pair joins supervise and the parked child.  The child
 * reads its go from it, or the end of file that says supervise is dead; exec
 * closes it, or the child writes why it could not execute.
 *
 * Adopting: a process is known by its pid and the moment it was born; a pidfd
 * then keeps meaning that process.  Where the system has neither, an adopted
 * process is waited for and never signalled.
 */
#include "supervise/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/posixplz.h>
#include <skalibs/types.h>

#include "supervise/proc.h"

#define EXIT_NEVER_EXECUTED 111
#define PARKED_MS	    100 /* to end when nobody says go */

/*
 * The kernel's call, for the C library keeps two signals to itself, which a
 * parent that uses posix_spawn(3) leaves ignored.
 */
static void
default_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++) {
#ifdef SYS_rt_sigaction
		static long const dfl[16]; /* SIG_DFL, no flags, no mask */

		syscall(SYS_rt_sigaction, sig, dfl, NULL, NSIG / 8);
#else
		sigaction(
		    sig, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
#endif
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Where the service's descriptor goes the link may be: it gives way. */
static int
pass_notify_fd(struct child_plan const *plan, int *link)
{
	if (plan->notify_fd == -1)
		return 0;
	if (*link == plan->notify_as)
		*link = fcntl(*link, F_DUPFD_CLOEXEC, plan->notify_as + 1);
	if (*link == -1)
		return -1;
	if (plan->notify_fd == plan->notify_as)
		return uncoe(plan->notify_as);
	return dup2(plan->notify_fd, plan->notify_as);
}

static int
set_environment(struct child_plan const *plan)
{
	char text[UINT64_FMT];

	if (plan->notify_socket &&
	    setenv("NOTIFY_SOCKET", plan->notify_socket, 1) == -1)
		return -1;
	if (!plan->watchdog_ms)
		return 0;
	text[uint64_fmt(text, (uint64_t)plan->watchdog_ms * 1000)] = 0;
	if (setenv("WATCHDOG_USEC", text, 1) == -1)
		return -1;
	text[pid_fmt(text, getpid())] = 0;
	return setenv("WATCHDOG_PID", text, 1);
}

static _Noreturn void
be_child(int link, struct child_plan const *plan)
{
	char go;
	int error;

	if (plan->own_session)
		setsid();
	default_signals();
	if (fd_read(link, &go, 1) != 1)
		_exit(EXIT_NEVER_EXECUTED);
	if (pass_notify_fd(plan, &link) != -1 && set_environment(plan) != -1)
		execve(plan->argv[0], (char *const *)(uintptr_t)plan->argv,
		    environ);
	error = errno;
	send(link, &error, sizeof error, MSG_NOSIGNAL);
	_exit(EXIT_NEVER_EXECUTED);
}

int
child_start(struct child *child, struct child_plan const *plan)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return -1;
	child->pid = fork();
	if (child->pid == 0) {
		fd_close(plan->lock_fd);
		fd_close(pair[0]);
		be_child(pair[1], plan);
	}
	fd_close(pair[1]);
	if (child->pid == -1 || ndelay_on(pair[0]) == -1) {
		child->pid = 0;
		fd_close(pair[0]);
		return -1;
	}
	child->born = proc_born(child->pid);
	child->link = pair[0];
	child->pidfd = -1;
	child->adopted = false;
	return 0;
}

void
child_go(struct child *child)
{
	if (send(child->link, "", 1, MSG_NOSIGNAL) == 1)
		return;
	/* Dead already, or no memory for a byte: without the link it ends. */
	fd_close(child->link);
	child->link = -1;
}

enum child_exec
child_executed(struct child *child, int *error)
{
	ssize_t n = fd_read(child->link, (char *)error, sizeof *error);

	if (n == -1 && errno == EAGAIN)
		return CHILD_PENDING;
	fd_close(child->link);
	child->link = -1;
	return n == sizeof *error ? CHILD_FAILED : CHILD_EXECUTED;
}

int
child_adopt(struct child *child, pid_t pid, uint64_t born)
{
	struct child found = {
	    .pid = pid, .born = born, .link = -1, .adopted = true};

	found.pidfd = proc_open(pid);
	if (found.pidfd == -1 && errno == ESRCH)
		return 0;
	if (found.pidfd == -1 && (errno == EMFILE || errno == ENFILE))
		return -1;
	/* Only now: what the pidfd means cannot change any more. */
	if (proc_born(pid) != born || !child_lives(&found)) {
		child_forget(&found);
		return 0;
	}
	*child = found;
	return 1;
}

bool
child_lives(struct child const *child)
{
	struct pollfd gone = {.fd = child->pidfd, .events = POLLIN};

	if (child->pidfd != -1)
		return poll(&gone, 1, 0) != 1;
	if (child->born)
		return proc_born(child->pid) == child->born;
	return kill(child->pid, 0) == 0 || errno == EPERM;
}

bool
child_ends_soon(struct child const *child)
{
	struct pollfd gone = {.fd = child->pidfd, .events = POLLIN};

	return poll(&gone, 1, PARKED_MS) == 1 || !child_lives(child);
}

int
child_signal(struct child const *child, int signal, bool group)
{
	if (child->adopted &&
	    ((child->pidfd == -1 && !child->born) || !child_lives(child))) {
		errno = ESRCH;
		return -1;
	}
	if (group && getpgid(child->pid) == child->pid)
		return kill(-child->pid, signal);
	if (child->pidfd != -1)
		return proc_signal(child->pidfd, signal);
	return kill(child->pid, signal);
}

void
child_forget(struct child *child)
{
	if (child->link != -1)
		fd_close(child->link);
	if (child->pidfd != -1)
		fd_close(child->pidfd);
	*child = CHILD_NONE;
}
