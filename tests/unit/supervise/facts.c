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
	struct facts facts;

	facts_begin(&facts);
	memcpy(facts.boot, BOOT, sizeof BOOT);
	facts.since = (struct timespec){SINCE_SECONDS, 500000000};
	facts.ready_since = (struct timespec){SINCE_SECONDS + 1, 7};
	facts.starts = 3;
	facts.deaths = 2;
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
report_of(struct facts const *facts, struct state const *state,
    struct process const *child)
{
	static struct report report;
	static char text[REPORT_MAX + 1];

	facts_report(&report, facts, state, child);
	CHECK(report.len < sizeof text);
	memcpy(text, report.text, report.len);
	text[report.len] = 0;
	return text;
}

static void
has_value(char const *report, char const *name, char const *want)
{
	char value[FACTS_ERROR_MAX];

	CHECK(report_get(report, name, value, sizeof value));
	CHECK_STR(value, want);
}

static void
test_begin(void)
{
	struct timespec before, after;
	struct facts facts;

	clock_gettime(CLOCK_REALTIME, &before);
	facts_begin(&facts);
	clock_gettime(CLOCK_REALTIME, &after);
	CHECK(facts.since.tv_sec >= before.tv_sec);
	CHECK(facts.since.tv_sec <= after.tv_sec);
	CHECK(facts.starts == 0 && facts.deaths == 0);
	CHECK(facts.end == END_NONE && !facts.error[0]);
	CHECK(!strchr(facts.boot, '\n'));
	unit_done("facts: nothing has happened yet");
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
	CHECK(facts.deaths == 3);
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
test_words_of_an_end(void)
{
	struct facts facts = some_facts();
	char words[FACTS_END_MAX], small[9];

	facts_died(&facts, &(int){EXITED(0)});
	facts.leftovers = 1;
	facts_end_words(words, sizeof words, &facts);
	CHECK_STR(words, "exited 0 and left 1 process behind");
	facts.leftovers = 4294967295;
	facts_died(&facts, NULL);
	CHECK(facts.leftovers == 0);
	facts.leftovers = 4294967295;
	facts_end_words(words, sizeof words, &facts);
	CHECK_STR(
	    words, "ended, unknown how and left 4294967295 processes behind");
	facts_end_words(small, sizeof small, &facts);
	CHECK_STR(small, "ended, u");
	unit_done("facts: an end in words, cut to size");
}

static void
test_ran(void)
{
	struct facts facts = some_facts();

	facts_executed(&facts);
	facts.ran_from.tv_sec -= 2;
	facts_died(&facts, &(int){EXITED(0)});
	CHECK(facts.ran_ms >= 2000);
	CHECK(facts.ran_ms < 60000);
	CHECK(facts.since.tv_sec > SINCE_SECONDS - 86400 * 3650);
	unit_done("facts: how long a run took");
}

static void
test_failed(void)
{
	struct facts facts = some_facts();
	char verb[2 * FACTS_ERROR_MAX];

	facts_failed(&facts, "execute ./run", ENOENT, "");
	CHECK_STR(facts.error, "unable to execute ./run: file does not exist");
	facts_failed(&facts, "execute ./run", EACCES, "not executable");
	CHECK_STR(facts.error,
	    "unable to execute ./run: access denied (not executable)");
	memset(verb, 'x', sizeof verb - 1);
	verb[sizeof verb - 1] = 0;
	facts_failed(&facts, verb, ENOENT, verb);
	CHECK(strlen(facts.error) == FACTS_ERROR_MAX - 1);
	facts_executed(&facts);
	CHECK_STR(facts.error, "");
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
	memcpy(facts.status_text, "fine=yes", sizeof "fine=yes");
	CHECK_STR(report_of(&facts, &state, &child),
	    "state=ready\npid=12345\nsince=1795262400.500000000\n"
	    "ready_since=1795262401.000000007\nwant=once\nstarts=3\ndeaths=2\n"
	    "exit_code=\nexit_signal=0\nran_ms=0\nleftovers=0\nend=\nerror=\n"
	    "status_text=fine=yes\nborn=678\nboot=" BOOT "\n");
	state.leave = LEAVE_REPLACE;
	has_value(report_of(&facts, &state, &child), "resume", "once");
	state.leave = LEAVE_EXIT;
	CHECK(!strstr(report_of(&facts, &state, &child), "resume="));
	unit_done("facts: the whole report");
}

/* The longest that can be said fits. */
static void
test_longest_report(void)
{
	struct state state = state_begin(WANT_DOWN);
	struct process child = some_child();
	struct facts facts = some_facts();
	char const *report;

	facts.starts = facts.deaths = facts.ran_ms = UINT64_MAX;
	facts.since = facts.ready_since =
	    (struct timespec){INT64_MAX, 999999999};
	facts.leftovers = UINT32_MAX;
	facts.end = END_UNKNOWN;
	memset(facts.error, 'x', FACTS_ERROR_MAX - 1);
	memset(facts.status_text, 'x', FACTS_STATUS_MAX - 1);
	memset(facts.boot, 'x', FACTS_BOOT_MAX - 1);
	child.pid = INT32_MAX;
	child.born = UINT64_MAX;
	state.phase = PHASE_UP;
	state.ready = true;
	state.leave = LEAVE_REPLACE;
	report = report_of(&facts, &state, &child);
	has_value(report, "resume", "down");
	CHECK(strlen(report) < REPORT_MAX);
	unit_done("facts: the longest report fits");
}

static char const *
sample(void)
{
	struct state state = state_begin(WANT_ONCE);
	struct process child = some_child();
	struct facts facts = some_facts();

	state.phase = PHASE_UP;
	state.ready = true;
	return report_of(&facts, &state, &child);
}

static void
test_left(void)
{
	struct facts facts = some_facts();
	struct facts_left left;

	CHECK(facts_left(&left, sample(), &facts));
	CHECK(left.pid == 12345 && left.born == 678);
	CHECK(left.want == WANT_ONCE);
	CHECK(!left.starting && !left.finishing && left.ready);
	memcpy(facts.boot, "another", sizeof "another");
	CHECK(!facts_left(&left, sample(), &facts));
	unit_done("facts: what an earlier supervise has left, of this boot");
}

/* A report that ends too early: no process is better than a wrong one. */
static void
test_left_cut(void)
{
	struct facts facts = some_facts();
	struct facts_left left;
	char text[REPORT_MAX + 1];
	size_t len = strlen(sample());
	enum want want;

	for (size_t n = 0; n <= len; n++) {
		memcpy(text, sample(), n);
		text[n] = 0;
		CHECK(facts_left(&left, text, &facts) == (n + 1 >= len));
		CHECK(!facts_resume(&want, text));
		facts_count(&facts, text);
		CHECK(facts.starts <= 3 && facts.deaths <= 2);
		facts_continue(&facts, text);
	}
	unit_done("facts: a report cut at every byte");
}

static bool
left_of(char const *report)
{
	struct facts facts = some_facts();
	struct facts_left left;

	return facts_left(&left, report, &facts);
}

#define REST "\nstate=running\nwant=up\nboot=" BOOT "\n"

static void
test_left_garbage(void)
{
	CHECK(left_of("pid=1" REST));
	CHECK(left_of("pid=2147483647" REST));
	CHECK(!left_of("pid=0" REST));
	CHECK(!left_of("pid=2147483648" REST));
	CHECK(!left_of("pid=4294967297" REST));
	CHECK(!left_of("pid=18446744073709551617" REST));
	CHECK(!left_of("pid=99999999999999999999999999" REST));
	CHECK(!left_of("pid=-1" REST));
	CHECK(!left_of("pid=+1" REST));
	CHECK(!left_of("pid= 1" REST));
	CHECK(!left_of("pid=1 " REST));
	CHECK(!left_of("pid=0x1" REST));
	CHECK(!left_of("pid=" REST));
	CHECK(!left_of("apid=1" REST));
	CHECK(!left_of("pid=1\nstate=running\nwant=up\n"));
	CHECK(!left_of("pid=1\nwant=up\nboot=" BOOT "\n"));
	CHECK(!left_of("pid=1\nstate=running\nboot=" BOOT "\n"));
	CHECK(!left_of("pid=1\nstate=running\nwant=upward\nboot=" BOOT "\n"));
	CHECK(!left_of("pid=1\nstate=running\nwant=\nboot=" BOOT "\n"));
	CHECK(!left_of(""));
	CHECK(!left_of("\n\n\n=\n"));
	unit_done("facts: garbage is no process");
}

static struct facts_left
left_in(char const *state, char const *ready)
{
	struct facts facts = some_facts();
	struct facts_left left = {0};
	char text[256];

	snprintf(text, sizeof text,
	    "state=%s\npid=7\nready_since=%s\nwant=up\nboot=" BOOT "\n", state,
	    ready);
	CHECK(facts_left(&left, text, &facts));
	return left;
}

static void
test_left_state(void)
{
	CHECK(left_in("starting", "").starting);
	CHECK(!left_in("starting", "").finishing);
	CHECK(!left_in("running", "").starting);
	CHECK(!left_in("running", "").ready);
	CHECK(!left_in("stopping", "1.000000000").starting);
	CHECK(left_in("ready", "1.000000000").ready);
	CHECK(left_in("finishing", "").finishing);
	CHECK(!left_in("finishing", "").starting);
	unit_done("facts: how far the process that was left had come");
}

static void
test_count_and_continue(void)
{
	struct facts facts;

	facts_begin(&facts);
	facts_count(&facts, sample());
	CHECK(facts.starts == 3 && facts.deaths == 2);
	facts_continue(&facts, sample());
	CHECK(facts.since.tv_sec == SINCE_SECONDS);
	CHECK(facts.since.tv_nsec == 500000000);
	CHECK(facts.ready_since.tv_nsec == 7);
	facts_continue(&facts, "since=12\nready_since=x.1\nsince=1.1\n");
	facts_continue(&facts, "since=1.9999999999\n");
	facts_continue(&facts, "since=.5\n");
	facts_continue(&facts, "since=1.\n");
	CHECK(facts.since.tv_sec == SINCE_SECONDS);
	facts_count(&facts, "starts=-1\ndeaths=99999999999999999999999\n");
	CHECK(facts.starts == 0 && facts.deaths == 0);
	unit_done("facts: counting goes on");
}

/* On a clock that only goes forward, whatever the report's clock said. */
static void
test_continue_a_run(void)
{
	struct facts facts;
	char text[64];

	facts_begin(&facts);
	snprintf(text, sizeof text, "since=%lld.000000000\n",
	    (long long)time(NULL) - 100);
	facts_continue(&facts, text);
	facts_died(&facts, NULL);
	CHECK(facts.ran_ms >= 99000 && facts.ran_ms < 200000);
	snprintf(text, sizeof text, "since=%lld.000000000\n",
	    (long long)time(NULL) + 100);
	facts_continue(&facts, text);
	facts_died(&facts, NULL);
	CHECK(facts.ran_ms < 50000);
	unit_done("facts: a run that was taken over goes on");
}

static bool
resumes(char const *report, enum want expected)
{
	enum want want = expected == WANT_UP ? WANT_DOWN : WANT_UP;

	return facts_resume(&want, report) && want == expected;
}

static void
test_resume(void)
{
	enum want want = WANT_ONCE;

	CHECK(resumes("resume=up\n", WANT_UP));
	CHECK(resumes("want=up\nresume=once\n", WANT_ONCE));
	CHECK(resumes("want=up\nresume=down\n", WANT_DOWN));
	CHECK(!facts_resume(&want, "want=up\n"));
	CHECK(!facts_resume(&want, "resume=\n"));
	CHECK(!facts_resume(&want, "resume=upupupupupup\n"));
	CHECK(!facts_resume(&want, "resume=Up\n"));
	CHECK(!facts_resume(&want, ""));
	CHECK(want == WANT_ONCE);
	unit_done("facts: the wish that was handed over, or none");
}

int
main(void)
{
	test_begin();
	test_ends();
	test_words_of_an_end();
	test_ran();
	test_failed();
	test_status();
	test_report();
	test_longest_report();
	test_left();
	test_left_cut();
	test_left_garbage();
	test_left_state();
	test_count_and_continue();
	test_continue_a_run();
	test_resume();
	return unit_exit();
}
