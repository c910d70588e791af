/*
 * life_bench SERVICE N DIRECTORY SUPERVISOR: makes N services in DIRECTORY,
 * whose run is SERVICE, a life_service, starts a SUPERVISOR for each, and does
 * one thing after the other to one service after the other.  Prints the
 * medians in microseconds:
 *
 *   from the death of a service that has run for a second to its next run;
 *   from the letter h to HUP in the service;
 *   from the letter d to the moment when the service is dead and reaped;
 *   from the letter u to the next run.
 *
 * The letters are written into supervise/control, which all have.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "tests/tool/first.h"
#include "tests/tool/life.h"
#include "tests/tool/tree.h"

#define MOST	100
#define WAIT_MS 20000
#define REST_MS 1200 /* so long a run is no crash for anybody */
#define BILLION 1000000000

static struct {
	pid_t pid;
	int control;
} services[MOST];

static int fifo;

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * BILLION + t.tv_nsec;
}

static void
fail(char const *what, int n)
{
	fprintf(stderr, "%s: service %d\n", what, n);
	tree_kill();
	exit(1);
}

static void
rest(void)
{
	struct timespec const t = {REST_MS / 1000, REST_MS % 1000 * 1000000};

	nanosleep(&t, NULL);
}

static struct life
hear(char what, int n)
{
	struct pollfd p = {.fd = fifo, .events = POLLIN};
	struct life life;

	do
		if (poll(&p, 1, WAIT_MS) != 1 ||
		    read(fifo, &life, sizeof life) != sizeof life)
			fail("nothing heard", n);
	while (life.what != what);
	return life;
}

static void
start(char const *service, int n, char *supervisor)
{
	char name[16], path[64], *argv[] = {supervisor, name, NULL};

	snprintf(name, sizeof name, "s%d", n);
	snprintf(path, sizeof path, "s%d/run", n);
	if (mkdir(name, 0755) == -1 || link(service, path) == -1)
		fail("unable to make", n);
	if (fork() == 0) {
		execvp(*argv, argv);
		_exit(127);
	}
	services[n].pid = hear('S', n).pid;
	snprintf(path, sizeof path, "s%d/supervise/control", n);
	services[n].control = open(path, O_WRONLY | O_CLOEXEC);
	if (services[n].control == -1)
		fail("no supervise/control", n);
}

static int64_t
send(int n, char letter)
{
	int64_t begin = now();

	if (write(services[n].control, &letter, 1) != 1)
		fail("unable to write a letter", n);
	return begin;
}

static int64_t
kill_it(int n)
{
	int64_t begin = now();
	struct life life;

	kill(services[n].pid, SIGKILL);
	life = hear('S', n);
	services[n].pid = life.pid;
	return life.ns - begin;
}

static int64_t
signal_it(int n)
{
	int64_t begin = send(n, 'h');

	return hear('H', n).ns - begin;
}

static int64_t
stop_it(int n)
{
	int64_t begin = send(n, 'd'), last = now();

	while (kill(services[n].pid, 0) == 0) {
		if (last - begin > (int64_t)WAIT_MS * 1000000)
			fail("still there", n);
		sched_yield();
		last = now();
	}
	return now() - begin;
}

static int64_t
start_it(int n)
{
	int64_t begin = send(n, 'u');
	struct life life = hear('S', n);

	services[n].pid = life.pid;
	return life.ns - begin;
}

static int
compare(void const *a, void const *b)
{
	int64_t x = *(int64_t const *)a, y = *(int64_t const *)b;

	return x < y ? -1 : x > y;
}

static void
measure(int64_t (*what)(int n), int all)
{
	int64_t took[MOST];

	for (int n = 0; n < all; n++)
		took[n] = what(n);
	qsort(took, (size_t)all, sizeof *took, compare);
	printf("%.1f ", (double)took[all / 2] / 1000);
}

int
main(int argc, char **argv)
{
	int all = argc == 5 ? atoi(argv[2]) : 0;

	if (all < 1 || all > MOST)
		return 100;
	go_first();
	if (chdir(argv[3]) == -1 || mkfifo("fifo", 0600) == -1)
		return 111;
	fifo = open("fifo", O_RDWR | O_CLOEXEC);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int n = 0; n < all; n++)
		start(argv[1], n, argv[4]);
	rest();
	measure(kill_it, all);
	rest();
	measure(signal_it, all);
	measure(stop_it, all);
	rest();
	measure(start_it, all);
	printf("\n");
	tree_kill();
	return 0;
}
