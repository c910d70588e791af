/*
 * delay_bench N FILE PROGRAM [ARGUMENT...]: writes N lines of 120 bytes to the
 * standard input of the program, each when the one before it is in the file,
 * and prints the median in microseconds until it is.  Exit 111 if the file
 * does not appear.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tool/first.h"
#include "tests/tool/median.h"

#define WAIT_NS INT64_C(10000000000)

/* Until the file is longer than before and ends in a newline; its length. */
static off_t
wait_for_line(char const *file, off_t before, int64_t begin)
{
	static int fd = -1;
	struct stat st;
	char last = 0;

	for (;;) {
		if (fd == -1)
			fd = open(file, O_RDONLY | O_CLOEXEC);
		if (fd != -1 && fstat(fd, &st) == 0 && st.st_size > before &&
		    pread(fd, &last, 1, st.st_size - 1) == 1 && last == '\n')
			return st.st_size;
		if (now() - begin > WAIT_NS)
			exit(111);
		sched_yield();
	}
}

int
main(int argc, char **argv)
{
	int all = argc > 3 ? atoi(argv[1]) : 0, p[2], status;
	int64_t *took = calloc((size_t)(all > 0 ? all : 1), sizeof *took);
	char line[120];
	off_t size = 0;
	pid_t pid;

	if (all < 1 || !took || pipe2(p, O_CLOEXEC) == -1)
		return 100;
	memset(line, 'x', sizeof line);
	line[sizeof line - 1] = '\n';
	go_first();
	signal(SIGPIPE, SIG_IGN);
	pid = fork();
	if (pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		dup2(p[0], 0);
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	close(p[0]);
	/* The first one until the program runs. */
	for (int n = -1; n < all; n++) {
		int64_t begin = now();

		if (write(p[1], line, sizeof line) != sizeof line)
			return 111;
		size = wait_for_line(argv[2], size, begin);
		if (n >= 0)
			took[n] = now() - begin;
	}
	close(p[1]);
	if (waitpid(pid, &status, 0) != pid || status)
		return 111;
	printf("%.1f\n", median(took, all));
	return 0;
}
