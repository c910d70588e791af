/*
 * The file current: appending, with room for what will be read, and bringing
 * it to disk.
 *
 * Space behind the end of the file is allocated before the lines that will
 * fill it are read: so when a disk is full, they are still in the pipe, and
 * not in a process that may be told to end.  The file's length does not change
 * by it.  Where a filesystem cannot do it, everything is taken to fit.  Where
 * there is much more free than anybody can fill between two looks, nothing is
 * reserved: it costs as much as the writing itself.
 *
 * What others do to the file is looked at once a millisecond, and how full the
 * disk is every ten of them, not with every line.
 */
#include "multilog/current.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <skalibs/djbunix.h>

#include "multilog/rotate.h"

#define MODE_OPEN   0644
#define MODE_CLEAN  0744
#define AHEAD	    262144 /* reserved beyond what is wanted now, at most */
#define RESERVE	    512	   /* less is not worth a call */
#define PLENTY	    (UINT64_C(256) << 20)
#define BEGIN_EVERY 1048576

/* False, until ms after it was true. */
static bool
time_to_look(tain *until, unsigned int ms)
{
	tain const pause = {.nano = ms * 1000000};

	return !tain_future(until) && tain_add_g(until, &pause);
}

/* RLIMIT_FSIZE counts as well. */
static uint64_t
lower_limit(uint64_t limit)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_FSIZE, &r) == 0 && r.rlim_cur != RLIM_INFINITY &&
	    r.rlim_cur && r.rlim_cur < limit)
		return r.rlim_cur;
	return limit;
}

/* Goes on at the end of a file. */
static int
begin(struct current *c, struct stat const *st, bool create)
{
	char last = '\n';

	c->dev = st->st_dev;
	c->ino = st->st_ino;
	c->size = c->begun = (uint64_t)st->st_size;
	c->marked = !(st->st_mode & S_IXUSR);
	c->gap = c->marked && c->size;
	errno = EMLINK;
	if (!S_ISREG(st->st_mode) || st->st_nlink != 1)
		return -1;
	if (c->size && pread(c->fd, &last, 1, st->st_size - 1) != 1)
		return -1;
	/* A crash may have left something reserved. */
	c->unsure = !create && ftruncate(c->fd, st->st_size) == -1;
	if (last != '\n' && c->gap) {
		if (write(c->fd, "\n", 1) != 1)
			return -1;
		c->size++;
		last = '\n';
	}
	c->ends_line = last == '\n';
	return 0;
}

int
current_open(struct current *c, int dir, uint64_t limit, bool create)
{
	int fd = openat(dir, "current",
	    O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC |
		(create ? O_CREAT | O_EXCL : 0),
	    MODE_OPEN);
	struct stat st;

	*c = (struct current){.fd = fd, .limit = lower_limit(limit)};
	if (fd != -1 && fstat(fd, &st) == 0 && begin(c, &st, create) == 0)
		return 0;
	current_close(c);
	return -1;
}

bool
current_is(struct current const *c, struct stat const *st)
{
	return c->fd != -1 && c->dev == st->st_dev && c->ino == st->st_ino;
}

/* Takes the x bit away: from now on the file may be incomplete. */
static int
mark(struct current *c)
{
	if (c->marked)
		return 0;
	if (fchmod(c->fd, MODE_OPEN) == -1)
		return -1;
	/* After a power cut it must not look as if the bit were still true. */
	if (fd_sync(c->fd) == -1)
		c->gap = true;
	c->marked = true;
	return 0;
}

int
current_append(struct current *c, struct spool *s, bool all)
{
	size_t from, n, line;
	struct stat st;
	ssize_t r;

	/* What has somebody else done to it? */
	if (time_to_look(&c->looked, 1)) {
		if (fstat(c->fd, &st) == -1)
			return -1;
		/* Who has cut it has cut what was reserved, too. */
		if ((uint64_t)st.st_size < c->size)
			c->sure = 0;
		c->size = (uint64_t)st.st_size;
		c->gone = st.st_nlink == 0;
	}
	if (c->gone)
		return 0;
	if (mark(c) == -1)
		return -1;
	n = rotate_window(c->size, c->limit, s->left, &from);
	/* A file that must wait takes all that fits. */
	line = all && n == s->left ? 0 : spool_last_line(s, from, n);
	if (line)
		n = line;
	if (!n)
		return 0;
	r = write(c->fd, s->next, n);
	if (r <= 0) {
		if (r == 0)
			errno = ENOSPC;
		if (errno == EINTR)
			return 0;
		c->tight = true;
		if (errno != EFBIG || !c->size)
			return -1;
		c->limit = c->size; /* a new file may take the rest */
		return 0;
	}
	c->size += (uint64_t)r;
	c->ends_line = spool_last_line(s, (size_t)r - 1, (size_t)r);
	spool_wrote(s, (size_t)r);
#ifdef SYNC_FILE_RANGE_WRITE
	/* Has the kernel begin to write, and does not wait for it: so there is
	   less to wait for when the file must be on disk.  If it fails, the
	   kernel writes when it likes, as always. */
	if (c->size >= c->begun + BEGIN_EVERY) {
		sync_file_range(c->fd, (off_t)c->begun,
		    (off_t)(c->size - c->begun), SYNC_FILE_RANGE_WRITE);
		c->begun = c->size;
	}
#endif
	return 0;
}

bool
current_is_full(struct current const *c)
{
	return c->size && rotate_is_full(c->size, c->limit, c->ends_line);
}

/* Unless a write has failed before: a quota is not seen here. */
static bool
is_plenty(struct current *c)
{
	struct statvfs v;

	if (c->tight || tain_future(&c->plenty))
		return !c->tight;
	return fstatvfs(c->fd, &v) == 0 &&
	       (uint64_t)v.f_bavail * v.f_frsize >= PLENTY &&
	       time_to_look(&c->plenty, 10);
}

/* Reserves n more bytes.  Beyond the limit there is nothing to do: a new file
   takes them, and the room that is given back. */
static int
reserve(struct current *c, size_t n)
{
	uint64_t from = c->sure > c->size ? c->sure : c->size;
	int r = 0;

#ifdef FALLOC_FL_KEEP_SIZE
	if (from < c->limit)
		r = fallocate(c->fd, FALLOC_FL_KEEP_SIZE, (off_t)from,
		    (off_t)(n < c->limit - from ? n : c->limit - from));
#else
	c->unsure = true;
#endif
	if (r == 0)
		c->sure = from + n;
	return r;
}

size_t
current_room(struct current *c, size_t want)
{
	size_t room;

	if (c->unsure || c->sure >= c->size + want || is_plenty(c))
		return want;
	/* More than is wanted, to save calls, or else as much as there is. */
	for (size_t n = want + AHEAD; n >= RESERVE && reserve(c, n) == -1;
	     n /= 2) {
		if (errno == ENOSPC || errno == EDQUOT)
			continue;
		c->unsure = errno != EINTR;
		return want;
	}
	room = c->sure > c->size ? (size_t)(c->sure - c->size) : 0;
	return room < want ? room : want;
}

/* The length stays as it is: somebody else may have changed it. */
static void
release(struct current *c)
{
	struct stat st;

	if (!c->unsure && c->sure > c->size && fstat(c->fd, &st) == 0)
		(void)!ftruncate(c->fd, st.st_size);
	c->sure = 0;
}

int
current_seal(struct current *c)
{
	release(c);
	/* Of what has a gap nothing is promised.  After a failure the kernel
	   counts the pages as written: another sync would prove nothing. */
	if (fd_sync(c->fd) == -1 && !c->gap) {
		c->gap = true;
		return -1;
	}
	/* First the bytes, then the bit that says they are there. */
	if (!c->gap && fchmod(c->fd, MODE_CLEAN) == -1)
		return -1;
	c->marked = c->gap;
	c->sealed = true;
	return 0;
}

void
current_close(struct current *c)
{
	if (c->fd == -1)
		return;
	release(c);
	fd_close(c->fd);
	c->fd = -1;
}
