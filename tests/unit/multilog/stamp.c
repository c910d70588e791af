/*
 * Stamps: known moments, and the increments against writing them anew.
 */
#include "multilog/stamp.h"

#include <time.h>

#include "tests/unit/unit.h"

static struct stamp
at(int64_t sec, uint32_t nano)
{
	return (struct stamp){STAMP_EPOCH + (uint64_t)sec, nano};
}

static void
check_text(enum stamp_kind kind, int64_t sec, uint32_t nano, bool local,
    long offset, char const *want)
{
	struct stamp_text t;

	stamp_set(&t, kind, at(sec, nano), local, offset);
	CHECK(t.len == strlen(want));
	t.text[t.len] = 0;
	CHECK_STR(t.text, want);
}

static void
test_known(void)
{
	check_text(STAMP_TAI64N, 0, 0, false, 0, "@400000000000000a00000000 ");
	check_text(STAMP_TAI64N, 996289210, 590659900, false, 0,
	    "@400000003b622ac42334c13c ");
	check_text(
	    STAMP_RFC3339, 0, 0, false, 0, "1970-01-01T00:00:00.000000000Z ");
	check_text(STAMP_RFC3339, 951782400, 123456789, false, 0,
	    "2000-02-29T00:00:00.123456789Z ");
	check_text(STAMP_RFC3339, 4107542399, 999999999, false, 0,
	    "2100-02-28T23:59:59.999999999Z ");
	check_text(STAMP_RFC3339, 1795261057, 5, true, 19800,
	    "2026-11-21T17:07:37.000000005+05:30 ");
	check_text(STAMP_RFC3339, 1795261057, 5, true, -12600,
	    "2026-11-21T08:07:37.000000005-03:30 ");
	check_text(STAMP_RFC3339, 0, 0, true, -3600,
	    "1969-12-31T23:00:00.000000000-01:00 ");
	unit_done("multilog/stamp: known moments");
}

static void
test_all_days(void)
{
	for (int64_t day = 0; day < 365 * 300; day += 1) {
		time_t sec = day * 86400 + day % 86400;
		char want[40];
		struct tm tm;

		gmtime_r(&sec, &tm);
		strftime(
		    want, sizeof want, "%Y-%m-%dT%H:%M:%S.000000000Z ", &tm);
		check_text(STAMP_RFC3339, sec, 0, false, 0, want);
		if (unit_failures)
			break;
	}
	unit_done("multilog/stamp: all days of 300 years");
}

static void
check_next(enum stamp_kind kind, uint32_t nano)
{
	struct stamp_text t, want;
	struct stamp next = stamp_after(at(1795261057, nano));

	stamp_set(&t, kind, at(1795261057, nano), true, 3600);
	stamp_next(&t);
	stamp_set(&want, kind, next, true, 3600);
	CHECK(stamp_compare(&t.at, &next) == 0);
	CHECK(t.len == want.len && !memcmp(t.text, want.text, t.len));
}

static void
test_next(void)
{
	for (uint32_t n = 0; n < 1000000000; n += n < 70000 ? 1 : 99991) {
		check_next(STAMP_TAI64N, n);
		check_next(STAMP_RFC3339, n);
	}
	check_next(STAMP_TAI64N, 999999999);
	check_next(STAMP_RFC3339, 999999999);
	check_next(STAMP_TAI64N, 0x0fffffff);
	unit_done("multilog/stamp: a nanosecond later");
}

static void
test_scan(void)
{
	struct stamp s;
	struct stamp want = at(1795261057, 77);
	char name[] = "@xxxxxxxxxxxxxxxxxxxxxxxx.s";

	stamp_label(name, &want);
	CHECK(stamp_scan(name, &s) && stamp_compare(&s, &want) == 0);
	CHECK(!stamp_scan("@400000003b623e842334b13", &s));
	CHECK(!stamp_scan("@400000003b623e842334B13c.s", &s));
	/* It is a label, whatever its nanoseconds. */
	CHECK(stamp_scan("@400000003b623e84ffffffff.s", &s));
	CHECK(s.nano == 999999999);
	CHECK(!stamp_scan("x400000003b623e842334b13c.s", &s));
	CHECK(stamp_compare(&want, &(struct stamp){want.sec, 78}) < 0);
	CHECK(stamp_compare(&want, &(struct stamp){want.sec - 1, 78}) > 0);
	unit_done("multilog/stamp: labels are read");
}

int
main(void)
{
	test_known();
	test_all_days();
	test_next();
	test_scan();
	return unit_exit();
}
