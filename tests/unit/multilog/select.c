/*
 * Patterns, and the same patterns by a slow and obvious definition: a star is
 * any string that does not hold the character after it, two are any string.
 */
#include "multilog/select.h"

#include "tests/unit/unit.h"

static bool
slow_match(char const *p, char const *line, size_t len)
{
	bool any = p[0] == '*' && p[1] == '*';

	if (!*p)
		return len == 0;
	if (any)
		p += strspn(p, "*") - 1;
	if (*p != '*')
		return len && *line == *p &&
		       slow_match(p + 1, line + 1, len - 1);
	if (!p[1])
		return true;
	for (size_t n = 0; n <= len; n++) {
		if (slow_match(p + 1, line + n, len - n))
			return true;
		if (!any && n < len && line[n] == p[1])
			return false;
	}
	return false;
}

static bool
matches(char const *pattern, char const *line)
{
	return select_match(pattern, line, strlen(line));
}

static void
test_examples(void)
{
	CHECK(matches("hello", "hello"));
	CHECK(!matches("hello", "hello world"));
	CHECK(matches("named[*]: Cleaned cache *",
	    "named[135]: Cleaned cache of 3121 RRs"));
	CHECK(matches("*", "") && matches("*", "anything"));
	CHECK(matches("", "") && !matches("", "x"));
	CHECK(!matches("*ab", "aab") && !matches("a*c", "abcc"));
	CHECK(matches("* fatal: *", "@4 fatal: x"));
	CHECK(matches("**", "") && matches("**", "a*b"));
	CHECK(matches("**b", "aab") && matches("***", "x"));
	CHECK(matches("**failed login*", "@4a2f a failed login of joe"));
	CHECK(matches("**a*c", "xabbc") && !matches("**ab", "ababa"));
	CHECK(matches("a**b*", "a*xb"));
	CHECK(select_match("a*", "a\0b", 3) && !select_match("a*b", "a\0c", 3));
	CHECK(select_match("a*b", "a\0b", 3));
	unit_done("multilog/select: examples");
}

/* Digit by digit: all strings over four characters. */
static void
spell(char *to, unsigned int n, char const *alphabet)
{
	while (n) {
		*to++ = alphabet[n % 5];
		n /= 5;
	}
	*to = 0;
}

static void
test_all_short_ones(void)
{
	char pattern[8], line[8];
	unsigned int n = 0;

	for (unsigned int p = 0; p < 3125; p++) {
		spell(pattern, p, "*ab*c");
		for (unsigned int l = 0; l < 3125; l++) {
			bool want;

			spell(line, l, "ab*cb");
			want = slow_match(pattern, line, strlen(line));
			if (matches(pattern, line) != want) {
				printf("# %s %s\n", pattern, line);
				CHECK(!"as the definition says");
				return;
			}
			n += want;
		}
	}
	CHECK(n > 1000);
	unit_done("multilog/select: all short patterns and lines");
}

static void
test_long_line(void)
{
	char line[2001];

	memset(line, 'x', sizeof line - 1);
	line[2000] = 0;
	line[1000] = 'b';
	CHECK(matches("*x", line) == false);
	CHECK(matches("**a*", line) == false);
	CHECK(matches("xxx*", line));
	CHECK(!matches("*b*", line));
	line[999] = 'b';
	CHECK(matches("*b", line));
	unit_done("multilog/select: the first 1000 bytes");
}

int
main(void)
{
	test_examples();
	test_all_short_ones();
	test_long_line();
	return unit_exit();
}
