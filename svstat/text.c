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
decode(uint32_t *code, unsigned char const *s)
{
	static uint32_t const least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = s[0] < 0xc0   ? s[0] < 0x80
		     : s[0] < 0xe0 ? 2
		     : s[0] < 0xf0 ? 3
		     : s[0] < 0xf8 ? 4
				   : 0;

	*code = len == 1 ? s[0] : s[0] & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	/* overlong, a surrogate, or beyond Unicode */
	if (*code < least[len] || (*code >= 0xd800 && *code < 0xe000) ||
	    *code > 0x10ffff)
		return 0;
	return len;
}

/* Append character by character, for JSON or for a terminal. */
static void
escape(struct text *text, char const *s, bool json)
{
	while (*s) {
		char escaped[] = "\\u00xx";
		uint32_t code;
		size_t len = decode(&code, (unsigned char const *)s);
		bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);

		if (!json && (!len || control)) {
			text_put(text, "?");
		} else if (!len) {
			text_put(text, "\\ufffd");
		} else if (control) {
			uint320_xfmt(escaped + 4, code, 2);
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
