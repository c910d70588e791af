/*
 * What happens between the start of a process and its exec.  All signals are
 * blocked there, so that none is lost, or taken for one of svscan's own.
 */
#include "svscan/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#ifdef __linux__
#include <sched.h>
#include <sys/syscall.h>
#endif
#include <unistd.h>

#include "svscan/takeover.h"
#include "svscan/warn.h"

/*
 * The kernel's call, for the C library keeps two signals to itself, which a
 * parent that uses posix_spawn(3) leaves ignored.
 */
static void
reset_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++) {
#ifdef SYS_rt_sigaction
		static long const dfl[16]; /* SIG_DFL, no flags, no mask */

		syscall(SYS_rt_sigaction, i, dfl, NULL, NSIG / 8);
#else
		sigaction(i, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
#endif
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

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

static int leave_descriptors(struct spawn const *spawn);

static int
move_descriptors(struct spawn const *spawn)
{
	if (spawn->input != -1 && dup2(spawn->input, 0) == -1)
		return -1;
	if (spawn->output != -1 && dup2(spawn->output, 1) == -1)
		return -1;
	return spawn->errors != -1 && dup2(spawn->errors, 2) == -1 ? -1 : 0;
}

size_t
spawn_argument(struct spawn const *spawn, char argument[SPAWN_ARGUMENT_MAX])
{
	bool dash = spawn->name[0] == '-';

	/* Not to be taken for an option. */
	snprintf(argument, SPAWN_ARGUMENT_MAX, "%s%s",
	    dash && !*spawn->log ? "./" : "",
	    *spawn->log ? "log" : spawn->name);
	return strlen(argument);
}

/* As long as the longest argument that a supervise shows in its place. */
static void
make_room(char room[SPAWN_ARGUMENT_MAX])
{
	memset(room, ' ', SPAWN_ARGUMENT_MAX - 1);
	room[SPAWN_ARGUMENT_MAX - 1] = 0;
}

static _Noreturn void
exec_supervise(struct spawn const *spawn)
{
	char argument[SPAWN_ARGUMENT_MAX];
	char const *const alone[] = {"supervise", argument, NULL};
	char const *const server[] = {
	    "supervise", "--fork-server", argument, NULL};
	char const *const *argv = spawn->fork_server ? server : alone;

	if (spawn->fork_server)
		make_room(argument);
	else
		spawn_argument(spawn, argument);
	if (*spawn->log && chdir(spawn->name) == -1)
		give_up("switch to ", spawn);
	setrlimit(RLIMIT_NOFILE, spawn->descriptors);
	reset_signals();
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	/* The next one is executed for a service, and says it. */
	if (spawn->fork_server)
		_exit(111);
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

/* In svscan's memory, which stands still until the exec. */
static int
exec_at_once(void *data)
{
	struct spawn const *spawn = data;

	/* Ctrl-C on a terminal is for svscan alone, which stops each logger
	 * after its service, not for all at once. */
	setpgid(0, 0);
	if (leave_descriptors(spawn) == -1 || move_descriptors(spawn) == -1)
		give_up("set up descriptors for ", spawn);
	exec_supervise(spawn);
}

/* A sanitizer takes a stack of our own for a mistake. */
#if defined __linux__ && !defined SANITIZED

/*
 * A copy of ten thousand descriptors, to be closed at the exec, would cost more
 * than all the rest: the child gets only those that it needs, which are low.
 */
int
spawn_slot(void)
{
	return fcntl(0, F_DUPFD_CLOEXEC, 3);
}

static int
highest_of(struct spawn const *spawn)
{
	int highest = spawn->slot > 2 ? spawn->slot : 2;

	highest = spawn->input > highest ? spawn->input : highest;
	highest = spawn->output > highest ? spawn->output : highest;
	return spawn->errors > highest ? spawn->errors : highest;
}

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE 2U /* close_range(2), of Linux 5.9 */
#endif

/* The table of descriptors is svscan's until it is left. */
static int
leave_descriptors(struct spawn const *spawn)
{
	unsigned int first = (unsigned int)highest_of(spawn) + 1;

#ifdef SYS_close_range
	if (syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_UNSHARE) == 0)
		return 0;
#else
	(void)first;
#endif
	return unshare(CLONE_FILES);
}

static pid_t
start_at_once(struct spawn spawn)
{
	static _Alignas(16) char stack[65536];
	int *pipe = spawn.input != -1 ? &spawn.input : &spawn.output;
	pid_t pid;

	if (*pipe != -1 && spawn.slot != -1 &&
	    dup3(*pipe, spawn.slot, O_CLOEXEC) == spawn.slot)
		*pipe = spawn.slot;
	pid = clone(exec_at_once, stack + sizeof stack,
	    CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, &spawn);
	/* Not to hold the pipe open. */
	if (*pipe != -1 && *pipe == spawn.slot)
		dup3(0, spawn.slot, O_CLOEXEC);
	return pid;
}

#else

int
spawn_slot(void)
{
	return -1;
}

static int
leave_descriptors(struct spawn const *spawn)
{
	(void)spawn;
	return 0;
}

static pid_t
start_at_once(struct spawn spawn)
{
	pid_t pid = vfork();

	if (pid == 0)
		exec_at_once(&spawn);
	return pid;
}

#endif

pid_t
spawn_supervise(struct spawn const *spawn)
{
	pid_t svscan = getpid(), pid;
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	if (!spawn->wait)
		pid = start_at_once(*spawn);
	else if ((pid = fork()) == 0)
		wait_and_exec(spawn, svscan);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}
