/*
 * Room for what will be read.  Space behind the end of current is allocated
 * before the lines that will fill it are read: so when a disk is full, they
 * are still in the pipe, and not in a process that may be told to end.
 *
 * The file's length does not change by it.  Where a filesystem cannot do it,
 * everything is taken to fit.  Where there is much more free than anybody can
 * fill between a read and the write that follows, nothing is reserved: it costs
 * as much as the writing itself.
 */
#include "multilog/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define AHEAD                                                               \
	262144	    /* so much more is reserved than is wanted now, at most \
		     */
#define LEAST  4096 /* so little is still worth it */
#define PLENTY (UINT64_C(256) << 20)

#ifdef FALLOC_FL_KEEP_SIZE

static int
allocate(struct logdir *d, size_t n)
{
	uint64_t from = d->sure > d->size ? d->sure : d->size;
	int r;

	do
		r = fallocate(
		    d->fd, FALLOC_FL_KEEP_SIZE, (off_t)from, (off_t)n);
	while (r == -1 && errno == EINTR);
	if (r == 0)
		d->sure = from + n;
	return r;
}

#else

static int
allocate(struct logdir *d, size_t n)
{
	(void)d;
	(void)n;
	errno = EOPNOTSUPP;
	return -1;
}

#endif

static bool
is_full(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

static void
extend(struct logdir *d, size_t want)
{
	size_t most = want * 3 < AHEAD ? want * 4 : want + AHEAD;

	for (size_t n = most; n >= LEAST || n >= want; n /= 2) {
		if (allocate(d, n) == 0)
			return;
		if (!is_full(errno)) {
			d->unsure = true;
			return;
		}
		if (n < 2)
			return;
	}
}

/* A limit on the size of files that we have been given, or that many bytes. */
static uint64_t
below_limit(uint64_t end)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_FSIZE, &r) == -1 || r.rlim_cur == RLIM_INFINITY ||
	    r.rlim_cur >= end)
		return end;
	return r.rlim_cur;
}

/* Unless it has failed before: a quota is not seen here. */
static bool
is_plenty(struct logdir const *d)
{
	struct statvfs v;

	return !d->tight && fstatvfs(d->fd, &v) == 0 &&
	       (uint64_t)v.f_bavail * v.f_frsize >= PLENTY;
}

size_t
reserve_room(struct logdir *d, size_t want)
{
	uint64_t end = d->size + want;
	uint64_t limit;

	if (d->sure >= end)
		return want;
	if (is_plenty(d) && below_limit(end) == end)
		return want;
	errno = ENOSPC;
	if (!d->unsure)
		extend(d, want);
	if (d->unsure)
		d->sure = end;
	limit = below_limit(d->sure);
	/* If it ends before the limit, the next file takes the rest. */
	if (limit < d->sure && limit < d->limits.size) {
		d->sure = limit;
		errno = EFBIG;
	}
	if (d->sure >= end)
		return want;
	logdir_fail(d, "write to", "current");
	return d->sure > d->size ? (size_t)(d->sure - d->size) : 0;
}

void
reserve_release(struct logdir *d)
{
	if (!d->unsure && d->sure > d->size &&
	    ftruncate(d->fd, (off_t)d->size) == 0)
		d->sure = d->size;
}
