/*
 * exec_bench N PROGRAM [ARGUMENT...]: runs it N times, one after the other,
 * and prints the median in microseconds from vfork(2) to its end.  Its output
 * goes nowhere; it must exit with 0.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tool/first.h"
#include "tests/tool/median.h"

int
main(int argc, char **argv)
{
	int all = argc > 2 ? atoi(argv[1]) : 0, out = dup(1), status;
	int null = open("/dev/null", O_WRONLY);
	int64_t *took = calloc((size_t)(all > 0 ? all : 1), sizeof *took);

	if (all < 1 || !took || dup2(null, 1) == -1)
		return 100;
	go_first();
	for (int n = 0; n < all; n++) {
		int64_t begin = now();
		pid_t pid = vfork();

		if (pid == 0) {
			execvp(argv[2], argv + 2);
			_exit(127);
		}
		if (waitpid(pid, &status, 0) != pid || status)
			return 111;
		took[n] = now() - begin;
	}
	dprintf(out, "%.1f\n", median(took, all));
	return 0;
}
