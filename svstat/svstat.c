/*
 * svstat: one line about each service named.  Also known as svok: is it
 * supervised?
 *
 * Whatever there is to say about a service is said on stdout, and the exit code
 * is 0: monitoring and configuration managers count on both.
 *
 * A status file says something about its service only while a supervise lives.
 * One that dies leaves it as it was, so supervise/ok is asked before the
 * file is read and again after.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/sgetopt.h>
#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>

#include "supervise/control.h"
#include "supervise/status.h"
#include "supervise/words.h"
#include "svstat/report.h"

#ifndef O_PATH
#define O_PATH O_RDONLY
#endif

static char const usage[] = "svstat: usage: svstat [service ...]\n";

static _Noreturn void
die(char const *what)
{
	strerr_dief(111, "unable to ", what, ": ", words(errno));
}

/*
 * With stdout closed, one of our descriptors would take its number.  Opened for
 * reading, so that writing to it stays an error.
 */
static void
guard_streams(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) == -1 &&
		    open2("/dev/null", O_RDONLY) != fd)
			die("open /dev/null");
}

static _Noreturn void
answer(char const *question)
{
	if (strcmp(question, "--version") == 0) {
		buffer_puts(buffer_1, PROG);
		buffer_puts(buffer_1, " (upkeep) " VERSION "\n");
	} else if (strcmp(PROG, "svok") == 0) {
		buffer_puts(buffer_1,
		    "usage: svok service\n"
		    "exit code: 0 supervised, 100 not, 111 trouble\n");
	} else {
		buffer_puts(buffer_1, usage + strlen("svstat: "));
	}
	if (!buffer_flush(buffer_1))
		die("write to stdout");
	_exit(0);
}

/* Note where the look at a service ended, and why. */
static void
stop(struct report *r, enum report_stage stage)
{
	r->error = errno;
	r->stage = stage;
}

static bool
see_alive(struct report *r)
{
	int alive = control_alive();

	if (alive == -1)
		stop(r, REPORT_OPEN_OK);
	else if (!alive)
		stop(r, REPORT_NOT_RUNNING);
	return alive == 1;
}

static bool
see_status(struct report *r)
{
	char record[STATUS_SIZE + 1];
	ssize_t n;
	int fd = openc_read(STATUS_FILE);

	if (fd == -1) {
		stop(r, REPORT_OPEN_STATUS);
		return false;
	}
	errno = 0;
	n = (ssize_t)allread(fd, record, sizeof record);
	if (n < STATUS_CLASSIC && errno)
		n = -1;
	if (n == -1 || status_unpack(&r->status, record, (size_t)n) == -1) {
		stop(r, REPORT_READ_STATUS);
		n = -1;
	}
	fd_close(fd);
	return n != -1;
}

/* Look at the service that is the current directory. */
static void
look(struct report *r)
{
	struct stat st;

	if (stat("down", &st) == 0) {
		r->down_file = true;
	} else if (errno != ENOENT) {
		stop(r, REPORT_STAT_DOWN);
		return;
	}
	if (see_alive(r) && see_status(r) && see_alive(r))
		r->stage = REPORT_COMPLETE;
}

static void
report(char const *name, int start)
{
	static stralloc line = STRALLOC_ZERO;
	struct report r = {.name = name};
	struct timespec now;

	if (chdir(name) == -1) {
		stop(&r, REPORT_CHDIR);
	} else {
		look(&r);
		if (fd_chdir(start) == -1)
			die("set directory");
	}
	/* time(2) lags by a tick, and a start just now would be in the future.
	 */
	clock_gettime(CLOCK_REALTIME, &now);
	line.len = 0;
	if (report_line(&line, &r, now.tv_sec) == -1)
		die("report");
	if (buffer_put(buffer_1, line.s, line.len) == -1)
		die("write to stdout");
}

static int
svok(char const *name)
{
	int alive;

	if (!name)
		strerr_dieusage(100, "svok service");
	if (chdir(name) == -1)
		strerr_dief(
		    111, "unable to chdir to ", name, ": ", words(errno));
	alive = control_alive();
	if (alive == -1 && errno != ENOENT)
		strerr_dief(111, "unable to open ", name, "/" CONTROL_OK ": ",
		    words(errno));
	return alive == 1 ? 0 : 100;
}

/* The index of the first word behind the options. */
static int
parse(int argc, char const *const *argv)
{
	subgetopt l = SUBGETOPT_ZERO;

	if (subgetopt_r(argc, argv, "", &l) != -1) {
		buffer_putsflush(buffer_2, usage);
		_exit(100);
	}
	return l.ind;
}

int
main(int argc, char **argv)
{
	char const *slash = argc ? strrchr(argv[0], '/') : NULL;
	bool is_svok;
	int start;

	is_svok = argc && strcmp(slash ? slash + 1 : argv[0], "svok") == 0;
	PROG = is_svok ? "svok" : "svstat";
	guard_streams();
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 ||
			     strcmp(argv[1], "--version") == 0))
		answer(argv[1]);
	if (is_svok)
		return svok(argv[1]);
	argv += parse(argc, (char const *const *)argv);
	start = open2(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (start == -1)
		die("open current directory");
	for (; *argv; argv++)
		report(*argv, start);
	if (!buffer_flush(buffer_1))
		die("write to stdout");
	return 0;
}
