/*
 * setlock: open a file, lock it, run a program that keeps the lock.
 *
 * The lock is flock(2)'s, and belongs to the open file description: program
 * and children inherit it with the descriptor, and it is free again when the
 * last of them is gone, whatever they died of.  The descriptor is therefore
 * not close-on-exec, and never 0, 1 or 2, where the program would take the
 * lock file for one of its streams.  What the program inherits besides is what
 * setlock was given: signals, mask, timers, and descriptors closed at start.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

enum { AGAIN_MS = 2, AGAIN_NS = AGAIN_MS * 1000000 };

static struct option {
	char letter;
	char const *value;
	char const *help;
} const options[] = {
    {'n', NULL, "give up at once if the file is locked"},
    {'N', NULL, "wait for the lock, without end (default)"},
    {'x', NULL, "exit 0, silently, if there is no lock to be had"},
    {'X', NULL, "complain then, and exit 111 (default)"},
    {'t', "ms", "wait for the lock, but no longer than this"},
};
enum { OPTIONS = sizeof options / sizeof *options };

struct request {
	bool limited;
	bool quiet;
	unsigned int wait_ms;
};

static void
put_usage(buffer *b)
{
	buffer_puts(b, "setlock [-");
	for (size_t i = 0; i < OPTIONS; i++)
		if (!options[i].value)
			buffer_put(b, &options[i].letter, 1);
	buffer_puts(b, "]");
	for (size_t i = 0; i < OPTIONS; i++) {
		if (!options[i].value)
			continue;
		buffer_puts(b, " [-");
		buffer_put(b, &options[i].letter, 1);
		buffer_puts(b, " ");
		buffer_puts(b, options[i].value);
		buffer_puts(b, "]");
	}
	buffer_puts(b, " file program [arg ...]\n");
}

static _Noreturn void
die_usage(void)
{
	buffer_puts(buffer_2, "setlock: usage: ");
	put_usage(buffer_2);
	buffer_flush(buffer_2);
	_exit(100);
}

static _Noreturn void
answer(char const *question)
{
	if (strcmp(question, "--version") == 0) {
		buffer_puts(buffer_1, "setlock (upkeep) " VERSION "\n");
	} else {
		buffer_puts(buffer_1, "usage: ");
		put_usage(buffer_1);
		for (size_t i = 0; i < OPTIONS; i++) {
			buffer_puts(buffer_1, "  -");
			buffer_put(buffer_1, &options[i].letter, 1);
			buffer_puts(
			    buffer_1, options[i].value ? " ms  " : "     ");
			buffer_puts(buffer_1, options[i].help);
			buffer_puts(buffer_1, "\n");
		}
	}
	if (!buffer_flush(buffer_1))
		strerr_diefusys(111, "write to stdout");
	_exit(0);
}

/* The index of the first word behind the options. */
static int
parse(int argc, char **argv, struct request *r)
{
	subgetopt l = SUBGETOPT_ZERO;
	char letters[2 * OPTIONS + 1];
	size_t n = 0;
	int letter;

	for (size_t i = 0; i < OPTIONS; i++) {
		letters[n++] = options[i].letter;
		if (options[i].value)
			letters[n++] = ':';
	}
	letters[n] = 0;
	while ((letter = subgetopt_r(
		    argc, (char const *const *)argv, letters, &l)) != -1) {
		if (letter == 'n' || letter == 'N' || letter == 't') {
			r->limited = letter != 'N';
			r->wait_ms = 0;
		}
		if (letter == 'x' || letter == 'X')
			r->quiet = letter == 'x';
		if (letter == 't' && !uint0_scan(l.arg, &r->wait_ms))
			die_usage();
		if (letter == '?')
			die_usage();
	}
	return l.ind;
}

static int
open_lock_file(char const *file)
{
	int fd = open3(file, O_WRONLY | O_NONBLOCK | O_APPEND | O_CREAT, 0600);
	int high;

	if (fd == -1 || fd > 2)
		return fd;
	high = fcntl(fd, F_DUPFD, 3);
	fd_close(fd);
	return high;
}

/*
 * A timer that interrupts flock(2).  It fires again and again from the
 * deadline on, as it may fire between the look at the clock and the system
 * call that it is to interrupt.  Not setitimer(2): its one alarm may be
 * running already, set by whoever started us, to go off in the program.
 */
#ifdef __linux__
struct wake_up {
	timer_t timer;
	sigset_t mask;
	struct sigaction action;
};

static void
do_nothing(int sig)
{
	(void)sig;
}

static void
wake_up_never(struct wake_up *w)
{
	timer_delete(w->timer);
	sigaction(SIGRTMAX, &w->action, NULL);
	sigprocmask(SIG_SETMASK, &w->mask, NULL);
}

static bool
wake_up_at(struct wake_up *w, struct timespec const *deadline)
{
	struct itimerspec const when = {
	    .it_value = *deadline, .it_interval = {.tv_nsec = AGAIN_NS}};
	struct sigevent event = {
	    .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMAX};
	struct sigaction const action = {.sa_handler = do_nothing};
	sigset_t mask;

	if (timer_create(CLOCK_MONOTONIC, &event, &w->timer) == -1)
		return false;
	sigemptyset(&mask);
	sigaddset(&mask, SIGRTMAX);
	sigaction(SIGRTMAX, &action, &w->action);
	sigprocmask(SIG_UNBLOCK, &mask, &w->mask);
	if (timer_settime(w->timer, TIMER_ABSTIME, &when, NULL) == 0)
		return true;
	wake_up_never(w);
	return false;
}
#else
struct wake_up {
	char none;
};

static void
wake_up_never(struct wake_up *w)
{
	(void)w;
}

static bool
wake_up_at(struct wake_up *w, struct timespec const *deadline)
{
	(void)w;
	(void)deadline;
	return false;
}
#endif

static bool
is_over(struct timespec const *deadline)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec != deadline->tv_sec)
		return now.tv_sec > deadline->tv_sec;
	return now.tv_nsec >= deadline->tv_nsec;
}

/* Whether to, after a flock(2) that failed with e; pauses where it must. */
static bool
try_again(int e, bool over)
{
	if (e == EWOULDBLOCK && !over)
		/* Only without a timer: too many are in use, or none exist. */
		poll(NULL, 0, AGAIN_MS);
	return e == EINTR || (e == EWOULDBLOCK && !over);
}

static int
lock_within(int fd, unsigned int wait_ms)
{
	struct wake_up w;
	struct timespec deadline;
	bool armed, over;
	int r, e;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += (time_t)(wait_ms / 1000);
	deadline.tv_nsec += (long)(wait_ms % 1000) * 1000000;
	if (deadline.tv_nsec >= 1000000000) {
		deadline.tv_sec++;
		deadline.tv_nsec -= 1000000000;
	}
	armed = wait_ms && wake_up_at(&w, &deadline);
	do {
		over = is_over(&deadline);
		r = flock(fd, over || !armed ? LOCK_EX | LOCK_NB : LOCK_EX);
		e = errno;
	} while (r == -1 && try_again(e, over));
	if (armed)
		wake_up_never(&w);
	errno = e;
	return r;
}

static int
lock(int fd, struct request const *request)
{
	int r;

	if (request->limited)
		return lock_within(fd, request->wait_ms);
	do
		r = flock(fd, LOCK_EX);
	while (r == -1 && errno == EINTR);
	return r;
}

static void
exec_in(char const *dir, size_t dir_len, char **argv)
{
	char path[PATH_MAX];
	size_t name_len = strlen(argv[0]);

	if (dir_len == 0) {
		dir = ".";
		dir_len = 1;
	}
	if (dir_len + 1 + name_len >= sizeof path) {
		errno = ENAMETOOLONG;
		return;
	}
	memcpy(path, dir, dir_len);
	path[dir_len] = '/';
	memcpy(path + dir_len + 1, argv[0], name_len + 1);
	execve(path, argv, environ);
}

/*
 * Returns only to tell, in errno, why nothing was run.  Not execvp(3): an
 * empty element of PATH is ".", and no shell is tried.
 */
static void
run(char **argv)
{
	char const *dirs = getenv("PATH");
	int e = ENOENT;

	if (strchr(argv[0], '/')) {
		execve(argv[0], argv, environ);
		return;
	}
	if (!dirs)
		dirs = "/bin:/usr/bin";
	for (;; dirs++) {
		size_t dir_len = strcspn(dirs, ":");

		exec_in(dirs, dir_len, argv);
		if (errno != ENOENT)
			e = errno;
		if (e != ENOENT && e != EACCES && e != EPERM && e != EISDIR)
			break;
		dirs += dir_len;
		if (!*dirs)
			break;
	}
	errno = e;
}

int
main(int argc, char **argv)
{
	struct request request = {0};
	char const *file;
	int fd;

	PROG = "setlock";
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 ||
			     strcmp(argv[1], "--version") == 0))
		answer(argv[1]);
	argv += parse(argc, argv, &request);
	if (!argv[0] || !argv[1])
		die_usage();
	file = *argv++;
	fd = open_lock_file(file);
	if (fd == -1) {
		if (request.quiet)
			return 0;
		strerr_diefusys(111, "open ", file);
	}
	if (lock(fd, &request) == -1) {
		if (request.quiet)
			return 0;
		if (errno == EWOULDBLOCK)
			strerr_diefu(111, "lock ", file, ": temporary failure");
		strerr_diefusys(111, "lock ", file);
	}
	run(argv);
	strerr_diefusys(111, "run ", argv[0]);
}
