/*
 * Does a pattern match a line?  Pure.  A star before a character skips to the
 * first such character, a star at the end matches anything, two stars match
 * anything anywhere, all else matches itself.
 *
 * Only two stars leave a choice.  Taking the first place where the text after
 * them fits is enough: if that text ends later for a later start, nothing is
 * lost by starting early, and it never ends earlier.
 */
#include "multilog/select.h"

#include <string.h>

bool
select_match(char const *p, char const *line, size_t len)
{
	char const *end =
	    line + (len > SELECT_EXAMINED ? SELECT_EXAMINED : len);
	char const *again = NULL; /* what follows the last two stars */
	char const *from = NULL;  /* where it was tried last */

	for (;;) {
		if (p[0] == '*' && p[1] == '*') {
			p += strspn(p, "*");
			again = p;
			from = line;
			if (!*p)
				return true;
		}
		if (p[0] == '*' && !p[1])
			return true;
		if (!*p && line == end)
			return true;
		if (p[0] == '*')
			line = memchr(line, *++p, (size_t)(end - line));
		else if (*p && line < end && *line == *p)
			p++, line++;
		else
			line = NULL;
		if (line)
			continue;
		if (!again || from == end)
			return false;
		p = again; /* and where its first character comes next */
		line = from = memchr(from + 1, *p, (size_t)(end - from - 1));
		if (!line)
			return false;
	}
}
