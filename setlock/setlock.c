/*
 * setlock: open a file, lock it, run a program that keeps the lock.
 *
 * The lock is flock(2)'s and belongs to the open file description: the program
 * and its children inherit it with the descriptor, and it is free again when
 * the last of them is gone, however they died.  The descriptor is therefore
 * not close-on-exec, and never 0, 1 or 2, where the program would take the lock
 * file for one of its streams.  Everything else the program inherits is what
 * setlock was given: signals, mask, timers, and descriptors that were closed.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/exec.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "supervise/error.h"

#define USAGE "setlock [-nNxX] [-t ms] file program [arg ...]"

static char const help[] =
    "usage: " USAGE "\n"
    "  -n     give up at once if the file is locked\n"
    "  -N     wait for the lock, however long it takes (default)\n"
    "  -x     exit 0 silently if the lock cannot be had\n"
    "  -X     complain about it and exit 111 (default)\n"
    "  -t ms  wait for the lock, but no longer than this\n";

enum { AGAIN_NS = 50 * 1000000 };

/* Do not wait any longer: set at the start by -n, else when -t has passed. */
static sig_atomic_t volatile over;

/* What the program must find as it was before the wait. */
struct alarm {
	timer_t timer;
	struct sigaction action;
	sigset_t mask;
};

static _Noreturn void
answer(char const *text)
{
	if (allwrite(1, text, strlen(text)) < strlen(text))
		strerr_diefu(111, "write to stdout: ", error_words(errno));
	_exit(0);
}

/* A file that may only be read can be locked as well. */
static int
open_lock_file(char const *file)
{
	int fd = open3(file, O_WRONLY | O_NONBLOCK | O_APPEND | O_CREAT, 0600);
	int e = errno, high;

	if (fd == -1 &&
	    (e == EACCES || e == EPERM || e == EROFS || e == ETXTBSY)) {
		fd = open2(file, O_RDONLY | O_NONBLOCK);
		errno = e;
	}
	if (fd == -1 || fd > 2)
		return fd;
	high = fcntl(fd, F_DUPFD, 3);
	fd_close(fd);
	return high;
}

static void
time_is_over(int sig)
{
	(void)sig;
	over = 1;
}

/*
 * The signal interrupts flock(2).  It is repeated because the first may arrive
 * after "over" was read and before flock(2) sleeps.  Not setitimer(2): whoever
 * started us may have set that one alarm already, to go off in the program.
 */
static void
alarm_start(struct alarm *a, unsigned int ms)
{
	struct itimerspec const when = {
	    .it_value = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L},
	    .it_interval = {.tv_nsec = AGAIN_NS}};
	struct sigevent event = {
	    .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMAX};
	struct sigaction const action = {.sa_handler = time_is_over};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMAX);
	sigaction(SIGRTMAX, &action, &a->action);
	sigprocmask(SIG_UNBLOCK, &set, &a->mask);
	if (timer_create(CLOCK_MONOTONIC, &event, &a->timer) == -1 ||
	    timer_settime(a->timer, 0, &when, NULL) == -1)
		strerr_diefu(111, "set a timer: ", error_words(errno));
}

/* 1 if the locked file still has the name, 0 if not, -1 if unknown. */
static int
has_name(int fd, char const *file)
{
	struct stat ours, named;

	if (fstat(fd, &ours) == -1)
		return -1;
	if (stat(file, &named) == -1)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
	return ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

/*
 * If somebody removes the file while we wait, we get the lock of a file that
 * nobody else will ever find.  Only the file that has the name excludes those
 * who come after us, so open that one and wait again.
 */
static void
take(char const *file, bool quiet)
{
	char const *verb;
	int fd, r;

	do {
		verb = "open ";
		fd = r = open_lock_file(file);
		if (fd == -1)
			break;
		verb = "lock ";
		do
			r = flock(fd, over ? LOCK_EX | LOCK_NB : LOCK_EX);
		while (r == -1 && errno == EINTR);
		if (r == 0)
			r = has_name(fd, file);
		if (r == 0)
			fd_close(fd);
	} while (r == 0);
	if (r == -1 && quiet)
		_exit(0);
	if (r == -1)
		strerr_diefu(111, verb, file, ": ", error_words(errno));
}

int
main(int argc, char const *const *argv)
{
	subgetopt l = SUBGETOPT_ZERO;
	struct alarm alarm;
	unsigned int wait_ms = 0;
	bool quiet = false;
	int letter;

	PROG = "setlock";
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		answer(help);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		answer("setlock (upkeep) " VERSION "\n");
	while ((letter = subgetopt_r(argc, argv, "nNxXt:", &l)) != -1) {
		if (letter == 'x' || letter == 'X')
			quiet = letter == 'x';
		else if (letter == 'n' || letter == 'N')
			wait_ms = 0;
		else if (letter != 't' || !uint0_scan(l.arg, &wait_ms))
			strerr_dieusage(100, USAGE);
		if (letter == 'n' || letter == 'N' || letter == 't')
			over = letter != 'N' && wait_ms == 0;
	}
	argv += l.ind;
	if (!argv[0] || !argv[1])
		strerr_dieusage(100, USAGE);
	if (wait_ms)
		alarm_start(&alarm, wait_ms);
	take(argv[0], quiet);
	if (wait_ms) {
		timer_delete(alarm.timer);
		sigaction(SIGRTMAX, &alarm.action, NULL);
		sigprocmask(SIG_SETMASK, &alarm.mask, NULL);
	}
	/* exec() leaves errno alone if PATH is empty. */
	errno = ENOENT;
	exec(argv + 1);
	strerr_diefu(111, "run ", argv[1], ": ", error_words(errno));
}
