/*
 * The kernel keeps from process 1 every signal that it does not catch, and
 * kills others with it: an order that comes before we are ready would be lost,
 * or not be carried out in order.
 */
#include "svscan/trap.h"

#include <signal.h>
#include <stddef.h>
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

void
trap_early(void)
{
	for (size_t i = 0; i < TRAPPED; i++)
		sig_catch(trapped[i], note_early);
}

int
trap_begin(void)
{
	int fd;

	sig_ignore(SIGPIPE);
	fd = selfpipe_init();
	if (fd == -1)
		return -1;
	for (size_t i = 0; i < TRAPPED; i++)
		if (!selfpipe_trap(trapped[i]))
			return -1;
	for (size_t i = 0; i < TRAPPED; i++)
		if (early[i])
			kill(getpid(), trapped[i]);
	return fd;
}
