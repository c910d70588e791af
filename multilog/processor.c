/*
 * Starts a processor: with exactly the descriptors it is promised, default
 * signals, an empty mask, and the environment untouched.
 */
#include "multilog/processor.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>
#include <skalibs/selfpipe.h>
#include <skalibs/sig.h>

/* Above every number a processor is promised. */
#define FD_ABOVE 10

static int
descriptors(struct processor_files const *f)
{
	/* First all of them out of the way, then each to its place. */
	struct processor_files high = {
	    fcntl(f->previous, F_DUPFD_CLOEXEC, FD_ABOVE),
	    fcntl(f->processed, F_DUPFD_CLOEXEC, FD_ABOVE),
	    fcntl(f->state, F_DUPFD_CLOEXEC, FD_ABOVE),
	    fcntl(f->newstate, F_DUPFD_CLOEXEC, FD_ABOVE),
	};

	if (high.previous == -1 || high.processed == -1 || high.state == -1 ||
	    high.newstate == -1)
		return -1;
	if (dup2(high.previous, 0) == -1 || dup2(high.processed, 1) == -1 ||
	    dup2(high.state, 4) == -1 || dup2(high.newstate, 5) == -1)
		return -1;
	return 0;
}

static void
defaults(void)
{
	static int const signals[] = {
	    SIGTERM, SIGALRM, SIGCHLD, SIGPIPE, SIGXFSZ};

	selfpipe_finish();
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sig_restore(signals[i]);
}

pid_t
processor_start(char const *command, int dir, struct processor_files const *f)
{
	char const *argv[] = {"/bin/sh", "-c", command, NULL};
	pid_t pid = fork();

	if (pid)
		return pid;
	defaults();
	if (fchdir(dir) == -1 || descriptors(f) == -1)
		_exit(111);
	/* execve() promises to leave the strings alone. */
	execve(argv[0], (char *const *)(uintptr_t)argv, environ);
	_exit(111);
}
