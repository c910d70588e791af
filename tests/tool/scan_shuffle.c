/*
 * scan_shuffle SEED STEPS TARGETS [PID]: in the current directory, links to
 * ../there/0 to ../there/TARGETS-1 are made, renamed, put in each other's place
 * and removed, STEPS times, in an order and with pauses that SEED decides.  The
 * names are n0 to nTARGETS-1.  With PID, that process is sent a HUP every now
 * and then.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static uint64_t state;

static unsigned int
below(unsigned int n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned int)(state >> 32) % n;
}

/* Half of them too short for anything, some long enough for a start. */
static void
rest(void)
{
	static unsigned int const most_us[] = {1, 1, 50, 1000, 5000, 20000};

	usleep(below(most_us[below(6)]));
}

static int
step(unsigned int targets)
{
	char one[32], two[32], target[32];

	snprintf(one, sizeof one, "n%u", below(targets));
	snprintf(two, sizeof two, "n%u", below(targets));
	snprintf(target, sizeof target, "../there/%u", below(targets));
	switch (below(6)) {
	case 0:
		return unlink(one);
	case 1:
		return rename(one, two);
	case 2:
		/* A link in the place of another, with no moment between. */
		if (symlink(target, ".new") == -1)
			return -1;
		return rename(".new", one);
	}
	return symlink(target, one);
}

int
main(int argc, char **argv)
{
	pid_t pid = argc == 5 ? (pid_t)atol(argv[4]) : 0;
	unsigned int targets;
	int steps;

	if (argc < 4)
		return 100;
	state = 88172645463325252u + 7919 * strtoull(argv[1], NULL, 10);
	steps = atoi(argv[2]);
	targets = (unsigned int)atoi(argv[3]);
	if (!targets)
		return 100;
	while (steps--) {
		if (step(targets) == -1 && errno != ENOENT && errno != EEXIST)
			return 111;
		if (pid && below(15) == 0)
			kill(pid, SIGHUP);
		rest();
	}
	return 0;
}
