/* Golden tests of everything that svstat says. */
#include "svstat/view.h"

#include <errno.h>

#include "tests/unit/unit.h"

#define NOW 1800000000

static void
line_is(struct view const *r, char const *want)
{
	struct text line = TEXT_ZERO;

	view_line(&line, r, NOW);
	CHECK(!line.failed && stralloc_0(&line.bytes));
	CHECK_STR(line.bytes.s, want);
	stralloc_free(&line.bytes);
}

static struct view
complete(uint32_t pid, char want)
{
	struct view r = {.name = "s",
	    .stage = VIEW_COMPLETE,
	    .status = {.since = {NOW - 5, 0},
		.pid = pid,
		.want = want,
		.run = pid ? STATUS_RUNNING : STATUS_DOWN}};

	return r;
}

static void
test_up(void)
{
	struct view r = complete(42, 'u');

	line_is(&r, "s: up (pid 42) 5 seconds\n");
	CHECK(view_is_up(&r));
	r.down_file = true;
	line_is(&r, "s: up (pid 42) 5 seconds, normally down\n");
	r.status.paused = true;
	line_is(&r, "s: up (pid 42) 5 seconds, normally down, paused\n");
	r.status.want = 'd';
	line_is(
	    &r, "s: up (pid 42) 5 seconds, normally down, paused, want down\n");
	r.down_file = false;
	line_is(&r, "s: up (pid 42) 5 seconds, paused, want down\n");
	r.status.paused = false;
	r.status.term_sent = true;
	line_is(&r, "s: up (pid 42) 5 seconds, want down\n");
	r.status.want = 0;
	line_is(&r, "s: up (pid 42) 5 seconds\n");
	r.status.pid = UINT32_MAX;
	line_is(&r, "s: up (pid 4294967295) 5 seconds\n");
	r.status.since.tv_sec = NOW + 1000;
	line_is(&r, "s: up (pid 4294967295) 0 seconds\n");
	unit_done("view: the lines of a service that is up");
}

static void
test_down(void)
{
	struct view r = complete(0, 'd');

	line_is(&r, "s: down 5 seconds, normally up\n");
	CHECK(!view_is_up(&r));
	r.status.want = 'u';
	line_is(&r, "s: down 5 seconds, normally up, want up\n");
	r.down_file = true;
	line_is(&r, "s: down 5 seconds, want up\n");
	r.status.want = 0;
	line_is(&r, "s: down 5 seconds\n");
	r.status.paused = true;
	line_is(&r, "s: down 5 seconds\n");
	unit_done("view: the lines of a service that is down");
}

static void
test_finishing(void)
{
	struct view r = complete(0, 'u');

	r.status.run = STATUS_FINISHING;
	line_is(&r, "s: down 5 seconds, normally up, want up\n");
	r.status.pid = 42; /* runit shows the pid of ./finish */
	line_is(&r, "s: down 5 seconds, normally up, want up\n");
	CHECK(!view_is_up(&r));
	unit_done("view: a service whose finish script runs is down");
}

static void
trouble_is(enum view_stage stage, int error, char const *want)
{
	struct view r = {.name = "/a b/c:d", .stage = stage, .error = error};

	line_is(&r, want);
	CHECK(!view_is_up(&r));
}

static void
test_trouble(void)
{
	trouble_is(VIEW_CHDIR, ENOENT,
	    "/a b/c:d: unable to chdir: file does not exist\n");
	trouble_is(VIEW_STAT_DOWN, EACCES,
	    "/a b/c:d: unable to stat down: access denied\n");
	trouble_is(VIEW_OPEN_OK, ENOENT,
	    "/a b/c:d: unable to open supervise/ok: file does not exist\n");
	trouble_is(VIEW_OPEN_OK, EACCES,
	    "/a b/c:d: unable to open supervise/ok: access denied\n");
	trouble_is(VIEW_OPEN_STATUS, ENOENT,
	    "/a b/c:d: unable to open supervise/status: file does not exist\n");
	trouble_is(VIEW_READ_STATUS, EISDIR,
	    "/a b/c:d: unable to read supervise/status: is a directory\n");
	trouble_is(VIEW_READ_STATUS, EPROTO,
	    "/a b/c:d: unable to read supervise/status: bad format\n");
	trouble_is(
	    VIEW_NOT_RUNNING, ENXIO, "/a b/c:d: supervise not running\n");
	unit_done("view: the lines about trouble, in daemontools' words");
}

int
main(void)
{
	test_up();
	test_down();
	test_finishing();
	test_trouble();
	return unit_exit();
}
