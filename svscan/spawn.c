/*
 * Between the start of a process and its exec all signals are blocked, so that
 * none is lost, or taken for one of svscan's own.  Orders go by the control
 * FIFO where a letter says more than a signal, and else by signals.
 */
#include "svscan/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/exec.h>
#include <skalibs/sig.h>
#include <skalibs/types.h>

#include "supervise/control.h"
#include "supervise/message.h"
#include "supervise/setup.h"
#include "svscan/files.h"
#include "svscan/linux.h"

#define SUPERVISE	 "supervise"
#define ARGUMENT_MAX	 (TABLE_PATH_MAX + sizeof "./")
#define MOST_DESCRIPTORS 1048576 /* as Linux has it, where it is not raised */

static char beside[PATH_MAX]; /* the supervise there; or empty: PATH it is */

/* Of a process that waits. */
static int place = -1; /* supervise/ */
static sig_atomic_t volatile leaving;

/* Does a directory of PATH hold this very program? */
static bool
path_leads_to(struct stat const *own)
{
	char const *path = getenv("PATH"), *end;
	char candidate[PATH_MAX];
	struct stat st;

	for (; path && *path; path = *end ? end + 1 : end) {
		end = path + strcspn(path, ":");
		snprintf(candidate, sizeof candidate, "%.*s/svscan",
		    (int)(end - path), path);
		if (end != path && stat(candidate, &st) == 0 &&
		    st.st_dev == own->st_dev && st.st_ino == own->st_ino)
			return true;
	}
	return false;
}

void
spawn_find_supervise(char const *argv0)
{
	char const *self = "/proc/self/exe";
	struct stat own;
	char *path, *slash;

	if (stat(self, &own) == -1) {
		/* Without a slash it was found by PATH. */
		if (!strchr(argv0, '/') || stat(argv0, &own) == -1)
			return;
		self = argv0;
	}
	path = path_leads_to(&own) ? NULL : realpath(self, NULL);
	slash = path ? strrchr(path, '/') : NULL;
	if (slash && (size_t)(slash - path) + sizeof "/" SUPERVISE <= PATH_MAX)
		snprintf(beside, PATH_MAX, "%.*s/" SUPERVISE,
		    (int)(slash - path), path);
	free(path);
}

static bool
is_held(int lock)
{
	return flock(lock, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK;
}

enum spawn_lock
spawn_look(struct entry const *service)
{
	char path[TABLE_PATH_MAX];
	int at = table_path(service, SETUP_LOCK, path);
	int lock = files_open(at, path, O_WRONLY);
	enum spawn_lock found;

	if (lock == -1)
		return errno == ENOENT ? SPAWN_FRESH : SPAWN_FREE;
	found = is_held(lock) ? SPAWN_HELD : SPAWN_FREE;
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

/*
 * Wait until no supervise holds the lock; svscan is the caller's parent.
 * Meanwhile TERM and INT tell the other supervise to stop its service and
 * leave, HUP to leave when the service ends, and this process exits 0 when it
 * has left, as it does when that has left a supervise/final; USR1 makes it exit
 * 0 at once; and it dies with svscan.
 *
 * One flock(2): no polling, however long it takes.  The signal handler does all
 * the work itself, so that it does not matter whether a signal comes just
 * before flock or while it waits.  Called with those signals blocked; returns
 * with them blocked and all as it was.  The lock is held until the next exec.
 */
static void
wait_for_lock(struct entry const *service, pid_t svscan)
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

/* Close-on-exec is not enough for a child that waits before it execs: an end of
 * somebody's pipe in its hands keeps that logger from seeing its end of file.
 */
static void
close_from(unsigned int first)
{
	struct rlimit limit;

	if (close_range_all(first) == 0 ||
	    getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	for (rlim_t fd = first; fd < limit.rlim_cur && fd < MOST_DESCRIPTORS;
	     fd++)
		close((int)fd);
}

/* But for the service's directory, if it is held.  0; -1 errno. */
static int
close_all(struct entry *s)
{
	if (s->directory != -1) {
		if (dup2(s->directory, 3) == -1 || coe(3) == -1)
			return -1;
		s->directory = 3;
	}
	close_from(s->directory == -1 ? 3 : 4);
	return 0;
}

static int
move_descriptors(struct spawn const *spawn)
{
	if (spawn->input != -1 && dup2(spawn->input, 0) == -1)
		return -1;
	if (spawn->output != -1 && dup2(spawn->output, 1) == -1)
		return -1;
	return spawn->errors != -1 && dup2(spawn->errors, 2) == -1 ? -1 : 0;
}

/* Go where the supervise is to start.  0 and *argument; -1 errno. */
static int
enter(struct spawn const *spawn, char argument[ARGUMENT_MAX])
{
	struct entry const *service = spawn->service;

	if (!spawn->named) {
		memcpy(argument, ".", sizeof ".");
		return fchdir(service->directory);
	}
	/* A dash would make it an option; and its messages say whose logger it
	 * is. */
	snprintf(argument, ARGUMENT_MAX, "%s%s%s",
	    service->name[0] == '-' ? "./" : "", service->name,
	    service->kind == KIND_LOGGER ? "/log" : "");
	return 0;
}

/* Returns, with errno, if that fails. */
static void
exec_supervise(struct spawn *spawn)
{
	char argument[ARGUMENT_MAX];
	char const *argv[] = {SUPERVISE, argument, NULL};
	static int const changed[] = {
	    SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGPIPE};
	sigset_t pending;

	spawn->failed = "switch to";
	if (enter(spawn, argument) == -1)
		return;
	if (spawn->descriptors)
		setrlimit(RLIMIT_NOFILE, spawn->descriptors);
	/* The others are as by default already, or will be by the exec; but one
	 * of these must end a child that cannot take it as an order yet. */
	for (size_t i = 0; i < sizeof changed / sizeof *changed; i++)
		sig_restore(changed[i]);
	sigemptyset(&pending);
	if (spawn->stop && sigaddset(&pending, SIGTERM) == 0)
		kill(getpid(), SIGTERM);
	sigprocmask(SIG_SETMASK, &pending, NULL);
	spawn->failed = "start supervise for";
	/* Not execvp(): an empty element of PATH must not be the scan
	 * directory.  If PATH is empty errno stays as it is. */
	if (*beside)
		exec_a(beside, argv);
	errno = ENOENT;
	exec(argv);
}

/* In memory of its own. */
static _Noreturn void
wait_and_exec(struct spawn *spawn, pid_t svscan)
{
	struct entry self = *spawn->service;

	spawn->service = &self;
	spawn->failed = "set up descriptors for";
	if (move_descriptors(spawn) == 0 && close_all(&self) == 0) {
		wait_for_lock(&self, svscan);
		/* Another name, or another directory: svscan starts anew. */
		self.directory = spawn->named ? -1 : self.directory;
		if (!files_hold(&self))
			_exit(0);
		exec_supervise(spawn);
	}
	message_warn(&(struct message){.verb = spawn->failed,
	    .name = self.name,
	    .rest = table_log(&self),
	    .error = errno});
	_exit(111);
}

/* After vfork: svscan stands still, and its memory is ours, until the exec. */
static _Noreturn void
exec_at_once(struct spawn *spawn, int volatile *error)
{
	spawn->failed = "set up descriptors for";
	if (move_descriptors(spawn) == 0)
		exec_supervise(spawn);
	*error = errno;
	_exit(111);
}

pid_t
spawn_supervise(struct spawn *spawn)
{
	pid_t svscan = getpid(), pid;
	int volatile error = 0;
	sigset_t all, before;

	spawn->failed = "fork for";
	memset(&all, 0xff, sizeof all);
	signal_mask(SIG_SETMASK, &all, &before);
	pid = spawn->wait ? fork() : vfork();
	if (pid == 0) {
		/* Ctrl-C on a terminal is for svscan alone, which stops each
		 * logger after its service, not for all at once. */
		setpgid(0, 0);
		if (spawn->wait)
			wait_and_exec(spawn, svscan);
		exec_at_once(spawn, &error);
	}
	if (pid == -1)
		error = errno;
	signal_mask(SIG_SETMASK, &before, NULL);
	if (pid == -1 || !error) {
		errno = error;
		return pid;
	}
	waitpid_nointr(pid, NULL, 0);
	errno = error;
	return -1;
}

static int
open_control(struct entry const *s)
{
	char path[TABLE_PATH_MAX];
	int at = table_path(s, CONTROL_FIFO, path);

	return files_open_fifo(at, path, O_WRONLY);
}

bool
order_can_be_given(struct entry const *s)
{
	int fd = open_control(s);

	if (fd != -1)
		files_close(fd);
	return fd != -1;
}

void
order_kill(struct entry const *s)
{
	int fd;

	if (!s->pid)
		return;
	/* By letters, as there is no signal for it; and by a signal for one
	 * that has not come to listening yet, or waits for another's lock. */
	fd = open_control(s);
	if (fd != -1) {
		if (write(fd, CONTROL_KILL, sizeof CONTROL_KILL - 1) == -1)
			errno = 0;
		files_close(fd);
	}
	kill(s->pid, SIGTERM);
}

/* Kill all children of pid that /proc tells of.  The list is of any length. */
static void
kill_children(pid_t pid)
{
	char path[64], list[4096];
	pid_t child = 0;
	ssize_t len;
	int fd;

	snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)pid,
	    (long)pid);
	fd = files_open(AT_FDCWD, path, O_RDONLY);
	if (fd == -1)
		return;
	while ((len = read(fd, list, sizeof list)) > 0)
		for (ssize_t i = 0; i < len; i++) {
			if (list[i] >= '0' && list[i] <= '9') {
				child = child * 10 + (list[i] - '0');
				continue;
			}
			if (child > 1)
				kill(child, SIGKILL);
			child = 0;
		}
	files_close(fd);
}

void
order_kill_all(struct entry const *s)
{
	if (!s->pid)
		return;
	/* It must not start another one between our look and its death; and
	 * what it leaves becomes ours, so that no pid is used again before we
	 * have waited for it. */
	kill(s->pid, SIGSTOP);
	kill_children(s->pid);
	kill(s->pid, SIGKILL);
}

bool
order_take_final(struct entry const *s, int *code)
{
	char path[TABLE_PATH_MAX], text[UINT_FMT + 1];
	int at = table_path(s, CONTROL_FINAL, path);
	int fd = files_open(at, path, O_RDONLY);
	unsigned int number;
	size_t digits;
	ssize_t len;

	if (fd == -1)
		return false;
	len = read(fd, text, sizeof text - 1);
	files_close(fd);
	if (len <= 0)
		return false;
	/* So that it counts once. */
	unlinkat(at, path, 0);
	text[len] = 0;
	digits = uint_scan(text, &number);
	if (!digits || text[digits] != '\n' || number > 255)
		return false;
	*code = (int)number;
	return true;
}
