/*
 * All processes below this one, which must be a subreaper: what they use, by
 * /proc, and their end.  A process with the name "run" is a service; what it
 * needs is not the supervisors' doing, and is left out of the memory.
 */
#ifndef TESTS_TOOL_TREE_H
#define TESTS_TOOL_TREE_H

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct tree {
	unsigned long pss, private, tables; /* kB */
	unsigned long loggers; /* of pss, that of multilog and such */
	uint64_t cpu;	       /* ns */
	uint64_t wakes;
};

/* The whole of /proc/PID/NAME, or of /proc/NAME for 0; else "". */
static inline char const *
proc_text(pid_t pid, char const *name)
{
	static char text[8192];
	char path[64];
	int fd;
	ssize_t r = 0;

	if (pid)
		snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
	else
		snprintf(path, sizeof path, "/proc/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd != -1) {
		r = read(fd, text, sizeof text - 1);
		close(fd);
	}
	text[r > 0 ? r : 0] = 0;
	return text;
}

/* The number behind a label in it; 0 if there is none. */
static inline unsigned long
proc_number(pid_t pid, char const *name, char const *label)
{
	char const *at = strstr(proc_text(pid, name), label);

	return at ? strtoul(at + strlen(label), NULL, 10) : 0;
}

/* In ns; of a zombie too. */
static inline uint64_t
proc_cpu(pid_t pid)
{
	return proc_number(pid, "schedstat", "");
}

struct tree_process {
	pid_t parent;
	bool service;
};

static inline struct tree_process *
tree_list(size_t max)
{
	struct tree_process *list = calloc(max, sizeof *list);
	DIR *dir = opendir("/proc");
	struct dirent *e;

	if (!list || !dir)
		exit(111);
	while ((e = readdir(dir))) {
		size_t pid = strtoul(e->d_name, NULL, 10);
		char const *text, *at;

		if (!pid || pid >= max)
			continue;
		text = proc_text((pid_t)pid, "stat");
		at = strrchr(text, ')');
		if (!at || strlen(at) < 4)
			continue;
		list[pid].parent = (pid_t)strtol(at + 4, NULL, 10);
		list[pid].service = strstr(text, " (run) ");
	}
	closedir(dir);
	return list;
}

static inline void
tree_each(void (*call)(pid_t, bool, struct tree *), struct tree *tree)
{
	size_t max = proc_number(0, "sys/kernel/pid_max", "") + 1;
	struct tree_process *list = tree_list(max);
	pid_t self = getpid();

	for (size_t pid = 1; pid < max; pid++) {
		pid_t p = list[pid].parent;

		for (int depth = 0; p && p != self && depth < 9; depth++)
			p = list[p].parent;
		if (p == self)
			call((pid_t)pid, list[pid].service, tree);
	}
	free(list);
}

static inline void
tree_add_cpu(pid_t pid, bool service, struct tree *tree)
{
	(void)service;
	tree->cpu += proc_cpu(pid);
}

static inline void
tree_add_wakes(pid_t pid, bool service, struct tree *tree)
{
	if (!service)
		tree->wakes +=
		    proc_number(pid, "status", "\nvoluntary_ctxt_switches:");
}

static inline void
tree_add_memory(pid_t pid, bool service, struct tree *tree)
{
	unsigned long pss = proc_number(pid, "smaps_rollup", "\nPss:");

	if (service)
		return;
	tree->pss += pss;
	if (strstr(proc_text(pid, "comm"), "log"))
		tree->loggers += pss;
	tree->private += proc_number(pid, "smaps_rollup", "\nPrivate_Dirty:");
	tree->tables += proc_number(pid, "status", "\nVmPTE:");
}

static inline void
tree_kill_one(pid_t pid, bool service, struct tree *tree)
{
	(void)service;
	(void)tree;
	kill(pid, SIGKILL);
}

/* Kills them all, and all that they start meanwhile. */
static inline void
tree_kill(void)
{
	struct timespec const pause = {0, 10000000};
	pid_t r;

	do {
		tree_each(tree_kill_one, NULL);
		nanosleep(&pause, NULL);
		while ((r = waitpid(-1, NULL, WNOHANG)) > 0)
			;
	} while (r == 0);
}

#endif
