/*
 * The service of life_bench: writes its pid, what happens and when to the FIFO
 * ../fifo, as it starts (S) and at each HUP (H); TERM ends it.
 */
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "tests/tool/life.h"

static int fifo;

static void
tell(char what)
{
	struct life life = {.pid = getpid(), .what = what};
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	life.ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
	if (write(fifo, &life, sizeof life) == -1)
		_exit(111);
}

static void
on_hup(int signal)
{
	(void)signal;
	tell('H');
}

int
main(void)
{
	signal(SIGHUP, on_hup);
	fifo = open("../fifo", O_WRONLY | O_CLOEXEC);
	if (fifo == -1)
		return 111;
	tell('S');
	for (;;)
		pause();
}
