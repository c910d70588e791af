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
#ifdef __linux__
#include <sys/syscall.h>
#endif
#include <unistd.h>

#include "svscan/takeover.h"
#include "svscan/trap.h"
#include "svscan/warn.h"

/* Close-on-exec is not enough for a child that waits before it execs: an end of
 * somebody's pipe in its hands keeps that logger from seeing its end of file.
 */
static void
close_all(void)
{
	struct rlimit limit;

#ifdef SYS_close_range
	if (syscall(SYS_close_range, 3U, ~0U, 0U) == 0)
		return;
#endif
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		for (int fd = 3; fd < (int)limit.rlim_cur; fd++)
			close(fd);
}

static _Noreturn void
give_up(char const *verb, struct spawn const *spawn)
{
	warn_unable(verb, spawn->name, spawn->log, errno);
	_exit(111);
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

static _Noreturn void
exec_supervise(struct spawn const *spawn)
{
	char argument[NAME_MAX + sizeof "./"] = "log";
	char *const argv[] = {"supervise", argument, NULL};

	if (!*spawn->log)
		/* A dash would make it an option. */
		snprintf(argument, sizeof argument, "%s%s",
		    spawn->name[0] == '-' ? "./" : "", spawn->name);
	else if (chdir(spawn->name) == -1)
		give_up("switch to ", spawn);
	setrlimit(RLIMIT_NOFILE, spawn->descriptors);
	trap_reset();
	execvp(argv[0], argv);
	give_up("start supervise ", spawn);
}

/* In memory of our own. */
static _Noreturn void
wait_and_exec(struct spawn const *spawn, pid_t svscan)
{
	setpgid(0, 0);
	if (move_descriptors(spawn) == -1)
		give_up("set up descriptors for ", spawn);
	close_all();
	takeover_wait(spawn->name, spawn->log, svscan);
	exec_supervise(spawn);
}

/* After vfork: svscan stands still, and its memory is ours, until the exec. */
static _Noreturn void
exec_at_once(struct spawn const *spawn)
{
	/* Ctrl-C on a terminal is for svscan alone, which stops each logger
	 * after its service, not for all at once. */
	setpgid(0, 0);
	if (move_descriptors(spawn) == -1)
		give_up("set up descriptors for ", spawn);
	exec_supervise(spawn);
}

pid_t
spawn_supervise(struct spawn const *spawn)
{
	pid_t svscan = getpid(), pid;
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = spawn->wait ? fork() : vfork();
	if (pid == 0 && spawn->wait)
		wait_and_exec(spawn, svscan);
	if (pid == 0)
		exec_at_once(spawn);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}
