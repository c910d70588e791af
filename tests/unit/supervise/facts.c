/* What is known becomes a status and a report, and is read back. */
#include "supervise/facts.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "tests/unit/unit.h"

#define EXITED(code)  ((code) << 8)
#define KILLED(sig)   (sig)
#define DUMPED(sig)   ((sig) | 0x80)
#define BOOT	      "0afe6935-e9b0-4eaa-bcf4-7ed626af334a"
#define SINCE_SECONDS 1795262400

static struct facts
some_facts(void)
{
	struct facts facts = {0};

	memcpy(facts.report.boot, BOOT, sizeof BOOT);
	facts.report.since = (struct timespec){SINCE_SECONDS, 500000000};
	facts.report.ready_since = (struct timespec){SINCE_SECONDS + 1, 7};
	facts.report.supervise = 9;
	facts.report.starts = 3;
	facts.report.deaths = 2;
	return facts;
}

static struct process
some_child(void)
{
	struct process child = PROCESS_NONE;

	child.pid = 12345;
	child.born = 678;
	return child;
}

static char const *
report_of(
    struct facts *facts, struct state const *state, struct process const *child)
{
	static char text[REPORT_MAX + 1];

	text[facts_report(text, facts, state, child)] = 0;
	return text;
}

static void
has_value(char const *text, char const *name, char const *want)
{
	struct report report;
	char value[REPORT_TEXT_MAX];

	CHECK(report_parse(&report, text, strlen(text)) == 0);
	CHECK(report_value(value, &report, name));
	CHECK_STR(value, want);
}

static void
ends(int const *wait_status, char const *code, char const *number,
    char const *words)
{
	struct state state = state_begin(WANT_UP);
	struct process child = PROCESS_NONE;
	struct facts facts = some_facts();
	char const *report;

	facts_executed(&facts);
	facts_died(&facts, wait_status);
	CHECK(facts.report.deaths == 3);
	report = report_of(&facts, &state, &child);
	has_value(report, "exit_code", code);
	has_value(report, "exit_signal", number);
	has_value(report, "end", words);
	has_value(report, "starts", "4");
}

static void
test_ends(void)
{
	struct state state = state_begin(WANT_UP);
	struct process child = PROCESS_NONE;
	struct facts facts = some_facts();
	char const *report = report_of(&facts, &state, &child);

	has_value(report, "exit_code", "");
	has_value(report, "exit_signal", "0");
	has_value(report, "end", "");
	ends(&(int){EXITED(0)}, "0", "0", "exited 0");
	ends(&(int){EXITED(111)}, "111", "0", "exited 111");
	ends(&(int){EXITED(255)}, "255", "0", "exited 255");
	ends(&(int){KILLED(SIGKILL)}, "", "9", "killed by signal 9");
	ends(&(int){DUMPED(SIGSEGV)}, "", "11", "killed by signal 11");
	ends(NULL, "unknown", "unknown", "ended, unknown how");
	unit_done("facts: every end of a run");
}

static void
test_ran(void)
{
	struct facts facts = some_facts();

	facts_executed(&facts);
	facts.ran_from_ms -= 2000;
	facts_died(&facts, &(int){EXITED(0)});
	CHECK(facts.report.ran_ms >= 2000);
	CHECK(facts.report.ran_ms < 60000);
	CHECK(facts.report.since.tv_sec > SINCE_SECONDS - 86400 * 3650);
	unit_done("facts: how long a run took");
}

static void
test_failed(void)
{
	struct facts facts = some_facts();
	char verb[2 * REPORT_TEXT_MAX];

	facts_failed(&facts, "execute ", "./run", ENOENT, "");
	CHECK_STR(
	    facts.report.error, "unable to execute ./run: file does not exist");
	facts_failed(&facts, "execute ", "./run", EACCES, "not executable");
	CHECK_STR(facts.report.error,
	    "unable to execute ./run: access denied (not executable)");
	memset(verb, 'x', sizeof verb - 1);
	verb[sizeof verb - 1] = 0;
	facts_failed(&facts, verb, "", ENOENT, verb);
	CHECK(strlen(facts.report.error) == REPORT_TEXT_MAX - 1);
	facts_executed(&facts);
	CHECK_STR(facts.report.error, "");
	unit_done("facts: why it does not start, until it does");
}

static void
check_status(enum phase phase, bool up, enum status_run run)
{
	struct state state = state_begin(WANT_UP);
	struct process child = some_child();
	struct facts facts = some_facts();
	struct status status;

	state.phase = phase;
	state.paused = state.term_sent = true;
	status = facts_status(&facts, &state, &child);
	CHECK(status.pid == (up ? 12345 : 0));
	CHECK(status.paused == up);
	CHECK(status.term_sent == up);
	CHECK(status.run == run);
	CHECK(status.want == 'u');
	CHECK(status.since.tv_sec == SINCE_SECONDS);
}

static char
want_of(enum want want)
{
	struct state state = state_begin(want);
	struct process child = PROCESS_NONE;
	struct facts facts = some_facts();

	return facts_status(&facts, &state, &child).want;
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
	CHECK(want_of(WANT_UP) == 'u');
	CHECK(want_of(WANT_ONCE) == 0);
	CHECK(want_of(WANT_DOWN) == 'd');
	unit_done("facts: a process is shown when ./run is executed");
}

static void
test_report(void)
{
	struct state state = state_begin(WANT_ONCE);
	struct process child = some_child();
	struct facts facts = some_facts();

	state.phase = PHASE_UP;
	state.ready = true;
	memcpy(facts.report.status_text, "fine=yes", sizeof "fine=yes");
	CHECK_STR(report_of(&facts, &state, &child),
	    "state=ready\npid=12345\nsince=1795262400.500000000\n"
	    "ready_since=1795262401.000000007\nwant=once\nattempts=0\n"
	    "starts=3\ndeaths=2\n"
	    "exit_code=\nexit_signal=0\nran_ms=0\nleftovers=0\nend=\nerror=\n"
	    "status_text=fine=yes\nnotify_socket=\nsession=0\nborn="
	    "678\nboot=" BOOT "\n"
	    "init=0\nlock=\nsupervise=9\nnext=down\nresume=\nunsent=0\nunsent_"
	    "group=0\n");
	state.leave = LEAVE_REPLACE;
	has_value(report_of(&facts, &state, &child), "resume", "once");
	state.leave = LEAVE_EXIT;
	has_value(report_of(&facts, &state, &child), "resume", "");
	unit_done("facts: the whole report");
}

int
main(void)
{
	test_ends();
	test_ran();
	test_failed();
	test_status();
	test_report();
	return unit_exit();
}
