/* Golden tests of svstat -o and -j. */
#include "svstat/fields.h"

#include <errno.h>

#include "tests/unit/unit.h"

#define NOW 1800000000
#define S6                                                                     \
	"up,wantedup,normallyup,ready,paused,pid,pgid,exitcode,signal,signum," \
	"updownsince,readysince,updownfor,readyfor"

static char const lines_up[] = "state=ready\npid=42\n"
			       "since=1799999990.000000007\n"
			       "ready_since=1799999995.500000000\nwant=up\n"
			       "starts=3\ndeaths=2\nexit_code=\n"
			       "exit_signal=9\nran_ms=1234\nerror=\n"
			       "leftovers=1\nstatus_text=all \"well\"\n"
			       "unheard_of=1\n";

/* What a report says after the lines that each of them has. */
static void
tell(struct view *r, char const *text)
{
	char whole[REPORT_MAX];
	int len = snprintf(whole, sizeof whole,
	    "state=running\npid=42\nsince=1799999990.000000007\nwant=up\n%s",
	    text);

	r->report = (struct report){.since = r->status.since};
	if (view_is_up(r))
		r->report.ready_since = r->report.since;
	if (*text)
		CHECK(report_parse(&r->report, whole, (size_t)len) == 0);
}

static struct view
complete(uint32_t pid, char want, char const *text)
{
	struct view r = {.name = "s",
	    .stage = VIEW_COMPLETE,
	    .status = {.since = {NOW - 10, 7},
		.pid = pid,
		.want = want,
		.run = pid ? STATUS_RUNNING : STATUS_DOWN},
	    .pgid = pid ? 41 : -1};

	tell(&r, text);
	return r;
}

static void
columns_are(struct view const *r, char const *list, char const *want)
{
	struct text out = TEXT_ZERO;
	struct fields fields;

	CHECK(fields_parse(&fields, list) == 0);
	fields_columns(&out, &fields, r, NOW);
	CHECK(!out.failed && stralloc_0(&out.bytes));
	CHECK_STR(out.bytes.s, want);
	stralloc_free(&out.bytes);
}

static void
json_is(struct view const *r, char const *want)
{
	struct text out = TEXT_ZERO;

	fields_json(&out, r, NOW);
	CHECK(!out.failed && stralloc_0(&out.bytes));
	CHECK_STR(out.bytes.s, want);
	stralloc_free(&out.bytes);
}

static void
test_parse(void)
{
	struct fields f;
	char many[2 * FIELDS_MAX + 8] = "up";

	CHECK(fields_parse(&f, "up") == 0 && f.len == 1);
	CHECK(fields_parse(&f, "pid,up,pid") == 0 && f.len == 3);
	CHECK(fields_parse(&f, "") == -1);
	CHECK(fields_parse(&f, "up,") == -1);
	CHECK(fields_parse(&f, ",up") == -1);
	CHECK(fields_parse(&f, "u") == -1);
	CHECK(fields_parse(&f, "upx") == -1);
	CHECK(fields_parse(&f, "up pid") == -1);
	for (int i = 0; i < FIELDS_MAX; i++)
		strncat(many, ",up", sizeof many - strlen(many) - 1);
	CHECK(fields_parse(&f, many) == -1);
	unit_done("fields: names, and nothing but names");
}

static void
test_up(void)
{
	struct view r = complete(42, 'u', lines_up);

	columns_are(&r, S6,
	    "true true true true false 42 41 -1 SIGKILL 9 "
	    "@400000006b49d20000000007 @400000006b49d2051dcd6500 10 5\n");
	columns_are(&r, "name,state,want,starts,deaths,ran_ms",
	    "s ready up 3 2 1234\n");
	columns_are(&r, "error", "\n");
	columns_are(&r, "exit_code,exit_signal,leftovers", "-1 9 1\n");
	columns_are(&r, "status_text", "all \"well\"\n");
	tell(&r, "status_text=\x1b[2J\x7fx\xc3\xa9\n");
	columns_are(&r, "status_text", "?[2J?x\xc3\xa9\n");
	tell(&r, lines_up);
	r.down_file = true;
	r.status.paused = true;
	r.status.want = 0;
	columns_are(
	    &r, "normallyup,paused,wantedup,want", "false true false once\n");
	unit_done("fields: of a service that is up");
}

static void
test_not_ready(void)
{
	struct view r = complete(42, 'u', "state=running\nready_since=\n");

	columns_are(&r, "up,ready,readysince,readyfor", "true false NA -1\n");
	unit_done("fields: of a service that is not ready yet");
}

static void
test_down(void)
{
	struct view r = complete(0, 'd',
	    "state=down\npid=0\nready_since=\nexit_code=7\nexit_signal=0\n"
	    "error=unable to execute: access denied\n");

	columns_are(&r, S6,
	    "false false true false false -1 -1 7 NA -1 "
	    "@400000006b49d20000000007 NA 10 -1\n");
	columns_are(&r, "state,want,error",
	    "down down unable to execute: access denied\n");
	r = complete(0, 'u', "state=down\nexit_code=\nexit_signal=15\n");
	columns_are(&r, "exitcode,signal,signum", "-1 SIGTERM 15\n");
	r = complete(0, 'u', "state=down\nexit_code=\nexit_signal=62\n");
	columns_are(&r, "exitcode,signal,signum", "-1 62 62\n");
	r = complete(
	    0, 'u', "state=down\nexit_code=unknown\nexit_signal=unknown\n");
	columns_are(&r, "exitcode,signal,signum", "unknown unknown unknown\n");
	unit_done("fields: of a service that is down");
}

/* daemontools and runit */
static void
test_without_report(void)
{
	struct view r = complete(42, 'u', "");

	columns_are(&r, S6,
	    "true true true true false 42 41 -1 NA -1 "
	    "@400000006b49d20000000007 @400000006b49d20000000007 10 10\n");
	columns_are(&r, "state,starts,deaths,error", "running -1 -1 \n");
	r = complete(0, 'u', "");
	columns_are(&r, "state,up,ready", "down false false\n");
	r.status.run = STATUS_FINISHING;
	r.status.pid = 9;
	columns_are(&r, "state,up,pid", "finishing false -1\n");
	unit_done("fields: from a status alone");
}

static void
test_trouble(void)
{
	struct view r = {.name = "s", .stage = VIEW_NOT_RUNNING, .pgid = -1};

	/* what was read before supervise died is not told */
	tell(&r, lines_up);
	columns_are(&r, S6, "NA NA true NA NA -1 -1 -1 NA -1 NA NA -1 -1\n");
	columns_are(&r, "state,starts,error",
	    "unsupervised -1 supervise not running\n");
	r.stage = VIEW_OPEN_OK;
	r.error = ENOENT;
	columns_are(&r, "state,error",
	    "unsupervised unable to open supervise/ok: file does not exist\n");
	r.error = EACCES;
	columns_are(&r, "state,error",
	    "NA unable to open supervise/ok: access denied\n");
	r.stage = VIEW_CHDIR;
	columns_are(&r, "state,normallyup,error",
	    "NA NA unable to chdir: access denied\n");
	unit_done("fields: of a service about which nothing is known");
}

static void
test_json(void)
{
	struct view r = complete(42, 'u', lines_up);

	json_is(&r,
	    "{\"name\":\"s\",\"state\":\"ready\",\"up\":true,"
	    "\"wantedup\":true,\"normallyup\":true,\"ready\":true,"
	    "\"paused\":false,\"pid\":42,\"pgid\":41,\"want\":\"up\","
	    "\"since\":1799999990.000000007,"
	    "\"ready_since\":1799999995.500000000,"
	    "\"updownfor\":10,\"readyfor\":5,\"attempts\":0,\"starts\":3,"
	    "\"deaths\":2,\"exit_code\":null,\"exit_signal\":9,"
	    "\"signal\":\"SIGKILL\",\"ran_ms\":1234,\"leftovers\":1,"
	    "\"error\":null,\"status_text\":\"all \\\"well\\\"\"}\n");
	r.stage = VIEW_NOT_RUNNING;
	r.name = "a\xff\"b";
	json_is(&r, "{\"name\":\"a\\ufffd\\\"b\",\"state\":\"unsupervised\","
		    "\"up\":null,\"wantedup\":null,\"normallyup\":true,"
		    "\"ready\":null,\"paused\":null,\"pid\":null,\"pgid\":null,"
		    "\"want\":null,\"since\":null,\"ready_since\":null,"
		    "\"updownfor\":null,\"readyfor\":null,\"attempts\":null,"
		    "\"starts\":null,\"deaths\":null,\"exit_code\":null,"
		    "\"exit_signal\":null,\"signal\":null,\"ran_ms\":null,"
		    "\"leftovers\":null,\"error\":\"supervise not running\","
		    "\"status_text\":null}\n");
	r = complete(
	    0, 'd', "state=down\nexit_code=unknown\nexit_signal=unknown\n");
	json_is(&r, "{\"name\":\"s\",\"state\":\"down\",\"up\":false,"
		    "\"wantedup\":false,\"normallyup\":true,\"ready\":false,"
		    "\"paused\":false,\"pid\":null,\"pgid\":null,"
		    "\"want\":\"down\",\"since\":1799999990.000000007,"
		    "\"ready_since\":null,\"updownfor\":10,\"readyfor\":null,"
		    "\"attempts\":0,\"starts\":0,\"deaths\":0,"
		    "\"exit_code\":\"unknown\",\"exit_signal\":\"unknown\","
		    "\"signal\":\"unknown\",\"ran_ms\":0,\"leftovers\":0,"
		    "\"error\":null,\"status_text\":null}\n");
	unit_done("fields: as JSON, every fact once");
}

/* s6's names are others for the same facts. */
static void
test_aliases(void)
{
	struct view r =
	    complete(0, 'd', "state=down\nexit_code=7\nexit_signal=0\n");

	columns_are(&r, "exitcode,exit_code,signum,exit_signal", "7 7 -1 -1\n");
	columns_are(&r, "since,updownsince",
	    "1799999990.000000007 @400000006b49d20000000007\n");
	unit_done("fields: s6's names");
}

int
main(void)
{
	test_parse();
	test_up();
	test_not_ready();
	test_down();
	test_without_report();
	test_trouble();
	test_json();
	test_aliases();
	return unit_exit();
}
