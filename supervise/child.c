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
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/posixplz.h>
#include <skalibs/types.h>

#define EXIT_NEVER_EXECUTED 111

/*
 * Start time of a process in clock ticks since boot, field 22 of
 * /proc/PID/stat (proc(5)); 0 when it cannot be learned.
 */
static uint64_t
born_of(pid_t pid)
{
	char path[sizeof "/proc//stat" + PID_FMT] = "/proc/";
	char text[1024];
	size_t n = strlen(path);
	ssize_t len;
	uint64_t born;

	n += pid_fmt(path + n, pid);
	memcpy(path + n, "/stat", sizeof "/stat");
	len = openreadnclose_nb(path, text, sizeof text - 1);
	if (len <= 0)
		return 0;
	text[len] = 0;
	/* The second field is a name in parentheses that may hold anything. */
	char const *field = strrchr(text, ')');
	for (int i = 2; field && i < 22; i++) {
		field = strchr(field, ' ');
		field = field ? field + 1 : NULL;
	}
	return field && uint64_scan(field, &born) ? born : 0;
}

static void
default_signals(void)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void
be_child(int link, char const *program, bool own_session)
{
	char *argv[] = {(char *)(uintptr_t)program, NULL};
	char go;
	int error;

	if (own_session)
		setsid();
	default_signals();
	if (fd_read(link, &go, 1) != 1)
		_exit(EXIT_NEVER_EXECUTED);
	execve(program, argv, environ);
	error = errno;
	send(link, &error, sizeof error, MSG_NOSIGNAL);
	_exit(EXIT_NEVER_EXECUTED);
}

int
child_start(
    struct child *child, char const *program, bool own_session, int lock_fd)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return -1;
	child->pid = fork();
	if (child->pid == 0) {
		fd_close(lock_fd);
		fd_close(pair[0]);
		be_child(pair[1], program, own_session);
	}
	fd_close(pair[1]);
	if (child->pid == -1 || ndelay_on(pair[0]) == -1) {
		child->pid = 0;
		fd_close(pair[0]);
		return -1;
	}
	child->born = born_of(child->pid);
	child->link = pair[0];
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

static int
pidfd_of(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0); /* close-on-exec */
#else
	(void)pid;
	errno = ENOSYS;
	return -1;
#endif
}

int
child_adopt(struct child *child, pid_t pid, uint64_t born)
{
	struct child found = {
	    .pid = pid, .born = born, .link = -1, .adopted = true};

	found.pidfd = pidfd_of(pid);
	if (found.pidfd == -1 && errno == ESRCH)
		return 0;
	if (found.pidfd == -1 && (errno == EMFILE || errno == ENFILE))
		return -1;
	/* Only now: what the pidfd means cannot change any more. */
	if (born_of(pid) != born || !child_lives(&found)) {
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
		return born_of(child->pid) == child->born;
	return kill(child->pid, 0) == 0 || errno == EPERM;
}

int
child_signal(struct child const *child, int signal)
{
#ifdef SYS_pidfd_send_signal
	if (child->pidfd != -1)
		return (int)syscall(
		    SYS_pidfd_send_signal, child->pidfd, signal, NULL, 0);
#endif
	if (child->adopted && (!child->born || !child_lives(child))) {
		errno = ESRCH;
		return -1;
	}
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
