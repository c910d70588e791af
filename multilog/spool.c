/*
 * What one receiver of lines has not written yet, pure.  Lines that follow
 * each other in memory are one run and are written from where they were read;
 * only when a line between them was not selected are they copied together.
 */
#include "multilog/spool.h"

#include <stdint.h>
#include <string.h>

void
spool_copy(struct spool *s, char const *p, size_t n)
{
	memcpy(s->buf + s->len, p, n);
	s->len += n;
}

void
spool_add(struct spool *s, char const *p, size_t n)
{
	if (s->run_len && p == s->run + s->run_len) {
		s->run_len += n;
		return;
	}
	if (s->run_len)
		spool_copy(s, s->run, s->run_len);
	s->run = p;
	s->run_len = n;
}

size_t
spool_left(struct spool const *s)
{
	return s->len + s->run_len - s->done;
}

/* The pieces of [from, to), counted from the beginning of buf. */
static int
pieces(struct spool const *s, size_t from, size_t to, struct iovec iov[2])
{
	int n = 0;

	if (from < s->len && from < to) {
		size_t end = to < s->len ? to : s->len;

		iov[n].iov_base = s->buf + from;
		iov[n++].iov_len = end - from;
		from = end;
	}
	if (from < to) {
		/* An iovec is for reading too; nobody writes through it. */
		iov[n].iov_base = (void *)(uintptr_t)(s->run + from - s->len);
		iov[n++].iov_len = to - from;
	}
	return n;
}

int
spool_next(struct spool const *s, size_t most, struct iovec iov[2])
{
	size_t left = spool_left(s);

	return pieces(s, s->done, s->done + (left < most ? left : most), iov);
}

void
spool_wrote(struct spool *s, size_t n)
{
	s->done += n;
	if (spool_left(s) == 0)
		s->len = s->run_len = s->done = 0;
}

size_t
spool_last_line(struct spool const *s, size_t from, size_t to)
{
	struct iovec iov[2];
	int n = pieces(s, s->done + from, s->done + to, iov);

	while (n--) {
		char const *p = memrchr(iov[n].iov_base, '\n', iov[n].iov_len);

		if (p)
			return to - iov[n].iov_len +
			       (size_t)(p - (char *)iov[n].iov_base) + 1;
		to -= iov[n].iov_len;
	}
	return 0;
}
