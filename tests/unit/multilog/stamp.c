/*
 * Stamps: known moments, and the increments against writing them anew.
 */
#include "multilog/stamp.h"

#include <stdlib.h>
#include <time.h>

#include "tests/unit/unit.h"

static tain
at(int64_t sec, uint32_t nano)
{
	return (tain){{STAMP_EPOCH + (uint64_t)sec}, nano};
}

static bool
same(tain const *a, tain const *b)
{
	return a->sec.x == b->sec.x && a->nano == b->nano;
}

static void
check_text(
    char letter, int64_t sec, uint32_t nano, char const *zone, char const *want)
{
	struct stamp_text t;

	setenv("TZ", zone, 1);
	tzset();
	stamp_set(&t, letter, at(sec, nano));
	CHECK(t.len == strlen(want));
	t.text[t.len] = 0;
	CHECK_STR(t.text, want);
}

static void
test_known(void)
{
	check_text('t', 0, 0, "XST1", "@400000000000000a00000000 ");
	check_text(
	    't', 996289210, 590659900, "XST1", "@400000003b622ac42334c13c ");
	check_text('d', 0, 0, "XST1", "1970-01-01T00:00:00.000000000Z ");
	check_text('d', 951782400, 123456789, "XST1",
	    "2000-02-29T00:00:00.123456789Z ");
	check_text('d', 4107542399, 999999999, "XST1",
	    "2100-02-28T23:59:59.999999999Z ");
	check_text('D', 1795261057, 5, "IST-5:30",
	    "2026-11-21T17:07:37.000000005+05:30 ");
	check_text('D', 1795261057, 5, "NST3:30",
	    "2026-11-21T08:07:37.000000005-03:30 ");
	check_text('D', 0, 0, "XST1", "1969-12-31T23:00:00.000000000-01:00 ");
	unit_done("multilog/stamp: known moments");
}

static void
test_all_days(void)
{
	for (int64_t day = 0; day < 365 * 300; day += 1) {
		time_t sec = day * 86400 + day % 86400;
		char want[96];
		struct tm tm;

		gmtime_r(&sec, &tm);
		snprintf(want, sizeof want,
		    "%04d-%02d-%02dT%02d:%02d:%02d.000000000Z ",
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		    tm.tm_min, tm.tm_sec);
		check_text('d', sec, 0, "XST1", want);
		if (unit_failures)
			break;
	}
	unit_done("multilog/stamp: all days of 300 years");
}

static void
check_next(char letter, uint32_t nano)
{
	struct stamp_text t, want;
	tain next = at(1795261057, nano);

	stamp_after(&next);
	stamp_set(&t, letter, at(1795261057, nano));
	stamp_next(&t);
	stamp_set(&want, letter, next);
	CHECK(same(&t.at, &next));
	CHECK(t.len == want.len && !memcmp(t.text, want.text, t.len));
}

static void
test_next(void)
{
	for (uint32_t n = 0; n < 1000000000; n += n < 70000 ? 1 : 99991) {
		check_next('t', n);
		check_next('D', n);
	}
	check_next('t', 999999999);
	check_next('D', 999999999);
	check_next('t', 0x0fffffff);
	unit_done("multilog/stamp: a nanosecond later");
}

static void
test_scan(void)
{
	tain s;
	tain want = at(1795261057, 77);
	char name[] = "@xxxxxxxxxxxxxxxxxxxxxxxx.s";

	timestamp_fmt(name, &want);
	CHECK(stamp_scan(name, &s) && same(&s, &want));
	CHECK(!stamp_scan("@400000003b623e842334b13", &s));
	CHECK(!stamp_scan("@400000003b623e842334B13c.s", &s));
	/* It is a label, whatever its nanoseconds. */
	CHECK(stamp_scan("@400000003b623e84ffffffff.s", &s));
	CHECK(s.nano == 999999999);
	CHECK(!stamp_scan("x400000003b623e842334b13c.s", &s));
	CHECK(!stamp_scan("@c00000003b623e842334b13c.s", &s));
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
