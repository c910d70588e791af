/* When a service may be started again: the clock is ours here. */
#include "supervise/options.h"

#include <stdlib.h>

#include "tests/unit/unit.h"

static struct policy policy;

static struct options
limits(uint32_t deaths, uint32_t secs)
{
	return (struct options){.restart_min_ms = 1000,
	    .restart_max_ms = 1000,
	    .limit_deaths = deaths,
	    .limit_secs = secs};
}

static void
test_delay(void)
{
	struct options o = {.restart_min_ms = 200, .restart_max_ms = 1500};
	static uint32_t const want[] = {200, 400, 800, 1500, 1500};

	policy_reset(&policy);
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		CHECK(!policy_died(&policy, &o, 0, 1500, false));
		CHECK(policy.delay_ms == want[i]);
	}
	/* A run longer than the maximum: from the beginning. */
	policy_died(&policy, &o, 0, 1501, false);
	CHECK(policy.delay_ms == 200);
	/* A death that was asked for does not lengthen it. */
	policy_died(&policy, &o, 0, 0, true);
	CHECK(policy.delay_ms == 200);
	policy_died(&policy, &o, 0, 0, false);
	CHECK(policy.delay_ms == 400);
	policy_reset(&policy);
	policy_died(&policy, &o, 0, 0, false);
	CHECK(policy.delay_ms == 200);
	unit_done("policy: the delay doubles and falls back");
}

static void
test_delay_extremes(void)
{
	struct options o = {.restart_min_ms = 0, .restart_max_ms = 0};

	policy_reset(&policy);
	policy_died(&policy, &o, 0, 0, false);
	policy_died(&policy, &o, 0, 0, false);
	CHECK(policy.delay_ms == 0);
	o.restart_min_ms = o.restart_max_ms = UINT32_MAX;
	policy_died(&policy, &o, 0, 0, false);
	policy_died(&policy, &o, 0, 0, false);
	CHECK(policy.delay_ms == UINT32_MAX);
	/* The file was changed while it ran. */
	o.restart_min_ms = 10;
	o.restart_max_ms = 100;
	policy_died(&policy, &o, 0, 0, false);
	CHECK(policy.delay_ms == 100);
	unit_done("policy: the extremes of the delay");
}

static void
test_limit(void)
{
	struct options o = limits(3, 10);

	policy_reset(&policy);
	CHECK(!policy_died(&policy, &o, 0, 0, false));
	CHECK(!policy_died(&policy, &o, 1000, 0, false));
	CHECK(!policy_died(&policy, &o, 2000, 0, false));
	CHECK(policy_died(&policy, &o, 10000, 0, false));
	CHECK(policy_died(&policy, &o, 11000, 0, false));
	/* Four deaths in more than ten seconds. */
	CHECK(!policy_died(&policy, &o, 21000, 0, false));
	policy_reset(&policy);
	CHECK(!policy_died(&policy, &o, 21100, 0, false));
	unit_done("policy: more than N in the window");
}

/* A counter that starts anew with every window would never see this one. */
static void
test_limit_slides(void)
{
	struct options o = limits(3, 10);
	uint64_t lived_ms = 10 * 1000 / 3;
	int died = 0;

	policy_reset(&policy);
	for (uint64_t now = 0; died < 100; now += lived_ms) {
		died++;
		if (policy_died(&policy, &o, now, lived_ms, false))
			break;
	}
	CHECK(died == 4);
	unit_done("policy: lives just longer than the window's share");
}

static void
test_asked(void)
{
	struct options o = limits(0, 10);

	policy_reset(&policy);
	for (int i = 0; i < 10; i++)
		CHECK(!policy_died(&policy, &o, 0, 0, true));
	CHECK(policy_died(&policy, &o, 0, 0, false));
	o.limit_secs = 0;
	CHECK(!policy_died(&policy, &o, 0, 0, false));
	unit_done("policy: asked for, and no limit");
}

/* Against a list of all deaths. */
static void
test_random(void)
{
	static uint64_t deaths[5000];

	srand(1);
	for (int round = 0; round < 50; round++) {
		struct options o =
		    limits((uint32_t)rand() % 256, 1 + (uint32_t)rand() % 100);
		uint64_t now = 0;
		int len = 0;

		policy_reset(&policy);
		while (len < 2000) {
			uint32_t in_window = 0;

			now += (uint64_t)(rand() % 20) * 100;
			deaths[len++] = now;
			for (int i = 0; i < len; i++)
				in_window += now - deaths[i] <=
					     (uint64_t)o.limit_secs * 1000;
			CHECK(policy_died(&policy, &o, now, 0, false) ==
			      (in_window > o.limit_deaths));
		}
	}
	unit_done("policy: like a list of all deaths");
}

int
main(void)
{
	test_delay();
	test_delay_extremes();
	test_limit();
	test_limit_slides();
	test_asked();
	test_random();
	return unit_exit();
}
