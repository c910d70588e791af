/*
 * A service's name is whatever bytes the file system takes, and its status text
 * whatever bytes it has sent: what comes out here is valid JSON all the same.
 */
#include "svstat/json.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <skalibs/uint32.h>

#define DIGITS "0123456789"

static int
put(stralloc *out, char const *text, size_t len)
{
	if (stralloc_catb(out, text, len))
		return 0;
	errno = ENOMEM;
	return -1;
}

static int
puts_to(stralloc *out, char const *text)
{
	return put(out, text, strlen(text));
}

/* How many bytes of a text are one character of UTF-8; 0 if none are. */
static size_t
utf8_len(unsigned char const *s)
{
	static unsigned char const least[] = {0, 0, 0xc2, 0xe0, 0xf0, 0xf5};
	size_t len = 2;

	if (s[0] < least[2] || s[0] >= least[5])
		return 0;
	while (s[0] >= least[len + 1])
		len++;
	for (size_t i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* longer than need be, a surrogate, or beyond Unicode */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

/* One character, escaped where JSON wants it.  How many bytes it took. */
static size_t
put_character(stralloc *out, char const *text)
{
	unsigned char const *s = (unsigned char const *)text;
	char escape[] = "\\u00xx";
	size_t len = 1;
	int result;

	if (*s == '"' || *s == '\\') {
		escape[1] = (char)*s;
		result = put(out, escape, 2);
	} else if (*s < 0x20 || *s == 0x7f) {
		uint320_xfmt(escape + 4, *s, 2);
		result = puts_to(out, escape);
	} else if (*s < 0x80 || (len = utf8_len(s)) != 0) {
		result = put(out, text, len);
	} else {
		len = 1;
		result = puts_to(out, "\\ufffd");
	}
	return result == -1 ? 0 : len;
}

int
json_string(stralloc *out, char const *text)
{
	if (puts_to(out, "\"") == -1)
		return -1;
	while (*text) {
		size_t len = put_character(out, text);

		if (!len)
			return -1;
		text += len;
	}
	return puts_to(out, "\"");
}

/* Digits, or digits with a point between. */
static bool
is_number(char const *text)
{
	size_t n = strspn(text, DIGITS);

	if (n && text[n] == '.' && text[n + 1])
		n += 1 + strspn(text + n + 1, DIGITS);
	return n && !text[n] && (text[0] != '0' || n == 1 || text[1] == '.');
}

int
json_number(stralloc *out, char const *text)
{
	return is_number(text) ? puts_to(out, text) : json_string(out, text);
}
