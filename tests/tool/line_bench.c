/*
 * line_bench BYTES LENGTH PROGRAM [ARGUMENT...]: gives that many bytes of
 * lines of that length to the standard input of a program, 64 kilobytes at a
 * time, and prints how long it took until the program had ended, in
 * microseconds: real time, and the program's own time in the CPU.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/tool/first.h"

#define PIECE 65536

/* One line in ten says 500; as much of it as fits. */
static void
make_line(char *to, size_t length, unsigned long n)
{
	char line[8192];
	int len = snprintf(line, sizeof line,
	    "%07lu GET /a/%lu.html status=%d ", n, n % 97, n % 10 ? 200 : 500);

	memset(line + len, 'x', sizeof line - (size_t)len);
	line[length - 1] = '\n';
	memcpy(to, line, length);
}

static void
feed(int fd, size_t bytes, size_t length)
{
	/* Whole lines, and whole pieces: length times PIECE bytes. */
	size_t size = length * PIECE > 16777216 ? 256 * PIECE : length * PIECE;
	char *text = malloc(size + length);
	size_t at = 0;

	if (!text)
		exit(111);
	for (size_t i = 0; i < size; i += length)
		make_line(text + i, length, i / length);
	while (bytes) {
		size_t n = bytes < PIECE ? bytes : PIECE;
		ssize_t r = write(fd, text + at, n);

		if (r <= 0)
			exit(111);
		bytes -= (size_t)r;
		at = (at + (size_t)r) % size;
		if (size - at < PIECE)
			at = 0;
	}
}

static long
micros(struct timeval const *t)
{
	return (long)t->tv_sec * 1000000 + (long)t->tv_usec;
}

int
main(int argc, char **argv)
{
	int p[2], status;
	struct timespec a, b;
	struct rusage used;
	pid_t pid;

	if (argc < 4 || strtoul(argv[2], NULL, 10) > 8000 || pipe(p) == -1)
		return 100;
	signal(SIGPIPE, SIG_IGN);
	go_first();
	clock_gettime(CLOCK_MONOTONIC, &a);
	pid = fork();
	if (!pid) {
		signal(SIGPIPE, SIG_DFL);
		dup2(p[0], 0);
		close(p[0]);
		close(p[1]);
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	close(p[0]);
	feed(p[1], strtoul(argv[1], NULL, 10), strtoul(argv[2], NULL, 10));
	close(p[1]);
	if (wait4(pid, &status, 0, &used) != pid || status)
		return 111;
	clock_gettime(CLOCK_MONOTONIC, &b);
	fprintf(stderr, "%ld %ld\n",
	    (long)(b.tv_sec - a.tv_sec) * 1000000 +
		(b.tv_nsec - a.tv_nsec) / 1000,
	    micros(&used.ru_utime) + micros(&used.ru_stime));
	return 0;
}
