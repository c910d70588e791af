/*
 * A name may be whatever a directory entry may be; a message is one line, and
 * no command to a terminal.
 */
#include "supervise/shown.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool
is_plain(unsigned char c)
{
	return c >= ' ' && c < 0x7f && c != '\\';
}

char const *
shown_name(char const *name)
{
	static char const digits[] = "0123456789abcdef";
	char const *at = name;
	char *shown, *to;

	while (*at == '\\' || is_plain((unsigned char)*at))
		at++;
	if (!*at)
		return name;
	shown = to = malloc(strlen(name) * strlen("\\xNN") + 1);
	if (!shown)
		return "?";
	for (at = name; *at; at++) {
		unsigned char c = (unsigned char)*at;
		if (is_plain(c)) {
			*to++ = *at;
			continue;
		}
		*to++ = '\\';
		*to++ = 'x';
		*to++ = digits[c >> 4];
		*to++ = digits[c & 15];
	}
	*to = 0;
	return shown;
}
