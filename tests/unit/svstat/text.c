/* Whatever goes in, what comes out is fit for a terminal, or valid JSON. */
#include "svstat/text.h"

#include "tests/unit/unit.h"

static void
string_is(char const *text, char const *want)
{
	struct text out = TEXT_ZERO;

	text_json(&out, text);
	CHECK(!out.failed && stralloc_0(&out.bytes));
	CHECK_STR(out.bytes.s, want);
	stralloc_free(&out.bytes);
}

static void
test_escapes(void)
{
	string_is("", "\"\"");
	string_is("/service/a b", "\"/service/a b\"");
	string_is("\"\\/", "\"\\\"\\\\/\"");
	string_is("a\nb\tc\x01\x1f\x7f",
	    "\"a\\u000ab\\u0009c\\u0001\\u001f\\u007f\"");
	unit_done("text: quotes, backslashes and control characters");
}

static void
test_utf8(void)
{
	string_is("\xc2\x80\xc2\x9f\xc2\xa0", "\"\\u0080\\u009f\xc2\xa0\"");
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
	unit_done("text: UTF-8 as it is, and nothing else");
}

/* What reaches a terminal. */
static void
plain_is(char const *text, char const *want)
{
	struct text out = TEXT_ZERO;

	text_plain(&out, text);
	CHECK(!out.failed && stralloc_0(&out.bytes));
	CHECK_STR(out.bytes.s, want);
	stralloc_free(&out.bytes);
}

static void
test_plain(void)
{
	plain_is("", "");
	plain_is("a \"b\" \\", "a \"b\" \\");
	plain_is(
	    "\xc3\xa9\xe2\x82\xac\xc2\xa0", "\xc3\xa9\xe2\x82\xac\xc2\xa0");
	plain_is("a\nb\x1b[2J\x7f", "a?b?[2J?");
	/* CSI of C1, in UTF-8 and as a byte */
	plain_is("\xc2\x9b"
		 "31m\x9b"
		 "31m\xc2\x80\xc2",
	    "?31m?31m??");
	unit_done("text: no control character, C1 neither");
}

static void
test_number(void)
{
	struct text out = TEXT_ZERO;

	text_put(&out, "a");
	text_number(&out, UINT64_MAX);
	CHECK(stralloc_0(&out.bytes));
	CHECK_STR(out.bytes.s, "a18446744073709551615");
	stralloc_free(&out.bytes);
	unit_done("text: numbers");
}

int
main(void)
{
	test_escapes();
	test_utf8();
	test_plain();
	test_number();
	return unit_exit();
}
