/*
 * A name is any bytes that the file system accepts, a status text any bytes
 * that the service has sent.
 */
#include "svstat/text.h"

#include <string.h>

#include <skalibs/types.h>
#include <skalibs/uint64.h>

static void
put(struct text *text, char const *s, size_t len)
{
	if (!stralloc_catb(&text->bytes, s, len))
		text->failed = true;
}

void
text_put(struct text *text, char const *s)
{
	put(text, s, strlen(s));
}

void
text_number(struct text *text, uint64_t number)
{
	char digits[UINT64_FMT];

	put(text, digits, uint64_fmt(digits, number));
}

/* The length of the UTF-8 character that s begins with; 0 if it is invalid. */
static size_t
utf8_len(unsigned char const *s)
{
	static unsigned char const least[] = {0, 0, 0xc2, 0xe0, 0xf0, 0xf5};
	size_t len = 2;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < least[2] || s[0] >= least[5])
		return 0;
	while (s[0] >= least[len + 1])
		len++;
	for (size_t i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* overlong, a surrogate, or beyond Unicode */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

/* The code of the character if it is a control character, or -1. */
static int
control(unsigned char const *s, size_t len)
{
	if (len == 1 && (s[0] < 0x20 || s[0] == 0x7f))
		return s[0];
	return len == 2 && s[0] == 0xc2 && s[1] < 0xa0 ? s[1] : -1;
}

/* Append character by character, for JSON or for a terminal. */
static void
escape(struct text *text, char const *s, bool json)
{
	while (*s) {
		unsigned char const *u = (unsigned char const *)s;
		size_t len = utf8_len(u);
		int code = control(u, len);
		char escaped[] = "\\u00xx";

		if (!json && (!len || code != -1)) {
			text_put(text, "?");
		} else if (!len) {
			text_put(text, "\\ufffd");
		} else if (code != -1) {
			uint320_xfmt(escaped + 4, (uint32_t)code, 2);
			text_put(text, escaped);
		} else {
			if (json && (*s == '"' || *s == '\\'))
				text_put(text, "\\");
			put(text, s, len);
		}
		s += len ? len : 1;
	}
}

void
text_plain(struct text *text, char const *s)
{
	escape(text, s, false);
}

void
text_json(struct text *text, char const *s)
{
	text_put(text, "\"");
	escape(text, s, true);
	text_put(text, "\"");
}
