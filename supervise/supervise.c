/*
 * supervise DIR: keep the service in DIR as it is wanted.
 *
 * A thin shell around the state machine of state.c: one place for every source
 * of events, one call for every action.  Until the service is started or
 * adopted whatever fails is fatal; after that nothing is: warn once, publish,
 * retry.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/iopause.h>
#include <skalibs/selfpipe.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/tai.h>

#include "supervise/cause.h"
#include "supervise/child.h"
#include "supervise/control.h"
#include "supervise/facts.h"
#include "supervise/publish.h"
#include "supervise/setup.h"
#include "supervise/state.h"
#include "supervise/status.h"
#include "supervise/words.h"

#define USAGE	     "supervise dir"
#define RUN	     "./run"
#define RESTART_SECS 1 /* from one start to the next */
#define RETRY_SECS   1 /* until what failed is tried again */

static char const *service; /* its name in messages */
static struct state state;
static struct child child = CHILD_NONE;
static struct facts facts;
static struct published status_file = {
    STATUS_FILE, STATUS_FILE ".new", -1, "", 0};
static struct published report_file = {
    REPORT_FILE, REPORT_FILE ".new", -1, "", 0};
static bool changed; /* since it was published */
static tain rested_at;
static tain retry_at;
static int lock_fd;
static int signal_fd;
static int control_fd;

static void feed(enum event event);

/* A standard error that nobody reads must not hold up a service. */
static bool
can_speak(void)
{
	iopause_fd x = {.fd = 2, .events = IOPAUSE_WRITE};

	return iopause(&x, 1, &tain_zero, &tain_zero) == 1 &&
	       x.revents == POLLOUT;
}

/* Not twice in a row about the same errno; 0 in *last means all is well. */
static void
warn_once(int *last, int error, char const *verb, char const *object)
{
	if (*last == error)
		return;
	*last = error;
	if (can_speak())
		strerr_warnwu(
		    verb, " ", service, "/", object, ": ", words(error));
}

static void
publish_all(void)
{
	static int report_trouble, status_trouble;
	struct status status = facts_status(&facts, &state, &child);
	struct report report;
	char record[STATUS_SIZE];

	facts_report(&report, &facts, &state, &child);
	status_pack(record, &status);
	changed = false;
	/* The report first: who sees a new status finds its explanation. */
	if (publish(&report_file, report.text, report.len) == -1) {
		warn_once(&report_trouble, errno, "write", REPORT_FILE);
		changed = true;
	} else {
		report_trouble = 0;
	}
	if (publish(&status_file, record, sizeof record) == -1) {
		warn_once(&status_trouble, errno, "write", STATUS_FILE);
		changed = true;
	} else {
		status_trouble = 0;
	}
	if (changed)
		tain_addsec_g(&retry_at, RETRY_SECS);
}

/* Said once for every reason in a row, not once a second. */
static void
start_failed(char const *verb, int error, char const *cause)
{
	char before[sizeof facts.error];

	memcpy(before, facts.error, sizeof before);
	facts_failed(&facts, verb, error, cause);
	if (strcmp(before, facts.error) != 0 && can_speak())
		strerr_warnw(service, ": ", facts.error);
}

static void
start(void)
{
	bool own_session = access("no-setsid", F_OK) == -1;

	tain_now_g();
	tain_addsec_g(&rested_at, RESTART_SECS);
	if (child_start(&child, RUN, own_session, lock_fd) == -1) {
		start_failed("fork for " RUN, errno, "");
		feed(EVENT_FORK_FAILED);
		return;
	}
	/* A successor must find the process before it can execute anything. */
	publish_all();
	child_go(&child);
}

static void
signal_child(int signal)
{
	static int trouble;

	if (child_signal(&child, signal) == 0 || errno == ESRCH)
		trouble = 0;
	else
		warn_once(&trouble, errno, "signal", RUN);
}

static void
perform(struct action const *action)
{
	switch (action->kind) {
	case ACTION_START:
		start();
		break;
	case ACTION_SIGNAL:
		signal_child(action->signal);
		break;
	case ACTION_EXIT:
		publish_all();
		_exit(0);
	}
}

static void
feed(enum event event)
{
	struct step step = state_step(state, event);

	state = step.state;
	changed = true;
	for (int i = 0; i < step.actions_len; i++)
		perform(&step.actions[i]);
}

/* What the started child says about its exec. */
static void
read_link(void)
{
	int error;

	switch (child_executed(&child, &error)) {
	case CHILD_PENDING:
		return;
	case CHILD_EXECUTED:
		facts_executed(&facts);
		feed(EVENT_EXECUTED);
		return;
	case CHILD_FAILED:
		start_failed("execute " RUN, error, cause_of(RUN, error));
		changed = true;
		return;
	}
}

static void
died(int const *wait_status)
{
	if (child.link != -1)
		read_link();
	if (state.phase == PHASE_UP)
		facts_died(&facts, wait_status);
	child_forget(&child);
	feed(EVENT_DIED);
}

static void
reap(void)
{
	int wait_status;
	pid_t pid;

	while ((pid = waitpid_nointr(
		    -1, &wait_status, WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
		if (pid != child.pid || child.adopted)
			continue;
		if (WIFSTOPPED(wait_status))
			feed(EVENT_STOPPED);
		else if (WIFCONTINUED(wait_status))
			feed(EVENT_CONTINUED);
		else
			died(&wait_status);
	}
}

static void
read_signals(void)
{
	int signal;

	while ((signal = selfpipe_read()) > 0)
		switch (signal) {
		case SIGCHLD:
			reap();
			break;
		case SIGTERM:
		case SIGINT:
			feed(EVENT_DOWN);
			feed(EVENT_EXIT);
			break;
		case SIGHUP:
			feed(EVENT_EXIT);
			break;
		case SIGUSR1:
			feed(EVENT_REPLACE);
			break;
		}
}

static void
read_control(void)
{
	static int trouble;
	char letters[512];
	ssize_t n = fd_read(control_fd, letters, sizeof letters);

	if (n == -1 && errno != EAGAIN)
		warn_once(&trouble, errno, "read", CONTROL_FIFO);
	for (ssize_t i = 0; i < n; i++) {
		struct control const *control = control_find(letters[i]);

		if (control)
			feed(control->event);
	}
}

/* Of an adopted process without pidfd nobody tells that it has died. */
static bool
must_ask(void)
{
	return child.adopted && child.pidfd == -1;
}

static tain const *
soonest(tain *deadline)
{
	bool timed = false;

	*deadline = tain_infinite;
	if (!state.rested) {
		*deadline = rested_at;
		timed = true;
	}
	if ((changed || must_ask()) && tain_less(&retry_at, deadline)) {
		*deadline = retry_at;
		timed = true;
	}
	return timed ? deadline : NULL;
}

static void
pass_time(void)
{
	if (!state.rested && !tain_future(&rested_at))
		feed(EVENT_RESTED);
	if (must_ask() && !tain_future(&retry_at)) {
		tain_addsec_g(&retry_at, RETRY_SECS);
		if (!child_lives(&child))
			died(NULL);
	}
}

static void
wait_for_something(void)
{
	static int trouble;
	int const fds[] = {signal_fd, control_fd, child.link, child.pidfd};
	iopause_fd x[sizeof fds / sizeof *fds];
	unsigned int n = 0;
	tain deadline;

	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		if (fds[i] != -1)
			x[n++] =
			    (iopause_fd){.fd = fds[i], .events = IOPAUSE_READ};
	if (iopause_g(x, n, soonest(&deadline)) != -1) {
		trouble = 0;
		return;
	}
	/* The descriptor limit may be below n: then look once a second. */
	warn_once(&trouble, errno, "wait for", SUPERVISE_DIR);
	tain_now_g();
	tain_addsec_g(&deadline, RETRY_SECS);
	iopause_g(x, 0, &deadline);
}

/*
 * Every look is non-blocking and costs little, so all are taken.  The letters
 * come before the deaths: a service that sends "x" and ends must not be started
 * once more.
 */
static void
look_at_everything(void)
{
	read_control();
	if (child.link != -1)
		read_link();
	read_signals();
	if (child.pidfd != -1 && !child_lives(&child))
		died(NULL);
	pass_time();
	if (changed)
		publish_all();
}

static _Noreturn void
die(char const *verb, char const *object)
{
	strerr_diefu(111, verb, service, object, ": ", words(errno));
}

static void
trap_signals(void)
{
	static int const traps[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1};

	sig_ignore(SIGPIPE);
	/* Ignored, as a caller may leave it, children would reap themselves. */
	sig_restore(SIGCHLD);
	signal_fd = selfpipe_init();
	if (signal_fd == -1)
		die("catch signals for ", "");
	for (size_t i = 0; i < sizeof traps / sizeof *traps; i++)
		if (!selfpipe_trap(traps[i]))
			die("catch signals for ", "");
}

/* Classic order: nothing is changed but the directory before the lock. */
static bool
set_up(void)
{
	struct stat st;
	bool down_file;

	trap_signals();
	if (chdir(service) == -1)
		die("chdir to ", "");
	down_file = stat("down", &st) == 0;
	if (!down_file && errno != ENOENT)
		die("stat ", "/down");
	if (setup_directory() == -1)
		die("create ", "/" SUPERVISE_DIR);
	lock_fd = setup_lock();
	if (lock_fd == -1)
		die("acquire ", "/" LOCK_FILE);
	control_fd = setup_fifo(CONTROL_FIFO, 0600);
	if (control_fd == -1)
		die("read ", "/" CONTROL_FIFO);
	/* Kept, so that the reading end never sees an end of file. */
	if (openc_write(CONTROL_FIFO) == -1)
		die("write ", "/" CONTROL_FIFO);
	return down_file;
}

/* Find what an earlier supervise has left; true if its process still runs. */
static bool
adopt(char const *report)
{
	struct facts_left left;
	struct status status;
	int found;

	if (!facts_left(&left, report, &facts))
		return false;
	found = child_adopt(&child, left.pid, left.born);
	if (found == -1)
		die("adopt the process of ", "");
	if (found == 0)
		return false;
	state = state_begin(left.want);
	feed(EVENT_ADOPTED);
	if (status_read(&status) == 0 && status.pid == (uint32_t)left.pid) {
		facts.since = status.since;
		state.paused = status.paused;
		state.term_sent = status.term_sent;
	}
	return true;
}

static void
begin(bool down_file)
{
	char report[REPORT_MAX + 1] = "";
	enum want want = down_file ? WANT_DOWN : WANT_UP;
	bool adopted;

	facts_begin(&facts);
	report_read(report);
	facts_continue(&facts, report);
	facts_resume(&want, report);
	adopted = adopt(report);
	if (!adopted)
		state = state_begin(want);
	publish_open(&report_file);
	publish_open(&status_file);
	publish_all();
	/* Whoever can open ok finds control and a status of ours in place. */
	if (setup_fifo(CONTROL_OK, 0622) == -1)
		die("read ", "/" CONTROL_OK);
	if (adopted || want == WANT_DOWN)
		return;
	feed(want == WANT_ONCE ? EVENT_ONCE : EVENT_UP);
}

static bool
answer(char const *option)
{
	if (strcmp(option, "--help") == 0)
		buffer_putsflush(buffer_1, "usage: " USAGE "\n");
	else if (strcmp(option, "--version") == 0)
		buffer_putsflush(buffer_1, "supervise (upkeep) " VERSION "\n");
	else
		return false;
	return true;
}

int
main(int argc, char const *const *argv)
{
	bool down_file;

	PROG = "supervise";
	if (argc != 2)
		strerr_dieusage(100, USAGE);
	if (answer(argv[1]))
		return 0;
	service = argv[1];
	if (!fd_sanitize())
		die("open /dev/null for ", "");
	if (!tain_now_set_stopwatch_g())
		die("read the clock for ", "");
	down_file = set_up();
	begin(down_file);

	/* from here on we never die */
	for (;;) {
		wait_for_something();
		look_at_everything();
	}
}
