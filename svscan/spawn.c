/*
 * What happens between the start of a process and its exec.  All signals are
 * blocked there, so that none is lost, or taken for one of svscan's own.
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

#include "supervise/control.h"
#include "supervise/message.h"
#include "supervise/setup.h"
#include "svscan/files.h"
#include "svscan/linux.h"
#include "svscan/takeover.h"

#define SUPERVISE	 "supervise"
#define ARGUMENT_MAX	 (TABLE_PATH_MAX + sizeof "./")
#define MOST_DESCRIPTORS 1048576 /* as Linux has it, where it is not raised */

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

/* The path of the supervise beside svscan; or empty: PATH it is. */
static char *
beside(void)
{
	static char path[PATH_MAX];

	return path;
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
		snprintf(beside(), PATH_MAX, "%.*s/" SUPERVISE,
		    (int)(slash - path), path);
	free(path);
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
close_all(struct service *s)
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
	struct service const *service = spawn->service;

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
	sigset_t none;

	spawn->failed = "switch to";
	if (enter(spawn, argument) == -1)
		return;
	if (spawn->descriptors)
		setrlimit(RLIMIT_NOFILE, spawn->descriptors);
	/* The others are as by default already, or will be by the exec; but one
	 * of these must end a child that cannot take it as an order yet. */
	for (size_t i = 0; i < sizeof changed / sizeof *changed; i++)
		sig_restore(changed[i]);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	spawn->failed = "start supervise for";
	/* Not execvp(): an empty element of PATH must not be the scan
	 * directory.  If PATH is empty errno stays as it is. */
	if (*beside())
		exec_a(beside(), argv);
	errno = ENOENT;
	exec(argv);
}

/* In memory of its own. */
static _Noreturn void
wait_and_exec(struct spawn *spawn, pid_t svscan)
{
	struct service self = *spawn->service;

	spawn->service = &self;
	spawn->failed = "set up descriptors for";
	if (move_descriptors(spawn) == 0 && close_all(&self) == 0) {
		takeover_wait(&self, svscan);
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
