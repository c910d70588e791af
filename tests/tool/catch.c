/*
 * catch FILE: says in FILE how it was started (signal mask and dispositions,
 * descriptors, session), then one line per signal it is sent; ends at TERM.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
	int number;
	char const *name;
} const signals[] = {
    {SIGHUP, "HUP"},
    {SIGINT, "INT"},
    {SIGQUIT, "QUIT"},
    {SIGABRT, "ABRT"},
    {SIGUSR1, "USR1"},
    {SIGUSR2, "USR2"},
    {SIGALRM, "ALRM"},
    {SIGTERM, "TERM"},
    {SIGCONT, "CONT"},
};

static void
say_status(FILE *out)
{
	char line[256];
	FILE *status = fopen("/proc/self/status", "r");

	while (status && fgets(line, sizeof line, status))
		if (strncmp(line, "SigBlk:", 7) == 0 ||
		    strncmp(line, "SigIgn:", 7) == 0)
			fputs(line, out);
	if (status)
		fclose(status);
}

static void
say_descriptors(FILE *out)
{
	fprintf(out, "fds");
	for (int fd = 0; fd < 1024; fd++)
		if (fd != fileno(out) && fcntl(fd, F_GETFD) != -1)
			fprintf(out, " %d", fd);
	fprintf(out, "\n");
}

int
main(int argc, char **argv)
{
	FILE *out = argc == 2 ? fopen(argv[1], "w") : NULL;
	sigset_t set;
	int got = 0;

	if (!out)
		return 100;
	say_status(out);
	say_descriptors(out);
	fprintf(out, "session %s\n", getsid(0) == getpid() ? "own" : "other");
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaddset(&set, signals[i].number);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fprintf(out, "ready\n");
	fflush(out);
	while (got != SIGTERM && sigwait(&set, &got) == 0) {
		for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
			if (signals[i].number == got)
				fprintf(out, "%s\n", signals[i].name);
		fflush(out);
	}
	return 0;
}
