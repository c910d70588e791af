/*
 * below [-k | -l | -x] DIRECTORY [NAME]: prints the pids of all processes whose
 * working directory is DIRECTORY or below it, even if it has been deleted, and
 * whose name is NAME; with -x, only of those in DIRECTORY itself; with -l, name
 * and working directory, too.  With -k, it kills them, and all that have
 * UPKEEP_TEST_RUN=DIRECTORY in their environment, until there are none; exits 1
 * if some do not go.  DIRECTORY is absolute, and no link.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MAX 200 /* 10 seconds, or more where the machine is busy */

static char const *directory, *wanted_name;
static char option;
static char cwd[PATH_MAX];

/* /proc/PID/FILE, ended by a NUL: how long it is. */
static size_t
proc_read(char const *pid, char const *file, char *text, size_t size)
{
	char path[64];
	ssize_t r = 0;
	int fd;

	snprintf(path, sizeof path, "/proc/%.20s/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd != -1) {
		r = read(fd, text, size - 1);
		close(fd);
	}
	text[r > 0 ? r : 0] = 0;
	return r > 0 ? (size_t)r : 0;
}

static bool
works_there(char const *pid)
{
	char path[64];
	size_t len = strlen(directory);
	ssize_t r;

	snprintf(path, sizeof path, "/proc/%.20s/cwd", pid);
	r = readlink(path, cwd, sizeof cwd - 1);
	if (r == -1)
		return false;
	cwd[r] = 0;
	return strncmp(cwd, directory, len) == 0 &&
	       (cwd[len] == 0 || strcmp(cwd + len, " (deleted)") == 0 ||
		   (cwd[len] == '/' && option != 'x'));
}

static bool
is_of_the_test(char const *pid)
{
	static char environment[1 << 17];
	char wanted[PATH_MAX];
	size_t len = proc_read(pid, "environ", environment, sizeof environment);

	snprintf(wanted, sizeof wanted, "UPKEEP_TEST_RUN=%s", directory);
	for (char const *at = environment; at < environment + len;
	     at += strlen(at) + 1)
		if (strcmp(at, wanted) == 0)
			return true;
	return false;
}

static bool
look_at(char const *pid)
{
	char name[64];

	if (atoi(pid) <= 1 || atoi(pid) == getpid())
		return false;
	if (!works_there(pid) && !(option == 'k' && is_of_the_test(pid)))
		return false;
	proc_read(pid, "comm", name, sizeof name);
	name[strcspn(name, "\n")] = 0;
	if (wanted_name && strcmp(name, wanted_name) != 0)
		return false;
	if (option == 'k')
		kill(atoi(pid), SIGKILL);
	else if (option == 'l')
		printf("%s %s %s\n", pid, name, cwd);
	else
		printf("%s\n", pid);
	return true;
}

/* Are there any? */
static bool
look(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool found = false;

	while (proc && (entry = readdir(proc)))
		found |= look_at(entry->d_name);
	if (proc)
		closedir(proc);
	return found;
}

int
main(int argc, char **argv)
{
	struct timespec pause = {.tv_nsec = 1000000};

	if (argc > 1 && argv[1][0] == '-') {
		option = argv[1][1];
		argv++;
		argc--;
	}
	if (argc < 2 || argc > 3 || argv[1][0] != '/')
		return 100;
	directory = argv[1];
	wanted_name = argv[2];
	for (int i = 0; i < ROUNDS_MAX; i++) {
		if (!look() || option != 'k')
			return 0;
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 50000000)
			pause.tv_nsec *= 2;
	}
	return 1;
}
