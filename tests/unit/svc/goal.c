/* What svc -w waits for: from what is published to an answer. */
#include "svc/goal.h"

#include "tests/unit/unit.h"

/* A status: u d o want, pid, since this second. */
static struct status
status(char want, uint32_t pid, time_t since)
{
	return (struct status){.since = {since, 0},
	    .pid = pid,
	    .want = want == 'o' ? 0 : want,
	    .run = pid ? STATUS_RUNNING : STATUS_DOWN};
}

static struct goal_view
detailed(char const *state, char const *want, int pid, int starts, int deaths)
{
	bool runs = pid && strcmp(state, "starting") != 0;
	struct status s = status(want[0], runs ? (uint32_t)pid : 0, 1);
	struct report report = {.pid = (uint64_t)pid,
	    .since = {1, 0},
	    .ready_since = {strcmp(state, "ready") == 0, 0},
	    .attempts = (uint64_t)starts + (strcmp(state, "starting") == 0),
	    .starts = (uint64_t)starts,
	    .deaths = (uint64_t)deaths};

	strcpy(report.state, state);
	strcpy(report.want, want);
	return goal_view(&s, &report);
}

static struct goal_view
classic(char want, uint32_t pid, time_t since)
{
	struct status s = status(want, pid, since);

	return goal_view(&s, &(struct report){.since = s.since});
}

static enum goal_verdict
verdict(char wait, char const *letters, struct goal_view before,
    struct goal_view now)
{
	struct request r = {.wait = wait, .letters_len = strlen(letters)};

	strcpy(r.letters, letters);
	return goal_judge(&r, &before, &now);
}

static bool
reached(char wait, char const *letters, struct goal_view before,
    struct goal_view now)
{
	return verdict(wait, letters, before, now) == GOAL_REACHED;
}

static void
test_up(void)
{
	struct goal_view none = detailed("down", "down", 0, 3, 3);

	CHECK(!reached('u', "u", none, none));
	CHECK(!reached('u', "u", none, detailed("starting", "up", 9, 3, 3)));
	CHECK(reached('u', "u", none, detailed("running", "up", 9, 4, 3)));
	CHECK(reached('u', "u", none, detailed("ready", "up", 9, 4, 3)));
	CHECK(!reached('u', "u", none, detailed("stopping", "down", 9, 4, 3)));
	CHECK(!reached('u', "u", none, detailed("finishing", "up", 0, 4, 4)));
	CHECK(!reached('u', "u", none, detailed("backoff", "up", 0, 4, 4)));
	CHECK(!reached('U', "u", none, detailed("running", "up", 9, 4, 3)));
	CHECK(reached('U', "u", none, detailed("ready", "up", 9, 4, 3)));
	unit_done("goal: up, and up and ready");
}

static void
test_down(void)
{
	struct goal_view up = detailed("ready", "up", 9, 4, 3);
	struct goal_view gone = detailed("down", "down", 0, 4, 4);
	struct goal_view between = detailed("backoff", "up", 0, 4, 4);
	struct goal_view finishing = detailed("finishing", "down", 0, 4, 4);

	CHECK(!reached('d', "d", up, up));
	CHECK(!reached('d', "d", up, detailed("stopping", "down", 9, 4, 3)));
	CHECK(reached('d', "d", up, gone));
	CHECK(reached('D', "d", up, gone));
	CHECK(reached('d', "d", up, finishing));
	CHECK(!reached('D', "d", up, finishing));
	CHECK(reached('d', "", gone, gone));
	CHECK(reached('d', "d", up, detailed("failed", "up", 0, 4, 4)));
	CHECK(!reached('d', "d", gone, detailed("starting", "up", 9, 4, 4)));
	/* it died by itself, and -d has not been obeyed yet */
	CHECK(!reached('d', "d", up, between));
	CHECK(!reached('D', "d", up, between));
	CHECK(!reached('d', "d", between, between));
	CHECK(!reached('d', "d", up, detailed("finishing", "up", 0, 4, 4)));
	/* -k -wd: it has been down, if only for a moment */
	CHECK(reached('d', "k", up, between));
	CHECK(!reached('d', "k", between, between));
	CHECK(reached('d', "k", up, detailed("running", "up", 9, 5, 4)));
	CHECK(reached('d', "", up, detailed("running", "up", 9, 5, 4)));
	CHECK(!reached('d', "d", up, detailed("running", "up", 9, 5, 4)));
	CHECK(!reached('d', "", up, up));
	unit_done("goal: down, and down and finished");
}

/* svc -o -wD: run it to its end */
static void
test_down_after_a_start(void)
{
	struct goal_view gone = detailed("down", "down", 0, 4, 4);

	CHECK(!reached('D', "o", gone, gone));
	CHECK(!reached('D', "o", gone, detailed("running", "once", 9, 5, 4)));
	CHECK(!reached('D', "o", gone, detailed("finishing", "once", 0, 5, 5)));
	CHECK(reached('D', "o", gone, detailed("down", "once", 0, 5, 5)));
	unit_done("goal: down, when it is to be started first");
}

static void
test_restarted(void)
{
	struct goal_view up = detailed("ready", "up", 9, 4, 3);

	CHECK(!reached('r', "r", up, up));
	CHECK(!reached('r', "r", up, detailed("stopping", "up", 9, 4, 3)));
	CHECK(!reached('r', "r", up, detailed("backoff", "up", 0, 4, 4)));
	CHECK(!reached('r', "r", up, detailed("starting", "up", 9, 4, 4)));
	CHECK(reached('r', "r", up, detailed("running", "up", 9, 5, 4)));
	CHECK(!reached('R', "r", up, detailed("running", "up", 9, 5, 4)));
	CHECK(reached('R', "r", up, detailed("ready", "up", 9, 5, 4)));
	/* started and dead again: not up */
	CHECK(!reached('r', "r", up, detailed("backoff", "up", 0, 5, 5)));
	CHECK(reached('r', "r", up, detailed("running", "up", 9, 6, 5)));
	unit_done("goal: restarted, and restarted and ready");
}

static void
test_classic(void)
{
	struct goal_view up = classic('u', 9, 100);

	CHECK(reached('u', "u", up, up));
	CHECK(reached('U', "u", up, up));
	CHECK(!reached('u', "u", up, classic('d', 9, 100)));
	CHECK(!reached('u', "u", up, classic('u', 0, 101)));
	CHECK(reached('d', "d", up, classic('d', 0, 101)));
	CHECK(!reached('d', "d", up, classic('u', 0, 101)));
	CHECK(reached('d', "k", up, classic('u', 0, 101)));
	CHECK(reached('d', "k", up, classic('u', 8, 102)));
	CHECK(!reached('d', "k", classic('u', 0, 100), classic('u', 8, 102)));
	CHECK(!reached('r', "t", up, up));
	CHECK(!reached('r', "t", up, classic('u', 0, 101)));
	CHECK(reached('r', "t", up, classic('u', 8, 102)));
	CHECK(reached('R', "t", up, classic('u', 8, 102)));
	unit_done("goal: from a status alone");
}

static void
test_runit(void)
{
	struct status s = status('d', 77, 101);
	struct goal_view up = classic('u', 9, 100);
	struct goal_view finishing, stopping;

	s.run = STATUS_FINISHING;
	finishing = goal_view(&s, &(struct report){.since = s.since});
	CHECK(reached('d', "d", up, finishing));
	CHECK(!reached('D', "d", up, finishing));
	CHECK(!reached('u', "u", up, finishing));
	s = status('u', 9, 100);
	s.term_sent = true;
	stopping = goal_view(&s, &(struct report){.since = s.since});
	CHECK(!reached('u', "t", up, stopping));
	unit_done("goal: from a status of runit");
}

/* The two files are replaced one after the other. */
static void
test_torn(void)
{
	struct goal_view up = detailed("running", "up", 9, 4, 3);

	CHECK(!reached('u', "u", up, classic('u', 9, 1)));
	CHECK(!reached('d', "d", up, classic('d', 0, 1)));
	CHECK(!reached('r', "t", classic('u', 9, 1), up));
	CHECK(reached('u', "u", classic('u', 9, 0), up));
	unit_done("goal: a status whose report is on its way");
}

/* As many attempts, of which the last that failed was this one. */
static struct goal_view
tried(int attempts, int failed, struct goal_view view)
{
	view.report.attempts = (uint64_t)attempts;
	view.report.failed_attempt = (uint64_t)failed;
	return view;
}

static void
test_start_fails(void)
{
	struct goal_view down = detailed("down", "down", 0, 4, 4);
	struct goal_view up = detailed("ready", "up", 9, 4, 3);
	struct goal_view backoff = detailed("backoff", "up", 0, 4, 4);
	struct goal_view again = detailed("starting", "up", 8, 4, 4);

	for (char const *w = "uUrRdD"; *w; w++) {
		/* it cannot be executed */
		CHECK(verdict(*w, "u", down, tried(5, 5, backoff)) ==
		      GOAL_NOT_STARTED);
		CHECK(verdict(*w, "o", down, tried(5, 5, down)) ==
		      GOAL_NOT_STARTED);
		/* nor when it is tried once more, before svc has looked */
		CHECK(verdict(*w, "u", down, tried(6, 5, again)) ==
		      GOAL_NOT_STARTED);
		/* the letter has not been obeyed yet, or just now */
		CHECK(verdict(*w, "u", down, down) == GOAL_WAITS);
		CHECK(verdict(*w, "u", tried(4, 4, backoff),
			  tried(4, 4, backoff)) == GOAL_WAITS);
		CHECK(verdict(*w, "u", tried(4, 4, down), tried(5, 4, again)) ==
		      GOAL_WAITS);
		CHECK(verdict(*w, "u", down,
			  tried(5, 0, detailed("starting", "up", 0, 4, 4))) ==
		      GOAL_WAITS);
	}
	/* it is executed, and dies */
	CHECK(verdict('U', "u", down,
		  tried(5, 5, detailed("backoff", "up", 0, 5, 5))) ==
	      GOAL_NOT_STARTED);
	CHECK(verdict('R', "r", up,
		  tried(5, 5, detailed("finishing", "up", 0, 5, 5))) ==
	      GOAL_NOT_STARTED);
	CHECK(verdict('R', "r", up,
		  tried(5, 5, detailed("failed", "down", 0, 5, 5))) ==
	      GOAL_FAILED);
	CHECK(verdict('R', "r", up,
		  tried(6, 5, detailed("running", "up", 9, 6, 5))) ==
	      GOAL_NOT_STARTED);
	CHECK(reached(
	    'r', "r", up, tried(6, 5, detailed("running", "up", 9, 6, 5))));
	/* the old run dies, as it was told to, or by itself */
	CHECK(verdict('R', "r", up, detailed("finishing", "up", 0, 4, 4)) ==
	      GOAL_WAITS);
	CHECK(verdict('R', "r", up,
		  tried(4, 4, detailed("finishing", "up", 0, 4, 4))) ==
	      GOAL_WAITS);
	/* the start that was under way was the last one */
	CHECK(verdict('D', "o", detailed("starting", "once", 9, 4, 4),
		  tried(5, 5, down)) == GOAL_NOT_STARTED);
	unit_done("goal: the start that was asked for fails");
}

/* Somebody else restarts it meanwhile, or stops it. */
static void
test_start_is_overtaken(void)
{
	struct goal_view up = detailed("ready", "up", 9, 4, 3);

	CHECK(verdict('R', "r", up, detailed("finishing", "up", 0, 5, 5)) ==
	      GOAL_WAITS);
	CHECK(verdict('R', "r", up,
		  tried(6, 0, detailed("starting", "up", 9, 5, 5))) ==
	      GOAL_WAITS);
	CHECK(verdict('R', "r", up, detailed("running", "up", 9, 6, 5)) ==
	      GOAL_WAITS);
	CHECK(verdict('R', "r", up, detailed("ready", "up", 9, 6, 5)) ==
	      GOAL_REACHED);
	CHECK(verdict('R', "r", up, detailed("down", "down", 0, 5, 5)) ==
	      GOAL_DOWN);
	unit_done("goal: the start that was asked for is overtaken");
}

static void
test_failed(void)
{
	struct goal_view up = detailed("running", "up", 9, 4, 3);
	struct goal_view failed = detailed("failed", "up", 0, 4, 4);

	CHECK(verdict('u', "", failed, failed) == GOAL_FAILED);
	CHECK(verdict('R', "", up, failed) == GOAL_FAILED);
	CHECK(verdict('R', "t", up, failed) == GOAL_FAILED);
	CHECK(verdict('u', "", up, up) == GOAL_REACHED);
	CHECK(reached('d', "", up, failed));
	/* svc -u of a service that has failed: not obeyed yet */
	CHECK(verdict('u', "u", failed, failed) == GOAL_WAITS);
	CHECK(verdict('u', "u", failed, detailed("failed", "up", 0, 5, 5)) ==
	      GOAL_FAILED);
	unit_done("goal: a service that has failed");
}

/* Nothing that was sent starts it. */
static void
test_is_down(void)
{
	struct goal_view up = detailed("running", "up", 9, 4, 3);
	struct goal_view down = detailed("down", "down", 0, 4, 4);

	CHECK(verdict('R', "t", down, down) == GOAL_DOWN);
	CHECK(verdict('u', "d", up, down) == GOAL_DOWN);
	CHECK(verdict('R', "t", up, down) == GOAL_DOWN);
	CHECK(verdict('R', "t", up, detailed("backoff", "up", 0, 4, 4)) ==
	      GOAL_WAITS);
	/* somebody else may start it */
	CHECK(verdict('u', "", down, down) == GOAL_WAITS);
	CHECK(verdict('u', "t", classic('d', 0, 1), classic('d', 0, 1)) ==
	      GOAL_DOWN);
	unit_done("goal: a service that is down");
}

int
main(void)
{
	test_up();
	test_down();
	test_down_after_a_start();
	test_restarted();
	test_classic();
	test_runit();
	test_torn();
	test_start_fails();
	test_start_is_overtaken();
	test_failed();
	test_is_down();
	return unit_exit();
}
