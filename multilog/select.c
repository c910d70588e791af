/*
 * Does a pattern match a line?  Pure.  A star before a character matches any
 * string without that character, a star at the end matches anything, all else
 * is itself.  So a star can only end where its next character first comes:
 * there is nothing to try twice, and memchr does the work.  Only after two
 * stars in a row is there a choice; the first of them may end anywhere before
 * a star of the line.
 */
#include "multilog/select.h"

#include <string.h>

size_t
select_parts(char const *pattern)
{
	size_t n = 0;

	while (*pattern) {
		if (*pattern == '*')
			pattern++;
		else
			pattern += strcspn(pattern, "*");
		n++;
	}
	return n;
}

void
select_compile(
    struct select_pattern *p, char const *pattern, struct select_part *part)
{
	*p = (struct select_pattern){.text = pattern, .part = part};
	while (*pattern) {
		if (*pattern == '*') {
			/* Two at the end are as good as one. */
			if (pattern[1] == '*' && pattern[2])
				p->doubled = true;
			if (!(pattern[1] == '*' && !pattern[2]))
				part[p->parts++] = (struct select_part){0};
			pattern++;
			continue;
		}
		part[p->parts].text = pattern;
		part[p->parts].len = strcspn(pattern, "*");
		pattern += part[p->parts++].len;
	}
}

static bool
match_parts(
    struct select_part const *part, size_t parts, char const *line, size_t len)
{
	for (size_t i = 0; i < parts; i++) {
		if (!part[i].text) {
			if (i + 1 == parts)
				return true;
			char const *end =
			    memchr(line, part[i + 1].text[0], len);

			if (!end)
				return false;
			len -= (size_t)(end - line);
			line = end;
			continue;
		}
		if (len < part[i].len ||
		    memcmp(line, part[i].text, part[i].len))
			return false;
		line += part[i].len;
		len -= part[i].len;
	}
	return len == 0;
}

/* The positions of the line that can be reached, part by part.  Slower, for
   the patterns where a star has more than one place to end. */
static bool
match_doubled(
    struct select_part const *part, size_t parts, char const *line, size_t len)
{
	bool from[SELECT_EXAMINED + 1] = {[0] = true};
	bool to[SELECT_EXAMINED + 1];

	for (size_t i = 0; i < parts; i++) {
		bool last = i + 1 == parts;
		char stop = last || !part[i + 1].text ? '*' : *part[i + 1].text;

		memset(to, 0, sizeof to);
		for (size_t at = 0; at <= len; at++) {
			if (!part[i].text)
				to[at] = from[at] ||
					 (at && to[at - 1] &&
					     (last || line[at - 1] != stop));
			else if (from[at] && part[i].len <= len - at &&
				 !memcmp(line + at, part[i].text, part[i].len))
				to[at + part[i].len] = true;
		}
		memcpy(from, to, sizeof from);
	}
	return from[len];
}

bool
select_match(struct select_pattern const *p, char const *line, size_t len)
{
	if (len > SELECT_EXAMINED)
		len = SELECT_EXAMINED;
	if (p->doubled)
		return match_doubled(p->part, p->parts, line, len);
	return match_parts(p->part, p->parts, line, len);
}
