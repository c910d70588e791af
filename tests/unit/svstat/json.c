/* Whatever goes in, valid JSON comes out. */
#include "svstat/json.h"
#include "svstat/signame.h"

#include <signal.h>

#include "tests/unit/unit.h"

static void
string_is(char const *text, char const *want)
{
	stralloc out = STRALLOC_ZERO;

	CHECK(json_string(&out, text) == 0);
	CHECK(stralloc_0(&out));
	CHECK_STR(out.s, want);
	stralloc_free(&out);
}

static void
test_escapes(void)
{
	string_is("", "\"\"");
	string_is("/service/a b", "\"/service/a b\"");
	string_is("\"\\/", "\"\\\"\\\\/\"");
	string_is("a\nb\tc\x01\x1f\x7f",
	    "\"a\\u000ab\\u0009c\\u0001\\u001f\\u007f\"");
	unit_done("json: quotes, backslashes and control characters");
}

static void
test_utf8(void)
{
	string_is("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
	    "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
	string_is("\x80"
		  "a",
	    "\"\\ufffda\"");
	string_is("\xc3", "\"\\ufffd\"");
	string_is("\xe2\x82", "\"\\ufffd\\ufffd\"");
	string_is("\xc0\x80", "\"\\ufffd\\ufffd\"");
	string_is("\xe0\x80\x80", "\"\\ufffd\\ufffd\\ufffd\"");
	string_is("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");
	string_is("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
	string_is("\xf5\xff\xfe", "\"\\ufffd\\ufffd\\ufffd\"");
	string_is("\xc3\x28", "\"\\ufffd(\"");
	unit_done("json: UTF-8 as it is, and nothing else");
}

static void
number_is(char const *text, char const *want)
{
	stralloc out = STRALLOC_ZERO;

	CHECK(json_number(&out, text) == 0);
	CHECK(stralloc_0(&out));
	CHECK_STR(out.s, want);
	stralloc_free(&out);
}

static void
test_number(void)
{
	number_is("0", "0");
	number_is("42", "42");
	number_is("1799999990.000000007", "1799999990.000000007");
	number_is("0.5", "0.5");
	number_is("", "\"\"");
	number_is("007", "\"007\"");
	number_is("1.", "\"1.\"");
	number_is(".5", "\".5\"");
	number_is("1.2.3", "\"1.2.3\"");
	number_is("-1", "\"-1\"");
	number_is("unknown", "\"unknown\"");
	unit_done("json: numbers, and what is none");
}

static void
test_signame(void)
{
	CHECK_STR(signame(SIGTERM), "SIGTERM");
	CHECK_STR(signame(SIGABRT), "SIGABRT");
	CHECK_STR(signame(SIGCHLD), "SIGCHLD");
	CHECK(signame(0) == NULL);
	CHECK(signame(60) == NULL);
	unit_done("signame: the names everybody knows");
}

int
main(void)
{
	test_escapes();
	test_utf8();
	test_number();
	test_signame();
	return unit_exit();
}
