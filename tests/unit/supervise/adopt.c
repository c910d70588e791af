/* In which state the report of an earlier supervise leaves a service. */
#include "supervise/adopt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static pid_t alive, dead;
static struct service service;

/* One that lives is gone when we are. */
static pid_t
process(bool lives)
{
	int ends[2];
	pid_t pid;
	char byte;

	CHECK(pipe(ends) == 0);
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		close(1);
		if (lives && read(ends[0], &byte, 1) != 0)
			_exit(1);
		_exit(0);
	}
	CHECK(pid > 0);
	if (!lives)
		CHECK(waitpid(pid, NULL, 0) == pid);
	return pid;
}

/* A supervise of this directory that knows nothing yet. */
static void
begin(void)
{
	static int lock_fd = -1;

	if (lock_fd == -1)
		lock_fd = open(SETUP_LOCK, O_WRONLY | O_CREAT, 0600);
	CHECK(lock_fd != -1);
	memset(&service, 0, sizeof service);
	service.name = "s";
	service.setup.lock_fd = lock_fd;
	service.setup.spare_fd = -1;
	service.process = PROCESS_NONE;
	service.notify = NOTIFY_NONE;
}

static struct report
report_of(char const *state, pid_t pid, char const *want, char const *next)
{
	struct report r;

	unlink(REPORT_FILE);
	begin();
	CHECK(adopt_all(&service) == 0);
	r = service.facts.report;
	strcpy(r.state, state);
	r.pid = (uint64_t)pid;
	r.born = pid ? process_born(alive) : 0;
	r.session = (uint64_t)pid;
	strcpy(r.want, want);
	strcpy(r.next, next);
	r.since = (struct timespec){time(NULL) - 100, 7};
	r.starts = 3;
	r.deaths = 2;
	r.end = END_EXITED;
	r.end_code = 5;
	return r;
}

static void
write_text(char const *text, size_t len)
{
	int fd = open(REPORT_FILE, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	CHECK(fd != -1 && write(fd, text, len) == (ssize_t)len);
	close(fd);
}

static void
write_report(struct report const *report)
{
	char text[REPORT_LONGEST];

	write_text(text, report_format(text, report));
}

/* Take over what a report says; the state must be this. */
static void
leaves(struct report const *report, struct state want)
{
	struct state const *s = &service.state;

	write_report(report);
	begin();
	CHECK(adopt_all(&service) == 0);
	CHECK(s->phase == want.phase);
	CHECK(s->want == want.want);
	CHECK(s->leave == LEAVE_NO);
	CHECK(s->rested == want.rested);
	CHECK(s->again == want.again);
	CHECK(s->ready == want.ready);
	CHECK(s->paused == want.paused);
	CHECK(s->term_sent == want.term_sent);
	CHECK(s->failed == want.failed);
	CHECK(service.facts.report.starts == 3);
	CHECK(service.facts.report.deaths == 2);
}

/* It begins with that event. */
static void
then(enum event_kind kind)
{
	CHECK(adopt_begin(&service).kind == kind);
	process_forget(&service.process);
}

static void
test_alive(void)
{
	struct state up = {.phase = PHASE_UP, .want = WANT_UP};
	struct report r = report_of("running", alive, "up", "up");
	struct state s = up;
	uint64_t ran_ms;

	leaves(&r, up);
	CHECK(service.process.adopted && service.process.pid == alive);
	CHECK(service.facts.report.since.tv_nsec == 7);
	ran_ms = timer_now() - service.facts.ran_from_ms;
	CHECK(ran_ms > 98000 && ran_ms < 200000);
	then(EVENT_READY);
	r = report_of("ready", alive, "up", "up");
	r.ready_since.tv_sec = 1;
	s.ready = true;
	leaves(&r, s);
	/* What was asked for before has been answered. */
	r = report_of("running", alive, "once", "down");
	s = up;
	s.want = WANT_ONCE;
	leaves(&r, s);
	r = report_of("stopping", alive, "down", "down");
	s.want = WANT_DOWN;
	s.term_sent = true;
	leaves(&r, s);
	CHECK_STR(state_word(&service.state), "stopping");
	then(EVENT_READY);
	r = report_of("stopping", alive, "once", "once");
	s.want = WANT_ONCE;
	s.again = true;
	leaves(&r, s);
	/* Its supervise was leaving: the directory decides. */
	r = report_of("stopping", alive, "down", "");
	s.want = WANT_UP;
	leaves(&r, s);
	CHECK_STR(state_word(&service.state), "stopping");
	CHECK(kill(alive, SIGSTOP) == 0);
	CHECK(waitpid(alive, NULL, WUNTRACED) == alive);
	r = report_of("running", alive, "up", "up");
	s = up;
	s.paused = true;
	leaves(&r, s);
	CHECK(kill(alive, SIGCONT) == 0);
	unit_done("adopt: a process that lives");
}

static void
test_starting(void)
{
	struct state up = {.phase = PHASE_UP, .want = WANT_UP};
	struct report r = report_of("starting", alive, "up", "up");

	r.starts = 2;
	leaves(&r, up);
	r = report_of("starting", 0, "once", "once");
	leaves(&r, (struct state){.phase = PHASE_WAITING, .want = WANT_ONCE});
	then(EVENT_RESTED);
	unit_done("adopt: in the middle of a start");
}

static void
test_dead(void)
{
	struct state up = {.phase = PHASE_UP, .want = WANT_DOWN};
	struct report r = report_of("running", dead, "down", "down");

	leaves(&r, up);
	CHECK(service.process.pid == 0);
	CHECK(service.facts.report.session == (uint64_t)dead);
	then(EVENT_DIED);
	CHECK(service.facts.report.deaths == 3);
	CHECK(service.facts.report.end == END_UNKNOWN);
	/* Another process has its pid. */
	r = report_of("running", alive, "down", "down");
	r.born++;
	leaves(&r, up);
	CHECK(service.process.pid == 0);
	/* It could not say who it is, and kept the lock. */
	r = report_of("running", alive, "down", "down");
	r.born = 0;
	leaves(&r, up);
	CHECK(service.process.pid == 0);
	r = report_of("running", alive, "down", "down");
	r.boot[0] = 0;
	leaves(&r, up);
	CHECK(service.process.pid == 0);
	r = report_of("finishing", 0, "up", "up");
	r.session = (uint64_t)alive;
	write_report(&r);
	begin();
	CHECK(adopt_all(&service) == 0);
	CHECK(service.facts.report.session == 0);
	unit_done("adopt: a process that has ended unseen");
}

static void
test_finishing(void)
{
	struct state s = {.phase = PHASE_FINISHING, .want = WANT_UP};
	struct report r = report_of("finishing", alive, "up", "up");

	leaves(&r, s);
	CHECK(service.process.pid == alive);
	CHECK(service.facts.report.end_code == 5);
	then(EVENT_NONE);
	r = report_of("finishing", dead, "up", "up");
	leaves(&r, s);
	then(EVENT_FINISHED);
	CHECK(service.facts.report.end_code == 5);
	/* The restart limit is passed. */
	r = report_of("finishing", dead, "up", "down");
	s.failed = true;
	leaves(&r, s);
	s = (struct state){.phase = PHASE_FINISHING, .want = WANT_ONCE};
	r = report_of("finishing", dead, "once", "down");
	leaves(&r, s);
	r = report_of("finishing", dead, "once", "once");
	s.again = true;
	leaves(&r, s);
	r = report_of("finishing", 0, "down", "down");
	leaves(&r, (struct state){.phase = PHASE_CLEARING, .want = WANT_DOWN});
	then(EVENT_CLEARED);
	unit_done("adopt: the end of ./run was being dealt with");
}

static void
test_no_process(void)
{
	struct state down = {
	    .phase = PHASE_DOWN, .want = WANT_DOWN, .rested = true};
	struct state again = {.phase = PHASE_WAITING, .want = WANT_UP};
	struct report r = report_of("down", 0, "down", "down");
	struct state s = down;

	s.phase = PHASE_FINISHING;
	s.rested = false;
	leaves(&r, down);
	CHECK(service.facts.report.since.tv_nsec == 7);
	then(EVENT_NONE);
	r = report_of("failed", 0, "down", "down");
	s.failed = true;
	leaves(&r, s);
	then(EVENT_FINISHED);
	r = report_of("down", 0, "once", "down");
	s.failed = false;
	s.want = WANT_ONCE;
	leaves(&r, s);
	then(EVENT_FINISHED);
	r = report_of("backoff", 0, "up", "up");
	leaves(&r, again);
	then(EVENT_RESTED);
	/* svc -dx */
	r = report_of("down", 0, "down", "");
	leaves(&r, again);
	service.setup.down_file = true;
	CHECK(adopt_all(&service) == 0);
	CHECK(service.state.phase == PHASE_DOWN);
	CHECK(service.state.want == WANT_DOWN);
	close(open("once", O_WRONLY | O_CREAT, 0644));
	again.want = WANT_ONCE;
	leaves(&r, again);
	unlink("once");
	unit_done("adopt: what was wanted, without a process");
}

static void
is_of_before(struct report const *report)
{
	leaves(report, (struct state){.phase = PHASE_WAITING, .want = WANT_UP});
	CHECK(service.facts.report.end == END_NONE);
}

static void
test_other_places(void)
{
	struct report r = report_of("running", alive, "down", "down");

	strcpy(r.boot, "01234567-89ab-cdef-0123-456789abcdef");
	is_of_before(&r);
	r = report_of("running", alive, "down", "down");
	if (r.init) {
		r.init++;
		is_of_before(&r);
	}
	r = report_of("running", alive, "down", "down");
	strcpy(r.lock, "1:1");
	r.starts = r.deaths = 0;
	write_report(&r);
	begin();
	CHECK(adopt_all(&service) == 0);
	CHECK(service.state.phase == PHASE_WAITING);
	CHECK(service.facts.report.starts == 0);
	unit_done("adopt: another boot, another container, a copy");
}

static void
test_none(void)
{
	struct report const *r = &service.facts.report;
	struct timespec before, after;

	unlink(REPORT_FILE);
	begin();
	clock_gettime(CLOCK_REALTIME, &before);
	CHECK(adopt_all(&service) == 0);
	clock_gettime(CLOCK_REALTIME, &after);
	CHECK(r->since.tv_sec >= before.tv_sec);
	CHECK(r->since.tv_sec <= after.tv_sec);
	CHECK(r->starts == 0 && r->deaths == 0);
	CHECK(r->end == END_NONE && !r->error[0]);
	CHECK(r->boot[0] && !strchr(r->boot, '\n'));
	CHECK(r->supervise == (uint64_t)getpid());
	CHECK(timer_now() - service.facts.ran_from_ms < 60000);
	unit_done("adopt: nothing, as nothing has happened yet");
}

static void
test_torn(void)
{
	struct report r = report_of("running", alive, "up", "up");
	struct timespec const old[2] = {{1, 0}, {1, 0}};
	char text[REPORT_LONGEST + 1];
	size_t len = report_format(text, &r);

	text[len] = 0;
	/* Wherever it is cut before the lock is named, be it between lines. */
	len = (size_t)(strstr(text, "lock=") - text) + 1;
	while (--len) {
		write_text(text, len);
		begin();
		CHECK(adopt_all(&service) == -1 && errno == EPROTO);
	}
	CHECK_STR(service.setup.object, REPORT_FILE);
	/* So it was when the power went. */
	CHECK(utimensat(AT_FDCWD, REPORT_FILE, old, 0) == 0);
	CHECK(adopt_all(&service) == 0);
	CHECK(service.state.phase == PHASE_WAITING);
	write_text("", 0);
	begin();
	CHECK(adopt_all(&service) == 0);
	CHECK(service.state.phase == PHASE_WAITING);
	unit_done("adopt: half of a report");
}

/* supervise/ may belong to another user: no link in it is followed. */
static void
test_link(void)
{
	struct report r = report_of("running", alive, "up", "up");

	write_report(&r);
	CHECK(rename(REPORT_FILE, "elsewhere") == 0);
	CHECK(symlink("../elsewhere", REPORT_FILE) == 0);
	begin();
	CHECK(adopt_all(&service) == 0);
	CHECK(service.state.phase == PHASE_WAITING && !service.process.pid);
	unlink(REPORT_FILE);
	unlink("elsewhere");
	unit_done("adopt: a link to a report");
}

int
main(void)
{
	char dir[] = "/tmp/upkeep.unit.XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) == -1 || mkdir("supervise", 0755) == -1)
		return 1;
	alive = process(true);
	dead = process(false);
	if (process_born(alive)) {
		test_alive();
		test_starting();
		test_dead();
		test_finishing();
		test_no_process();
		test_other_places();
		test_none();
		test_torn();
		test_link();
	}
	kill(alive, SIGKILL);
	unlink(REPORT_FILE);
	unlink(SETUP_LOCK);
	if (rmdir("supervise") == -1 || chdir("/") == -1 || rmdir(dir) == -1)
		return 1;
	return unit_exit();
}
