/*
 * The kernel keeps from process 1 every signal that it does not catch, and
 * kills others with it: an order that comes before we are ready would be lost,
 * or not be carried out in order.
 */
#include "svscan/trap.h"

#include <signal.h>
#include <stddef.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif
#include <unistd.h>

#include <skalibs/selfpipe.h>
#include <skalibs/sig.h>

static int const trapped[] = {
    SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGALRM, SIGCHLD};

#define TRAPPED (sizeof trapped / sizeof *trapped)

static sig_atomic_t volatile early[TRAPPED];

static void
note_early(int signal)
{
	for (size_t i = 0; i < TRAPPED; i++)
		if (trapped[i] == signal)
			early[i] = 1;
}

/*
 * The kernel's call, for the C library keeps two signals to itself, which a
 * parent that uses posix_spawn(3) leaves ignored.
 */
static void
reset_all(void)
{
	for (int i = 1; i < NSIG; i++) {
#ifdef SYS_rt_sigaction
		static long const dfl[16]; /* SIG_DFL, no flags, no mask */

		syscall(SYS_rt_sigaction, i, dfl, NULL, NSIG / 8);
#else
		sigaction(i, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
#endif
	}
}

void
trap_early(void)
{
	reset_all();
	for (size_t i = 0; i < TRAPPED; i++)
		sig_catch(trapped[i], note_early);
}

int
trap_begin(void)
{
	sigset_t set;
	int fd;

	sig_ignore(SIGPIPE);
	fd = selfpipe_init();
	if (fd == -1)
		return -1;
	/* A child must not have our handlers between unblocking and exec, so
	 * they go, at a moment when nothing gets through. */
	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	sigemptyset(&set);
	for (size_t i = 0; i < TRAPPED; i++) {
		sig_restore(trapped[i]);
		sigaddset(&set, trapped[i]);
	}
	if (!selfpipe_trapset(&set))
		return -1;
	for (size_t i = 0; i < TRAPPED; i++)
		if (early[i])
			kill(getpid(), trapped[i]);
	return fd;
}

void
trap_reset(void)
{
	sigset_t none;

	sig_restore(SIGPIPE);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
