/*
 * scan_term [-1] DELAY_US LIMIT_S PROGRAM [ARGUMENT...]: starts it, with -1 as
 * process 1 of a new name space of processes; sends it TERM that many
 * microseconds after its exec; and waits for its end.  Exits 0 if it has ended
 * within the limit, with 0, and left no process; else says what is wrong, and
 * exits 1.  Exits 77 if there is no such name space for us.
 *
 * Before its main() it cannot but die of TERM, and is not complained of; as
 * process 1 it would not even notice, so there the time counts from the moment
 * at which TERM is caught, or blocked to be read from a descriptor.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct start {
	char **argv;
	int told; /* closed by the exec */
};

static int
run(void *data)
{
	struct start *start = data;
	char failed = 1;

	execvp(start->argv[0], start->argv);
	return write(start->told, &failed, 1) == 1 ? 127 : 126;
}

static pid_t
begin(char **argv, bool first)
{
	static _Alignas(16) char stack[65536];
	struct start start = {.argv = argv};
	int space = first ? CLONE_NEWPID : 0, p[2];
	char byte;
	pid_t pid;

	if (first && geteuid() != 0)
		space |= CLONE_NEWUSER;
	if (pipe2(p, O_CLOEXEC) == -1)
		exit(111);
	start.told = p[1];
	pid = clone(run, stack + sizeof stack, space | SIGCHLD, &start);
	if (pid == -1)
		exit(first ? 77 : 111);
	close(p[1]);
	if (read(p[0], &byte, 1) != 0)
		exit(111);
	close(p[0]);
	return pid;
}

static bool
catches(pid_t pid, int signal)
{
	char path[64], line[256];
	unsigned long long caught = 0, blocked = 0;
	FILE *status;

	snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
	status = fopen(path, "r");
	while (status && fgets(line, sizeof line, status)) {
		sscanf(line, "SigBlk: %llx", &blocked);
		sscanf(line, "SigCgt: %llx", &caught);
	}
	if (status)
		fclose(status);
	return (caught | blocked) >> (signal - 1) & 1;
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The status that it has ended with. */
static int
end_of(pid_t pid, double limit)
{
	int status;
	pid_t got;

	while ((got = waitpid(pid, &status, WNOHANG)) == 0) {
		if (seconds() > limit) {
			printf("it has not ended\n");
			exit(1);
		}
		usleep(200);
	}
	return got == pid ? status : -1;
}

/* All that it has left has become ours. */
static bool
is_childless(void)
{
	pid_t got;

	while ((got = waitpid(-1, NULL, WNOHANG)) > 0)
		;
	return got == -1 && errno == ECHILD;
}

int
main(int argc, char **argv)
{
	bool first = argc > 1 && strcmp(argv[1], "-1") == 0, catching;
	int status;
	double limit;
	pid_t pid;

	argv += first;
	if (argc < 4 + first)
		return 100;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	limit = seconds() + atoi(argv[2]);
	pid = begin(argv + 3, first);
	while (first && !catches(pid, SIGTERM) && seconds() < limit)
		;
	usleep((unsigned int)atoi(argv[1]));
	catching = catches(pid, SIGTERM);
	kill(pid, SIGTERM);
	status = end_of(pid, limit);
	if (status != 0 && (catching || status != SIGTERM)) {
		printf("it has ended with status 0x%x\n", (unsigned)status);
		return 1;
	}
	if (!is_childless()) {
		printf("it has left a process\n");
		return 1;
	}
	return 0;
}
