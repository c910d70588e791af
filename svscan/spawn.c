/*
 * What happens between fork and exec.  All signals are blocked there, so that
 * none is lost, or taken for one of svscan's own.
 */
#include "svscan/spawn.h"

#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif
#include <unistd.h>

#include <skalibs/strerr.h>

#include "svscan/takeover.h"

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

/* close-on-exec is not enough for a child that waits before it execs: an end of
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

static void
give_up(char const *verb, char const *name, char const *log)
{
	strerr_warnwusys(verb, name, log);
	_exit(111);
}

static void
exec_supervise(struct spawn const *spawn, pid_t svscan)
{
	char name[NAME_MAX + 1], place[NAME_MAX + sizeof "/log/supervise"];
	char command[] = "supervise", log[] = "log";
	char *argv[] = {command, spawn->logger ? log : name, NULL};

	/* Ctrl-C on a terminal is for svscan alone, which stops each logger
	 * after its service, not for all at once. */
	setpgid(0, 0);
	snprintf(name, sizeof name, "%s", spawn->name);
	snprintf(place, sizeof place, "%s%s/supervise", name,
	    spawn->logger ? "/log" : "");
	if (spawn->pipe && dup2(spawn->pipe, !spawn->logger) == -1)
		give_up("set up descriptors for ", name, "");
	close_all();
	takeover_wait(place, svscan);
	if (spawn->logger && chdir(name) == -1)
		give_up("switch to ", name, "");
	setrlimit(RLIMIT_NOFILE, spawn->descriptors);
	reset_signals();
	execvp(command, argv);
	give_up("start supervise ", name, spawn->logger ? "/log" : "");
}

pid_t
spawn_supervise(struct spawn const *spawn)
{
	pid_t svscan = getpid(), pid;
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		exec_supervise(spawn, svscan);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}
