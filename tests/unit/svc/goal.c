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

	return goal_view(&s, &(struct report){0});
}

static bool
reached(char goal, char const *letters, struct goal_view before,
    struct goal_view now)
{
	return goal_reached(goal_find(goal),
	    goal_wish(letters, strlen(letters)), &before, &now);
}

static void
test_alphabet(void)
{
	for (struct goal_letter const *g = goal_alphabet; g->letter; g++) {
		CHECK(goal_find(g->letter) == g->goal);
		CHECK(g->goal != GOAL_NONE && g->help[0]);
	}
	CHECK(goal_find('x') == GOAL_NONE);
	CHECK(goal_find(0) == GOAL_NONE);
	CHECK(goal_wish("td", 2) == WISH_DOWN);
	CHECK(goal_wish("du", 2) == WISH_START);
	CHECK(goal_wish("dr", 2) == WISH_START);
	CHECK(goal_wish("tk", 2) == WISH_NONE);
	unit_done("goal: the letters");
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
	finishing = goal_view(&s, &(struct report){0});
	CHECK(reached('d', "d", up, finishing));
	CHECK(!reached('D', "d", up, finishing));
	CHECK(!reached('u', "u", up, finishing));
	s = status('u', 9, 100);
	s.term_sent = true;
	stopping = goal_view(&s, &(struct report){0});
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

static bool
hopeless(char goal, struct goal_view before, struct goal_view now)
{
	return goal_hopeless(goal_find(goal), &before, &now);
}

static void
test_hopeless(void)
{
	struct goal_view up = detailed("running", "up", 9, 4, 3);
	struct goal_view failed = detailed("failed", "up", 0, 4, 4);

	CHECK(hopeless('u', up, failed));
	CHECK(hopeless('R', up, failed));
	CHECK(!hopeless('d', up, failed));
	CHECK(!hopeless('u', up, up));
	/* svc -u of a service that has failed: not obeyed yet */
	CHECK(!hopeless('u', failed, failed));
	CHECK(hopeless('u', failed, detailed("failed", "up", 0, 6, 6)));
	unit_done("goal: what will never be up");
}

int
main(void)
{
	test_alphabet();
	test_up();
	test_down();
	test_down_after_a_start();
	test_restarted();
	test_classic();
	test_runit();
	test_torn();
	test_hopeless();
	return unit_exit();
}
