/*
 * supervise DIR: keep the service in DIR as it is wanted.
 *
 * Every source of events has its place here: children, signals, letters, time.
 * Until the service is started or adopted whatever fails is fatal; after that
 * nothing is.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/wait.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/iopause.h>
#include <skalibs/selfpipe.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/tai.h>

#include "supervise/after.h"
#include "supervise/control.h"
#include "supervise/life.h"
#include "supervise/ready.h"
#include "supervise/service.h"
#include "supervise/setup.h"
#include "supervise/warn.h"
#include "supervise/shown.h"
#include "supervise/words.h"

#define USAGE	   "supervise dir"
#define RETRY_SECS 1

static char const *name; /* of the service, in messages */
static struct setup setup;
static struct service service;
static int signal_fd;

static void
reap(void)
{
	int wait_status;
	pid_t pid;

	while ((pid = waitpid_nointr(
		    -1, &wait_status, WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
		if (pid != service.child.pid || service.child.adopted)
			continue;
		if (WIFSTOPPED(wait_status))
			life_paused(&service, true);
		else if (WIFCONTINUED(wait_status))
			life_paused(&service, false);
		else
			life_ended(&service, &wait_status);
	}
}

static void
read_control(void)
{
	static warn_memory trouble;
	char letters[512];
	ssize_t n;

	do {
		n = fd_read(setup.control_fd, letters, sizeof letters);
		if (n == -1 && errno != EAGAIN)
			warn_once(&trouble, errno, "read", name, CONTROL_FIFO);
		for (ssize_t i = 0; i < n; i++)
			service_obey(&service, letters[i]);
	} while (n == sizeof letters);
}

static void
read_signals(void)
{
	int signal;

	while ((signal = selfpipe_read()) > 0)
		switch (signal) {
		case SIGCHLD:
			/* What the service said, it said before it died. */
			read_control();
			reap();
			break;
		case SIGTERM:
		case SIGINT:
			service_shut_down(&service);
			break;
		case SIGHUP:
			service_feed(&service, EVENT_EXIT);
			break;
		case SIGUSR1:
			service_feed(&service, EVENT_REPLACE);
			break;
		}
}

static void
wait_for_something(void)
{
	static warn_memory trouble;
	int const fds[] = {signal_fd, setup.control_fd, service.child.pidfd,
	    service.notify.fifo, service.notify.socket};
	iopause_fd x[sizeof fds / sizeof *fds];
	unsigned int n = 0;
	tain deadline;

	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		if (fds[i] != -1)
			x[n++] =
			    (iopause_fd){.fd = fds[i], .events = IOPAUSE_READ};
	if (iopause_g(x, n, service_deadline(&service, &deadline)) != -1) {
		trouble = 0;
		return;
	}
	/* The descriptor limit may be below n: then look once a second. */
	warn_once(&trouble, errno, "wait for", name, SUPERVISE_DIR);
	tain_now_g();
	tain_addsec_g(&deadline, RETRY_SECS);
	iopause_g(x, 0, &deadline);
}

/* Every look is non-blocking and costs little, so all are taken. */
static void
look_at_everything(void)
{
	read_control();
	ready_listen(&service);
	read_signals();
	life_ask_adopted(&service);
	after_ask_cleared(&service);
	service_pass_time(&service);
}

/* Only when something has been published, lest old tales be believed. */
static void
show(void)
{
	static warn_memory trouble;

	if (setup.ok_fd != -1)
		return;
	if (setup_show(&setup) == 0) {
		trouble = 0;
		return;
	}
	warn_once(&trouble, errno, "read", name, CONTROL_OK);
	service_arm(&service, TIMER_RETRY, RETRY_MS);
}

static _Noreturn void
die(char const *verb, char const *object)
{
	strerr_diefu(111, verb, name, object, ": ", words(errno));
}

static void
trap_signals(void)
{
	static int const caught[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1};
	sigset_t traps;

#ifdef PR_SET_CHILD_SUBREAPER
	prctl(PR_SET_CHILD_SUBREAPER, 1);
#endif
	sig_ignore(SIGPIPE);
	sig_ignore(SIGXFSZ);
	/*
	 * Ignored, as a caller may leave it, children would reap themselves;
	 * sig_restore() would keep stops from being told.
	 */
	sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
	signal_fd = selfpipe_init();
	if (signal_fd == -1)
		die("catch signals for ", "");
	sigemptyset(&traps);
	for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
		sigaddset(&traps, caught[i]);
	if (!selfpipe_trapset(&traps))
		die("catch signals for ", "");
}

/* Not with a buffer of the library, which each supervise would have. */
static bool
answer(char const *option)
{
	static char const help[] = "usage: " USAGE "\n";
	static char const version[] = "supervise (upkeep) " VERSION "\n";

	if (strcmp(option, "--help") == 0)
		allwrite(1, help, sizeof help - 1);
	else if (strcmp(option, "--version") == 0)
		allwrite(1, version, sizeof version - 1);
	else
		return false;
	return true;
}

int
main(int argc, char **argv)
{
	char const *dir = argv[1];

	PROG = "supervise";
	if (argc != 2)
		strerr_dieusage(100, USAGE);
	if (answer(argv[1]))
		return 0;
	name = shown_name(dir);
	if (!fd_sanitize())
		die("open /dev/null for ", "");
	if (!tain_now_set_stopwatch_g())
		die("read the clock for ", "");
	trap_signals();
	if (chdir(dir) == -1)
		die("chdir to ", "");
	if (service_reserve(&service) == -1)
		die("get memory for ", "");
	if (setup_open(&setup) == -1)
		die(setup.failed, setup.object);
	if (service_begin(&service, name, dir, &setup) == -1)
		die("adopt the process of ", "");

	/* from here on we never die */
	service_start_first(&service);
	while (!service.over) {
		service_publish(&service);
		show();
		wait_for_something();
		look_at_everything();
	}
	_exit(0);
}
