/*
 * A supervise that supervises nothing: it records in the file $SCAN_FAKE how it
 * was started, and which signal ended it.
 *
 *   start ARGUMENT in DIRECTORY blocked=MASK ignored=MASK nofile=N fds=0,1,2
 *       group=own|other
 *   TERM ARGUMENT in DIRECTORY
 *
 * With $SCAN_FAKE_EXIT it exits with that number at once.  Else it holds the
 * lock, where it can make one.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void
copy_mask(FILE *out, char const *label, char const *name)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];

	while (status && fgets(line, sizeof line, status))
		if (strncmp(line, name, strlen(name)) == 0)
			fprintf(
			    out, " %s=%.16s", label, line + strlen(name) + 1);
	if (status)
		fclose(status);
}

static void
list_fds(FILE *out, int record)
{
	for (int fd = 0; fd < 1024; fd++)
		if (fd != record && fcntl(fd, F_GETFD) != -1)
			fprintf(out, "%s%d", fd ? "," : " fds=", fd);
}

static void
hold_lock(char const *service)
{
	int fd = -1;

	if (chdir(service) == 0) {
		mkdir("supervise", 0755);
		fd = open("supervise/lock", O_WRONLY | O_CREAT, 0600);
	}
	if (fd != -1)
		flock(fd, LOCK_EX | LOCK_NB);
}

int
main(int argc, char **argv)
{
	char const *path = getenv("SCAN_FAKE");
	char const *code = getenv("SCAN_FAKE_EXIT");
	char cwd[4096], text[8192] = "";
	struct rlimit limit;
	sigset_t set;
	int signal = 0, record;
	FILE *out;

	if (argc != 2 || !path || !getcwd(cwd, sizeof cwd))
		return 100;
	record = open(path, O_WRONLY | O_APPEND | O_CREAT, 0666);
	out = fmemopen(text, sizeof text, "w");
	if (record == -1 || !out)
		return 111;
	getrlimit(RLIMIT_NOFILE, &limit);
	fprintf(out, "start %s in %s", argv[1], strrchr(cwd, '/') + 1);
	copy_mask(out, "blocked", "SigBlk:");
	copy_mask(out, "ignored", "SigIgn:");
	fprintf(out, " nofile=%lu", (unsigned long)limit.rlim_cur);
	list_fds(out, record);
	fprintf(out, " group=%s\n", getpgrp() == getpid() ? "own" : "other");
	fflush(out);
	if (write(record, text, strlen(text)) == -1)
		return 111;
	if (code)
		return atoi(code);
	hold_lock(argv[1]);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigwait(&set, &signal);
	dprintf(record, "%s %s in %s\n",
	    signal == SIGTERM  ? "TERM"
	    : signal == SIGHUP ? "HUP"
			       : "USR1",
	    argv[1], strrchr(cwd, '/') + 1);
	return 0;
}
