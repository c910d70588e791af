/*
 * Orders go by the control FIFO where a letter says more than a signal, or
 * where the supervise is not our child, and else by signals.
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
#include <sys/resource.h>
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

static char beside[PATH_MAX + sizeof SUPERVISE]; /* the supervise there; or
						    empty: PATH it is */
static struct rlimit descriptors; /* the limit that a supervise is given */
static bool limited;		  /* that is known */

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
	/* Without a slash it was found by PATH. */
	char *path = strchr(argv0, '/') ? realpath(argv0, NULL) : NULL;
	struct stat own;

	if (path && stat(path, &own) == 0 && !path_leads_to(&own))
		snprintf(beside, sizeof beside, "%.*s/" SUPERVISE,
		    (int)(strrchr(path, '/') - path), path);
	free(path);
}

void
spawn_raise_limit(void)
{
	struct rlimit most;

	limited = getrlimit(RLIMIT_NOFILE, &descriptors) == 0;
	most = descriptors;
	most.rlim_cur = most.rlim_max;
	if (limited)
		setrlimit(RLIMIT_NOFILE, &most);
}

bool
spawn_is_held(struct entry const *s)
{
	char path[TABLE_PATH_MAX];
	int at = table_path(s, SETUP_LOCK, path);
	/* Not for writing: the end of that is what the watch tells. */
	int lock = files_open(at, path, O_RDONLY);
	bool held;

	if (lock == -1)
		return s->waits && errno != ENOENT && errno != ENOTDIR;
	held = flock(lock, LOCK_EX | LOCK_NB) == -1 &&
	       (s->waits || errno == EWOULDBLOCK);
	files_close(lock);
	return held;
}

static int
move_descriptors(int const ends[3])
{
	for (int i = 0; i < 3; i++)
		if (ends[i] != -1 && dup2(ends[i], i) == -1)
			return -1;
	return 0;
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
	sigset_t pending;

	spawn->failed = "switch to";
	if (enter(spawn, argument) == -1)
		return;
	if (limited)
		setrlimit(RLIMIT_NOFILE, &descriptors);
	/* The others are as by default, and blocked until now. */
	sig_restore(SIGPIPE);
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

pid_t
spawn_supervise(struct spawn *spawn)
{
	int volatile error = 0;
	pid_t pid;

	spawn->failed = "fork for";
	pid = vfork();
	if (pid == 0) {
		/* svscan stands still, and its memory is ours, until the exec.
		 * Ctrl-C on a terminal is for svscan alone, which stops each
		 * logger after its service, not for all at once. */
		setpgid(0, 0);
		spawn->failed = "set up descriptors for";
		if (move_descriptors(spawn->ends) == 0)
			exec_supervise(spawn);
		error = errno;
		_exit(111);
	}
	if (pid == -1 || !error)
		return pid;
	waitpid_nointr(pid, NULL, 0);
	errno = error;
	return -1;
}

int
order_write(struct entry const *s, char const *letters)
{
	char path[TABLE_PATH_MAX];
	int at = table_path(s, CONTROL_FIFO, path);
	int fd = files_open_fifo(at, path, O_WRONLY);
	ssize_t written;

	if (fd == -1)
		return -1;
	written = write(fd, letters, strlen(letters));
	files_close(fd);
	return written == -1 ? -1 : 0;
}

void
order_kill(struct entry const *s)
{
	if (!table_runs(s))
		return;
	/* By letters, as there is no signal for it; and by a signal for one
	 * that has not come to listening yet. */
	order_write(s, CONTROL_KILL);
	if (s->pid)
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
