/* The lines beside the 20 bytes: written, and read back. */
#include "supervise/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define LEAST "state=down\npid=0\nsince=7.000000042\nwant=up\n"

static char const whole[] =
    "state=ready\npid=12345\nsince=1795262400.500000000\n"
    "ready_since=1795262401.000000007\nwant=once\nattempts=5\n"
    "starts=3\ndeaths=2\nfailed_attempt=4\n"
    "exit_code=\nexit_signal=9\nran_ms=4\nleftovers=1\n"
    "end=killed by signal 9 and left 1 process behind\n"
    "error=a=b "
    "c\nstatus_text=\nnotify_socket=/n\nsession=5\nborn=678\nboot=x\ninit=3\n"
    "lock=1:2\nsupervise=7\nnext=once\nresume=up\nunsent=16384\n"
    "unsent_group=1\n";

static int
parse(struct report *report, char const *text)
{
	return report_parse(report, text, strlen(text));
}

static void
test_both_ways(void)
{
	struct report r;
	char text[REPORT_MAX + 1];

	CHECK(parse(&r, whole) == 0);
	CHECK_STR(r.state, "ready");
	CHECK(r.pid == 12345 && r.starts == 3 && r.deaths == 2);
	CHECK(r.since.tv_sec == 1795262400 && r.since.tv_nsec == 500000000);
	CHECK(r.ready_since.tv_sec == 1795262401 && r.ready_since.tv_nsec == 7);
	CHECK_STR(r.want, "once");
	CHECK(r.end == END_KILLED && r.end_code == 9 && r.ran_ms == 4);
	CHECK(r.leftovers == 1 && r.born == 678);
	CHECK(r.attempts == 5 && r.failed_attempt == 4 && r.supervise == 7);
	CHECK_STR(r.error, "a=b c");
	CHECK_STR(r.status_text, "");
	CHECK_STR(r.boot, "x");
	CHECK_STR(r.notify_socket, "/n");
	CHECK(r.session == 5 && r.init == 3);
	CHECK_STR(r.lock, "1:2");
	CHECK_STR(r.next, "once");
	CHECK_STR(r.resume, "up");
	CHECK(r.unsent == 16384 && r.unsent_group == 1);
	text[report_format(text, &r)] = 0;
	CHECK_STR(text, whole);
	unit_done("report: what is written is what is read");
}

/* Of a report that was cut, nothing is believed. */
static void
test_cut(void)
{
	struct report r;
	size_t last = (size_t)(strstr(whole, "attempts=") - whole);

	for (size_t n = 0; n < sizeof whole; n++) {
		bool is_whole = n >= last && whole[n - 1] == '\n';

		CHECK((report_parse(&r, whole, n) == 0) == is_whole);
		CHECK(is_whole || !r.state[0]);
	}
	unit_done("report: cut at every byte");
}

static void
test_forms(void)
{
	struct report r;
	char text[REPORT_MAX];

	CHECK(parse(&r, "") == -1 && errno == EPROTO);
	CHECK(parse(&r, "\n\n=\n") == -1);
	CHECK(parse(&r, LEAST) == 0 && r.since.tv_nsec == 42);
	CHECK(parse(&r, LEAST LEAST "unheard_of=1\nnothing\n\n=\n") == 0);
	CHECK(r.starts == 0 && !r.error[0] && r.end == END_NONE);
	CHECK(parse(&r, LEAST "xpid=1\npidx=2\npi=3\n") == 0 && r.pid == 0);
	CHECK(parse(&r, "state=down\nstate=up\npid=0\nwant=up\n") == -1);
	for (char const *const *p = (char const *const[]){"-1", "+1", " 1",
		 "1 ", "0x1", "", "18446744073709551616", NULL};
	     *p; p++) {
		snprintf(text, sizeof text,
		    "state=down\npid=%s\nsince=1.000000000\nwant=up\n", *p);
		CHECK(parse(&r, text) == -1);
		snprintf(text, sizeof text, LEAST "starts=%s\n", *p);
		CHECK(parse(&r, text) == 0 && r.starts == 0);
	}
	for (char const *const *p = (char const *const[]){"1", "1.", "1.5",
		 "1.0000000000", "1.00000000x", ".000000001", "x",
		 "-1.000000000", "9223372036854775808.000000000", NULL};
	     *p; p++) {
		snprintf(text, sizeof text, LEAST "ready_since=%s\n", *p);
		CHECK(parse(&r, text) == 0 && !r.ready_since.tv_sec);
	}
	memset(text, 'x', sizeof text);
	memcpy(text, LEAST "state=", strlen(LEAST "state="));
	text[sizeof text - 1] = '\n';
	CHECK(report_parse(&r, text, sizeof text) == 0);
	CHECK_STR(r.state, "down");
	unit_done("report: what is not of the right form is not there");
}

static void
ends(char const *lines, enum report_end end, unsigned int code)
{
	struct report r;
	char text[REPORT_MAX];

	snprintf(text, sizeof text, LEAST "%s", lines);
	CHECK(parse(&r, text) == 0);
	CHECK(r.end == end && r.end_code == code);
}

static void
words_are(
    enum report_end end, unsigned int code, uint64_t left, char const *want)
{
	struct report r = {.end = end, .end_code = code, .leftovers = left};
	char words[REPORT_END_MAX];

	report_end_words(words, &r);
	CHECK_STR(words, want);
}

/* No name and no value has a NUL, whoever has written it. */
static void
test_nuls(void)
{
	static char const text[] =
	    LEAST "starts=12\0x\nstarts\0=4\nresume\0\0\0=x\n";
	struct report r;

	CHECK(report_parse(&r, text, sizeof text - 1) == 0);
	CHECK(r.starts == 0);
	CHECK_STR(r.resume, "");
	unit_done("report: a NUL in a name or a value");
}

static void
test_ends(void)
{
	ends("exit_code=\nexit_signal=0\n", END_NONE, 0);
	ends("exit_code=0\nexit_signal=0\n", END_EXITED, 0);
	ends("exit_code=111\nexit_signal=0\n", END_EXITED, 111);
	ends("exit_code=\nexit_signal=15\n", END_KILLED, 15);
	ends("exit_code=unknown\nexit_signal=unknown\n", END_UNKNOWN, 0);
	ends("exit_code=x\nexit_signal=y\n", END_NONE, 0);
	words_are(END_NONE, 0, 5, "");
	words_are(END_EXITED, 255, 0, "exited 255");
	words_are(END_EXITED, 0, 1, "exited 0 and left 1 process behind");
	words_are(END_KILLED, 11, 2,
	    "killed by signal 11 and left 2 processes behind");
	words_are(END_UNKNOWN, 0, UINT64_MAX,
	    "ended, unknown how and left 18446744073709551615 processes "
	    "behind");
	unit_done("report: every end of a run");
}

static void
test_longest(void)
{
	struct report r = {.pid = UINT64_MAX - 1,
	    .since = {INT64_MAX, 999999999},
	    .ready_since = {INT64_MAX, 999999999},
	    .attempts = UINT64_MAX,
	    .starts = UINT64_MAX,
	    .deaths = UINT64_MAX,
	    .failed_attempt = UINT64_MAX,
	    .end = END_UNKNOWN,
	    .ran_ms = UINT64_MAX,
	    .leftovers = UINT64_MAX,
	    .session = UINT64_MAX,
	    .born = UINT64_MAX,
	    .init = UINT64_MAX,
	    .supervise = UINT64_MAX};
	struct report back;
	char text[REPORT_MAX];
	size_t len;

	memset(r.state, 'x', sizeof r.state - 1);
	memset(r.want, 'x', sizeof r.want - 1);
	memset(r.error, 'x', sizeof r.error - 1);
	memset(r.status_text, 'x', sizeof r.status_text - 1);
	memset(r.notify_socket, 'x', sizeof r.notify_socket - 1);
	memset(r.boot, 'x', sizeof r.boot - 1);
	memset(r.lock, 'x', sizeof r.lock - 1);
	memset(r.next, 'x', sizeof r.next - 1);
	memset(r.resume, 'x', sizeof r.resume - 1);
	len = report_format(text, &r);
	CHECK(len < REPORT_LONGEST);
	CHECK(report_parse(&back, text, len) == 0);
	CHECK_STR(back.error, r.error);
	CHECK(back.since.tv_sec == INT64_MAX);
	strcpy(r.error, "one\ntwo");
	len = report_format(text, &r);
	CHECK(report_parse(&back, text, len) == 0);
	CHECK_STR(back.error, "one");
	unit_done("report: the longest fits, and a value is one line");
}

static void
test_values(void)
{
	struct report r;
	char value[REPORT_TEXT_MAX];

	CHECK(parse(&r, whole) == 0);
	CHECK(report_value(value, &r, "since"));
	CHECK_STR(value, "1795262400.500000000");
	CHECK(report_value(value, &r, "exit_code"));
	CHECK_STR(value, "");
	CHECK(report_value(value, &r, "exit_signal"));
	CHECK_STR(value, "9");
	CHECK(!report_value(value, &r, "sinc"));
	CHECK(!report_value(value, &r, "since="));
	CHECK(!report_value(value, &r, ""));
	unit_done("report: values by name");
}

static void
test_read(void)
{
	struct report r;
	int fd;

	CHECK(report_read(&r) == -1 && errno == ENOENT);
	fd = open(REPORT_FILE, O_WRONLY | O_CREAT, 0600);
	CHECK(fd != -1 && report_read(&r) == -1 && errno == EPROTO);
	CHECK(write(fd, LEAST, strlen(LEAST)) == (ssize_t)strlen(LEAST));
	CHECK(report_read(&r) == 0);
	close(fd);
	unlink(REPORT_FILE);
	CHECK(mkdir(REPORT_FILE, 0700) == 0);
	CHECK(report_read(&r) == -1 && errno == EISDIR);
	rmdir(REPORT_FILE);
	CHECK(mkfifo(REPORT_FILE, 0600) == 0);
	CHECK(report_read(&r) == -1 && errno == EPROTO);
	unlink(REPORT_FILE);
	unit_done("report: read from the file, or errno");
}

static void
test_belongs(void)
{
	struct status s = {.since = {7, 42}};
	struct report r;

	CHECK(parse(&r, LEAST) == 0 && report_belongs(&r, &s));
	s.since.tv_nsec++;
	CHECK(!report_belongs(&r, &s));
	unit_done("report: which status it goes with");
}

int
main(void)
{
	char dir[] = "/tmp/upkeep.unit.XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) == -1 || mkdir(SUPERVISE_DIR, 0700))
		return 1;
	test_both_ways();
	test_cut();
	test_forms();
	test_nuls();
	test_ends();
	test_longest();
	test_values();
	test_read();
	test_belongs();
	if (rmdir(SUPERVISE_DIR) == -1 || chdir("/") == -1 || rmdir(dir) == -1)
		return 1;
	return unit_exit();
}
