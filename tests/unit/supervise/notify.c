/* The words of sd_notify(3), however they arrive. */
#include "supervise/notify.h"

#include "tests/unit/unit.h"

static struct notice
parse(char const *text)
{
	struct notice notice;

	notify_parse(&notice, text, strlen(text));
	return notice;
}

static void
test_words(void)
{
	struct notice n = parse("READY=1");

	CHECK(n.ready && !n.stopping && !n.reloading && !n.watchdog);
	CHECK(!n.has_status);
	CHECK(parse("STOPPING=1\n").stopping);
	CHECK(parse("RELOADING=1").reloading);
	CHECK(parse("WATCHDOG=1").watchdog);
	n = parse("MAINPID=7\n\nREADY=1\nSTATUS=all is well\nWATCHDOG=1\n");
	CHECK(n.ready && n.watchdog && n.has_status);
	CHECK_STR(n.status, "all is well");
	CHECK(!parse("READY=0").ready);
	CHECK(!parse("READY=11").ready);
	CHECK(!parse("READY").ready);
	CHECK(!parse("xREADY=1").ready);
	CHECK(!parse("STATUS=READY=1").ready);
	CHECK(!parse("").ready);
	CHECK(!parse("\n\n\n").ready);
	CHECK(!parse("WATCHDOG=trigger").watchdog);
	unit_done("notify: the words, alone and together");
}

static void
test_status(void)
{
	char long_status[1000] = "STATUS=";
	struct notice n = parse("STATUS=");

	CHECK(n.has_status);
	CHECK_STR(n.status, "");
	n = parse("STATUS=a\tb\x1b[31m\x7f");
	CHECK_STR(n.status, "a?b?[31m?");
	n = parse("STATUS=one\nSTATUS=two");
	CHECK_STR(n.status, "two");
	memset(long_status + 7, 'x', sizeof long_status - 8);
	n = parse(long_status);
	CHECK(strlen(n.status) == NOTICE_STATUS_MAX - 1);
	notify_parse(&n, "STATUS=a\0b", 10);
	CHECK_STR(n.status, "a?b");
	unit_done("notify: a status is one printable line");
}

int
main(void)
{
	test_words();
	test_status();
	return unit_exit();
}
