/*
 * supervise DIR: keep the service in DIR as it is wanted.
 *
 * All sources of events are here: children, signals, letters, timers.  feed()
 * alone gives events to the state machine, and carries out its actions; a
 * function that carries out an action returns the event that answers it.
 *
 * Failures are fatal until the service is started or adopted; afterwards none
 * is.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/posixplz.h>
#include <skalibs/selfpipe.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "supervise/adopt.h"
#include "supervise/client.h"
#include "supervise/control.h"
#include "supervise/finish.h"
#include "supervise/linux.h"
#include "supervise/ready.h"
#include "supervise/run.h"
#include "supervise/service.h"

#define USAGE "supervise dir"

static struct service service;
static int signal_fd;
static bool final; /* supervise/final must be written before leaving */
static bool over;  /* supervise exits */

/*
 * The report first, so that whoever sees a new status finds its reasons; and
 * clients find a supervise only when the status is not that of the last one.
 */
static void
publish_all(void)
{
	static int trouble;

	run_publish_all(&service);
	if (service.setup.ok_fd == -1 && !over)
		run_trouble(&service, &trouble, "read", CONTROL_OK,
		    setup_show(&service.setup) == 0 ? 0 : errno);
}

/* An essential service is down for good: tell svscan and exit, or retry. */
static struct event
leave_for_good(void)
{
	struct report const *report = &service.facts.report;
	char text[UINT_FMT + 1];
	unsigned int code = report->end_code;
	size_t n;
	bool written;

	if (!final)
		return state_event(EVENT_NONE);
	if (report->end == END_KILLED)
		code += 128;
	else if (report->end != END_EXITED)
		code = 111;
	n = uint_fmt(text, service.not_executed ? 111 : code);
	text[n++] = '\n';
	setup_spend(&service.setup);
	written = run_publish(&service, &service.final, text, n);
	setup_regain(&service.setup);
	return state_event(written ? EVENT_EXIT : EVENT_NONE);
}

#define BIT(signal) (UINT64_C(1) << ((signal)-1))

/* Keep a signal that could not be sent, to send it later. */
static struct event
send_signal(int signal, bool group)
{
	static int trouble;
	struct report *report = &service.facts.report;
	uint64_t *unsent = group ? &report->unsent_group : &report->unsent;
	bool adopted = service.process.adopted;
	bool pauses = signal == SIGSTOP || signal == SIGCONT;
	int error = 0;

	/* It may die of it, and then its children are somebody else's. */
	if (adopted && service.state.phase == PHASE_UP && !pauses)
		process_note(&service.notes, service.process.pid);
	if (process_signal(&service.process, signal, group) == -1 &&
	    errno != ESRCH)
		error = errno;

	/* STOP and CONT cancel each other. */
	*unsent &= ~(pauses ? BIT(SIGSTOP) | BIT(SIGCONT) : BIT(signal));
	if (error)
		*unsent |= BIT(signal);
	run_trouble(&service, &trouble, "signal", SERVICE_RUN, error);
	/* The kernel tells only the parent that a process stops or continues.
	 */
	if (!adopted || !pauses)
		return state_event(EVENT_NONE);
	return state_event(signal == SIGSTOP ? EVENT_STOPPED : EVENT_CONTINUED);
}

/* A death within the time to stop is taken for one that was asked for. */
static void
excuse_death(void)
{
	uint32_t ms = service.options.timeout_kill_ms;

	service.excused = timer_after(ms ? ms : SERVICE_KILL_MS);
}

/* How a stop is asked for is for the action to say. */
static struct event
stop(enum action action, bool group)
{
	uint32_t kill_ms = service.options.timeout_kill_ms;
	int signal = (int)service.options.stop_signal;

	if (action == ACTION_STOP)
		excuse_death();
	else if (!kill_ms)
		kill_ms = SERVICE_KILL_MS;
	/* A second request does not postpone the KILL of the first. */
	timer_arm_once(&service.timers, TIMER_KILL, kill_ms);
	if (action == ACTION_ABORT) {
		service.timers.due[TIMER_WATCHDOG] = 0;
		send_signal(SIGABRT, group);
	} else {
		send_signal(signal, group);
		finish_tell_all(&service, signal);
	}
	return send_signal(SIGCONT, group);
}

/* The event that answers the action, or none. */
static struct event
perform(enum action action, int signal)
{
	bool group = service.prefix == CONTROL_GROUP ||
		     (service.prefix != CONTROL_PROCESS &&
			 service.options.kill_mode == KILL_GROUP);

	switch (action) {
	case ACTION_NONE:
		break;
	case ACTION_START:
		final = false;
		return run_start(&service);
	case ACTION_HURRY:
		service.timers.due[TIMER_REST] = service.may_start;
		break;
	case ACTION_AWAIT:
		return ready_await(&service);
	case ACTION_SIGNAL:
		if (signal != SIGSTOP && signal != SIGCONT)
			excuse_death();
		return send_signal(signal, group);
	case ACTION_STOP:
	case ACTION_STOP_OR_KILL:
	case ACTION_ABORT:
		return stop(action, group);
	case ACTION_KILL:
		service.killing = true;
		if (service.state.phase == PHASE_CLEARING)
			return finish_clear(&service);
		return send_signal(
		    SIGKILL, group || service.state.phase == PHASE_FINISHING);
	case ACTION_WATCH:
		ready_watch(&service);
		break;
	case ACTION_CLEAR:
		return finish_clear(&service);
	case ACTION_FINISH:
		return finish_start(&service);
	case ACTION_FINAL:
		if (service.state.failed)
			run_gave_up(&service);
		final = service.options.essential;
		return leave_for_good();
	case ACTION_EXIT:
		over = true;
		break;
	}
	return state_event(EVENT_NONE);
}

static void
feed(struct event event)
{
	while (event.kind != EVENT_NONE && !over) {
		struct step step = state_step(service.state, event);

		service.state = step.state;
		event = perform(step.action, event.signal);
	}
}

/* wait_status is null when it was not our child. */
static void
ended(int const *wait_status)
{
	feed(service.state.phase == PHASE_FINISHING
		 ? finish_ended(&service, wait_status)
		 : run_ended(&service, wait_status));
}

static void
reap(void)
{
	int wait_status;
	pid_t pid;

	while ((pid = waitpid_nointr(
		    -1, &wait_status, WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
		if (pid != service.process.pid || service.process.adopted)
			continue;
		if (WIFSTOPPED(wait_status))
			feed(state_event(EVENT_STOPPED));
		else if (WIFCONTINUED(wait_status))
			feed(state_event(EVENT_CONTINUED));
		else
			ended(&wait_status);
	}
}

static void
read_control(void)
{
	static int trouble;
	char letters[512];
	ssize_t n;

	do {
		n = fd_read(service.setup.control_fd, letters, sizeof letters);
		run_trouble(&service, &trouble, "read", CONTROL_FIFO,
		    n == -1 && errno != EAGAIN ? errno : 0);
		for (ssize_t i = 0; i < n; i++) {
			struct control const *row = control_find(letters[i]);

			if (row && row->event.kind == EVENT_UP &&
			    access("once", F_OK) == 0)
				feed(state_event(EVENT_ONCE));
			else if (row)
				feed(row->event);
			service.prefix = letters[i];
		}
	} while (n == sizeof letters);
	/* A + or = at the end of a write is not for the next client's letter.
	 */
	service.prefix = 0;
}

static void
read_signals(void)
{
	int signal;

	while ((signal = selfpipe_read()) > 0)
		switch (signal) {
		case SIGCHLD:
			/* Read letters first: the service sent them before it
			 * died. */
			read_control();
			reap();
			break;
		case SIGTERM:
		case SIGINT:
			feed(state_event(EVENT_DOWN));
			feed(state_event(EVENT_EXIT));
			break;
		case SIGHUP:
			feed(state_event(EVENT_EXIT));
			break;
		case SIGUSR1:
			feed(state_event(EVENT_REPLACE));
			break;
		}
}

static void
look_at_adopted(void)
{
	struct process const *process = &service.process;

	if (!process->adopted)
		return;
	if (process->pidfd == -1)
		timer_arm(&service.timers, TIMER_RETRY, SERVICE_RETRY_MS);
	if (process_lives(process) == 0)
		ended(NULL);
}

/* Retry what has failed. */
static void
retry(void)
{
	struct report const *report = &service.facts.report;

	if (service.state.phase == PHASE_FINISHING && !service.process.pid)
		feed(finish_start(&service));
	if (service.deaf)
		feed(run_resume(&service));
	for (int signal = 1; signal <= 64; signal++) {
		if (report->unsent >> (signal - 1) & 1)
			feed(send_signal(signal, false));
		if (report->unsent_group >> (signal - 1) & 1)
			feed(send_signal(signal, true));
	}
}

static void
pass_time(void)
{
	struct timers *timers = &service.timers;

	if (timer_fires(timers, TIMER_REST))
		feed(state_event(EVENT_RESTED));
	if (timer_fires(timers, TIMER_KILL))
		feed(state_event(EVENT_KILL_DUE));
	if (timer_fires(timers, TIMER_READY))
		feed(ready_due(&service));
	if (timer_fires(timers, TIMER_WATCHDOG))
		feed(ready_watchdog(&service));
	if (timer_fires(timers, TIMER_RETRY))
		retry();
}

static void
wait_for_something(void)
{
	static int trouble;
	int const fds[] = {signal_fd, service.setup.control_fd,
	    service.process.pidfd, service.notify.fifo, service.notify.socket};
	enum { FDS = sizeof fds / sizeof *fds };
	struct pollfd x[FDS];
	int error = 0;

	for (int i = 0; i < FDS; i++)
		x[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
	if (poll(x, FDS, timer_wait_ms(&service.timers)) == -1 &&
	    errno != EINTR)
		error = errno;
	/* The descriptor limit may be below FDS: then look once a second. */
	run_trouble(&service, &trouble, "wait for", SUPERVISE_DIR, error);
	if (error)
		poll(x, 0, timer_wait_ms(&service.timers));
}

static _Noreturn void
die(char const *verb, char const *object)
{
	client_die(verb, service.name, object);
}

static void
trap_signals(void)
{
	static int const caught[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1};
	sigset_t pending;
	bool told =
	    sigpending(&pending) == 0 && sigismember(&pending, SIGTERM) == 1;

	/* selfpipe_init() unblocks it: drop it, and have it once more. */
	if (told)
		signal(SIGTERM, SIG_IGN);
	linux_subreaper();
	process_signals();
	signal_fd = selfpipe_init();
	for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
		if (signal_fd == -1 || !selfpipe_trap(caught[i]))
			die("catch signals for", "");
	if (told)
		raise(SIGTERM);
}

/*
 * Its name in messages has no slash at the end, and says more than ".": "blog",
 * or "blog/log" for a logger.
 */
static void
enter(char *dir)
{
	size_t len = strlen(dir);
	char *last, *parent = NULL;

	if (chdir(dir) == -1)
		die("chdir to", "");
	while (len > 1 && dir[len - 1] == '/')
		dir[--len] = 0;
	last = strrchr(dir, '/');
	last = last ? last + 1 : dir;
	if (*last && strcmp(last, ".") != 0 && strcmp(last, "..") != 0)
		return;
	dir = getcwd(NULL, 0);
	last = dir ? strrchr(dir, '/') : NULL;
	if (last && strcmp(last, "/log") == 0)
		parent = memrchr(dir, '/', (size_t)(last - dir));
	service.name = parent ? parent + 1 : last ? last + 1 : "?";
}

static void
begin(char *dir)
{
	trap_signals();
	enter(dir);
	service.process = PROCESS_NONE;
	service.notify = NOTIFY_NONE;
	service.report = PUBLISHED(REPORT_FILE);
	service.status = PUBLISHED(STATUS_FILE);
	service.final = PUBLISHED(CONTROL_FINAL);
	if (setup_open(&service.setup) == -1 || adopt_all(&service) == -1)
		die(service.setup.failed, service.setup.object);
	unlink_void(CONTROL_FINAL);
}

int
main(int argc, char **argv)
{
	static char const wrong[] = "supervise: usage: " USAGE "\n";

	PROG = "supervise";
	client_answer(argc, argv, "usage: " USAGE "\n",
	    "supervise (upkeep) " VERSION "\n");
	if (argc != 2) {
		/* strerr_dieusage() has a buffer of 1 kB, for good. */
		allwrite(2, wrong, sizeof wrong - 1);
		return 100;
	}
	service.name = argv[1];
	if (!fd_sanitize())
		die("open /dev/null for", "");
	begin(argv[1]);

	/* from here on we never die */
	/* ./run must find itself supervised. */
	if (service.state.phase == PHASE_WAITING)
		publish_all();
	feed(adopt_begin(&service));
	while (!over) {
		publish_all();
		wait_for_something();
		/* All of these are non-blocking and cheap: call every one. */
		read_control();
		feed(ready_listen(&service));
		read_signals();
		look_at_adopted();
		pass_time();
		feed(finish_clear(&service));
		feed(leave_for_good());
	}
	publish_all();
	/* Also for what the service has left behind, if it kept the lock. */
	flock(service.setup.lock_fd, LOCK_UN);
	_exit(0);
}
