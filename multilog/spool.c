/*
 * What one receiver of lines has not written yet, pure.  Lines that each
 * receiver gets are written from where they were made; selected ones are
 * copied together.
 */
#include "multilog/spool.h"

#include <string.h>

void
spool_add(struct spool *s, char const *p, size_t n)
{
	if (s->buf)
		memcpy(s->buf + s->left, p, n);
	s->next = s->buf ? s->buf : p;
	s->left += n;
}

void
spool_wrote(struct spool *s, size_t n)
{
	s->next += n;
	s->left -= n;
}

size_t
spool_last_line(struct spool const *s, size_t from, size_t to)
{
	char const *p =
	    from < to ? memrchr(s->next + from, '\n', to - from) : NULL;

	return p ? (size_t)(p - s->next) + 1 : 0;
}
