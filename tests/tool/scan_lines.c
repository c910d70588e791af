/*
 * scan_lines STATE LAST [PAUSE_US [LOCK]]: a service that prints numbered
 * lines, each in one write, until LAST, and then waits.  It goes on where it
 * was when it ended or was killed: the next number is kept in the file STATE,
 * which is mapped, so that even KILL leaves it right, but for a line that may
 * come twice.  TERM ends it between two lines.
 * PAUSE_US is the mean pause after a line.
 *
 * With LOCK it first takes a lock on that file, and if somebody has it, adds a
 * line "double" to it: two instances have run at once.  And a line "pipe" at
 * EPIPE.
 *
 *   1234 <1234 times 7, in hexadecimal> xxxxxxxx.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

static sig_atomic_t volatile ending;
static int notes = -1;

static void
end(int signal)
{
	ending = signal;
}

static unsigned long volatile *
map_counter(char const *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	void *page;

	if (fd == -1 || ftruncate(fd, 4096) == -1)
		exit(111);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		exit(111);
	return page;
}

static void
be_alone(char const *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);

	if (fd == -1)
		exit(111);
	notes = fd;
	if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (write(fd, "double\n", 7) == -1)
			exit(111);
		flock(fd, LOCK_EX);
	}
}

static void
write_line(unsigned long n)
{
	static char const fill[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	char line[128];
	int len = snprintf(line, sizeof line, "%lu %lx %.*s.\n", n, n * 7,
	    (int)(n % 41), fill);

	if (write(1, line, (size_t)len) == len)
		return;
	if (errno == EPIPE && notes != -1 && write(notes, "pipe\n", 5) == -1)
		exit(112);
	exit(111);
}

int
main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = end, .sa_flags = SA_RESTART};
	unsigned long volatile *next;
	unsigned long last;
	int pause_us = argc > 3 ? atoi(argv[3]) : 0, owed_us = 0;

	if (argc < 3)
		return 100;
	if (argc > 4)
		be_alone(argv[4]);
	last = strtoul(argv[2], NULL, 10);
	next = map_counter(argv[1]);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	while (!ending && *next < last) {
		write_line(*next + 1);
		++*next;
		owed_us += pause_us;
		if (owed_us >= 1000) {
			usleep((unsigned int)owed_us);
			owed_us = 0;
		}
	}
	while (!ending)
		poll(NULL, 0, 100);
	return 0;
}
