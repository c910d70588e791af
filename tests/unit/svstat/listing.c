/* svstat -l: golden tables. */
#include "svstat/fields.h"

#include <errno.h>

#include "tests/unit/unit.h"

#define NOW 1800000000

static struct view
complete(char const *name, char const *state, uint32_t pid, time_t age)
{
	struct view v = {.name = name,
	    .stage = VIEW_COMPLETE,
	    .status = {.since = {NOW - age, 0}, .pid = pid, .run = pid != 0},
	    .report = {.since = {NOW - age, 0}}};

	strcpy(v.report.state, state);
	return v;
}

static void
listing_is(struct view const *views, size_t n, char const *want)
{
	struct text out = TEXT_ZERO;
	struct listing listing = {.cells = TEXT_ZERO};

	fields_row(&listing, NULL, NOW);
	for (size_t i = 0; i < n; i++)
		fields_row(&listing, &views[i], NOW);
	fields_table(&out, &listing);
	CHECK(!out.failed && stralloc_0(&out.bytes));
	CHECK_STR(out.bytes.s, want);
	stralloc_free(&out.bytes);
	stralloc_free(&listing.cells.bytes);
}

static void
test_table(void)
{
	struct view views[] = {
	    complete("blog", "ready", 1234, 3 * 86400 + 5 * 3600 + 59),
	    complete("a-long-name/log", "backoff", 0, 61),
	    complete("job", "failed", 0, 3600),
	    {.name = "gone", .stage = VIEW_NOT_RUNNING},
	    {.name = "nope", .stage = VIEW_CHDIR, .error = ENOENT},
	    complete("classic", "", 7, 12),
	};

	views[0].report.starts = 1;
	views[1].report.starts = 12;
	views[1].report.end = END_KILLED;
	views[1].report.end_code = 11;
	views[2].report.starts = 3;
	views[2].report.end = END_EXITED;
	strcpy(views[2].report.error, "restart limit reached\x1b[2J");
	listing_is(views, 6,
	    "NAME             STATE         PID   FOR    RESTARTS  "
	    "LAST END             ERROR\n"
	    "blog             ready         1234  3d 5h  0\n"
	    "a-long-name/log  backoff       -     1m 1s  11        "
	    "killed by signal 11\n"
	    "job              failed        -     1h 0m  2         "
	    "exited 0             restart limit reached?[2J\n"
	    "gone             unsupervised  -     -      -         "
	    "                     supervise not running\n"
	    "nope             -             -     -      -         "
	    "                     unable to chdir: file does not exist\n"
	    "classic          running       7     12s    -\n");
	unit_done("listing: aligned, and everything in its column");
}

static void
test_empty(void)
{
	listing_is(
	    NULL, 0, "NAME  STATE  PID  FOR  RESTARTS  LAST END  ERROR\n");
	unit_done("listing: without services, the head");
}

int
main(void)
{
	test_table();
	test_empty();
	return unit_exit();
}
