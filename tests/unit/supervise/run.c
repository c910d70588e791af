/* What is known becomes a status and a report, and is read back. */
#include "supervise/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>

#include "tests/unit/unit.h"

#define EXITED(code)  ((code) << 8)
#define KILLED(sig)   (sig)
#define DUMPED(sig)   ((sig) | 0x80)
#define BOOT	      "0afe6935-e9b0-4eaa-bcf4-7ed626af334a"
#define SINCE_SECONDS 1795262400

static struct service service;
static struct report *const now = &service.facts.report;

static void
begin(enum phase phase, enum want want)
{
	for (struct published *p = &service.status; service.name && p;
	     p = p == &service.status ? &service.report : NULL)
		if (p->fd != -1)
			close(p->fd);
	memset(&service, 0, sizeof service);
	service.name = "s";
	service.setup.spare_fd = -1;
	service.process = (struct process){12345, 678, -1, false};
	service.notify = NOTIFY_NONE;
	service.report = PUBLISHED(REPORT_FILE);
	service.status = PUBLISHED(STATUS_FILE);
	service.state = state_begin(want);
	service.state.phase = phase;
	memcpy(now->boot, BOOT, sizeof BOOT);
	now->since = (struct timespec){SINCE_SECONDS, 500000000};
	now->ready_since = (struct timespec){SINCE_SECONDS + 1, 7};
	now->supervise = 9;
	now->attempts = 3;
	now->starts = 3;
	now->deaths = 2;
}

static void
has_value(char const *name, char const *want)
{
	struct report report;
	char value[REPORT_TEXT_MAX];

	run_publish_all(&service);
	CHECK(report_read(&report) == 0);
	CHECK(report_value(value, &report, name));
	CHECK_STR(value, want);
}

static void
ends(int const *wait_status, char const *code, char const *number,
    char const *words)
{
	begin(PHASE_UP, WANT_UP);
	run_executed(&service);
	CHECK(run_ended(&service, wait_status).kind == EVENT_DIED);
	CHECK(now->deaths == 3 && !service.process.pid);
	CHECK(now->failed_attempt == now->attempts);
	has_value("exit_code", code);
	has_value("exit_signal", number);
	has_value("end", words);
	has_value("starts", "4");
}

static void
test_ends(void)
{
	begin(PHASE_UP, WANT_UP);
	has_value("exit_code", "");
	has_value("exit_signal", "0");
	has_value("end", "");
	ends(&(int){EXITED(0)}, "0", "0", "exited 0");
	ends(&(int){EXITED(111)}, "111", "0", "exited 111");
	ends(&(int){EXITED(255)}, "255", "0", "exited 255");
	ends(&(int){KILLED(SIGKILL)}, "", "9", "killed by signal 9");
	ends(&(int){DUMPED(SIGSEGV)}, "", "11", "killed by signal 11");
	ends(NULL, "unknown", "unknown", "ended, unknown how");
	unit_done("run: every end of a run");
}

/* What somebody has asked for is no failure. */
static void
test_asked(void)
{
	begin(PHASE_UP, WANT_UP);
	service.state.again = service.state.term_sent = true;
	run_ended(&service, &(int){KILLED(SIGTERM)});
	CHECK(!now->failed_attempt);
	begin(PHASE_UP, WANT_UP);
	service.excused = timer_after(60000);
	run_ended(&service, &(int){KILLED(SIGHUP)});
	CHECK(!now->failed_attempt);
	unit_done("run: an end that was asked for");
}

/* One that could not be executed has not run. */
static void
test_ran(void)
{
	begin(PHASE_UP, WANT_UP);
	run_executed(&service);
	service.facts.ran_from_ms -= 2000;
	run_ended(&service, &(int){EXITED(0)});
	CHECK(now->ran_ms >= 2000);
	CHECK(now->ran_ms < 60000);
	CHECK(now->since.tv_sec > SINCE_SECONDS - 86400 * 3650);
	begin(PHASE_STARTING, WANT_UP);
	run_ended(&service, NULL);
	CHECK(now->deaths == 2 && now->end == END_NONE);
	CHECK(now->since.tv_sec == SINCE_SECONDS);
	unit_done("run: how long a run took");
}

static void
test_failed(void)
{
	char verb[2 * REPORT_TEXT_MAX];
	int out = dup(2), null = open("/dev/null", O_WRONLY);

	begin(PHASE_STARTING, WANT_UP);
	CHECK(out != -1 && null != -1 && dup2(null, 2) == 2);
	run_failed(&service, "execute ", "./run", ENOENT, "");
	CHECK_STR(now->error, "unable to execute ./run: file does not exist");
	run_failed(&service, "execute ", "./run", EACCES, "not executable");
	CHECK_STR(now->error,
	    "unable to execute ./run: access denied (not executable)");
	memset(verb, 'x', sizeof verb - 1);
	verb[sizeof verb - 1] = 0;
	run_failed(&service, verb, "", ENOENT, verb);
	CHECK(strlen(now->error) == REPORT_TEXT_MAX - 1);
	dup2(out, 2);
	close(out);
	close(null);
	run_executed(&service);
	CHECK_STR(now->error, "");
	unit_done("run: why it does not start, until it does");
}

static struct status
status_of(enum phase phase, enum want want)
{
	struct status status;

	begin(phase, want);
	service.state.paused = service.state.term_sent = true;
	run_publish_all(&service);
	CHECK(status_read(&status) == 0);
	return status;
}

static void
check_status(enum phase phase, bool up, enum status_run run)
{
	struct status status = status_of(phase, WANT_UP);

	CHECK(status.pid == (up ? 12345 : 0));
	CHECK(status.paused == up);
	CHECK(status.term_sent == up);
	CHECK(status.run == run);
	CHECK(status.want == 'u');
	CHECK(status.since.tv_sec == SINCE_SECONDS);
}

static void
test_status(void)
{
	check_status(PHASE_DOWN, false, STATUS_DOWN);
	check_status(PHASE_WAITING, false, STATUS_DOWN);
	check_status(PHASE_STARTING, false, STATUS_DOWN);
	check_status(PHASE_UP, true, STATUS_RUNNING);
	check_status(PHASE_CLEARING, false, STATUS_FINISHING);
	check_status(PHASE_FINISHING, false, STATUS_FINISHING);
	CHECK(status_of(PHASE_UP, WANT_ONCE).want == 0);
	CHECK(status_of(PHASE_UP, WANT_DOWN).want == 'd');
	unit_done("run: a process is shown when ./run is executed");
}

static void
test_report(void)
{
	char text[REPORT_MAX + 1] = "";

	begin(PHASE_UP, WANT_ONCE);
	service.state.ready = true;
	memcpy(now->status_text, "fine=yes", sizeof "fine=yes");
	run_publish_all(&service);
	CHECK(openreadnclose(REPORT_FILE, text, REPORT_MAX) > 0);
	CHECK_STR(text,
	    "state=ready\npid=12345\nsince=1795262400.500000000\n"
	    "ready_since=1795262401.000000007\nwant=once\nattempts=3\n"
	    "starts=3\ndeaths=2\nfailed_attempt=0\n"
	    "exit_code=\nexit_signal=0\nran_ms=0\nleftovers=0\nend=\nerror=\n"
	    "status_text=fine=yes\nnotify_socket=\nsession=0\nborn="
	    "678\nboot=" BOOT "\n"
	    "init=0\nlock=\nsupervise=9\nnext=down\nresume=\nunsent=0\nunsent_"
	    "group=0\n");
	service.state.leave = LEAVE_REPLACE;
	has_value("resume", "once");
	service.state.leave = LEAVE_EXIT;
	has_value("resume", "");
	unit_done("run: the whole report");
}

int
main(void)
{
	char dir[] = "/tmp/upkeep.unit.XXXXXX";

	umask(0);
	if (!mkdtemp(dir) || chdir(dir) == -1 || mkdir("supervise", 0755) == -1)
		return 1;
	test_ends();
	test_asked();
	test_ran();
	test_failed();
	test_status();
	test_report();
	unlink(REPORT_FILE);
	unlink(STATUS_FILE);
	if (rmdir("supervise") == -1 || chdir("/") == -1 || rmdir(dir) == -1)
		return 1;
	return unit_exit();
}
