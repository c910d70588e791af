/*
 * Learns the facts about a log directory that rotate_next() decides on.
 */
#include "multilog/look.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>

#include "multilog/oldfiles.h"

static int
base(struct logdir const *d)
{
	return dirfd(d->list);
}

/* 1: st describes a regular file; 0: there is none of that name; -1. */
static int
look_at(struct logdir *d, char const *name, struct stat *st)
{
	if (fstatat(base(d), name, st, 0) == -1)
		return errno == ENOENT ? 0 : logdir_fail(d, "stat", name);
	if (S_ISREG(st->st_mode))
		return 1;
	errno = S_ISDIR(st->st_mode) ? EISDIR : EINVAL;
	return logdir_fail(d, "use", name);
}

static bool
is_linked(struct logdir *d, struct stat const *st)
{
	return st->st_nlink > 1 &&
	       oldfiles_include(d->list, st->st_dev, st->st_ino);
}

static int
look_at_piece(struct logdir *d, char const *name, enum rotate_piece *piece)
{
	struct stat st;
	int there = look_at(d, name, &st);

	if (there == -1)
		return -1;
	if (!there)
		*piece = ROTATE_PIECE_ABSENT;
	else if (is_linked(d, &st))
		*piece = ROTATE_PIECE_LINKED;
	else
		*piece = st.st_mode & S_IXUSR ? ROTATE_PIECE_COMPLETE
					      : ROTATE_PIECE_PART;
	return 0;
}

/* 1 if current ends with a newline, 0 if not, -1. */
static int
ends_whole(struct logdir *d, off_t size)
{
	char last = 0;
	int fd = openat(base(d), "current", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t r;

	if (fd == -1)
		return logdir_fail(d, "read", "current");
	r = pread(fd, &last, 1, size - 1);
	fd_close(fd);
	return r == -1 ? logdir_fail(d, "read", "current") : last == '\n';
}

static int
look_at_current(struct logdir *d)
{
	struct stat st;
	int there = look_at(d, "current", &st);
	int whole;

	if (there == -1)
		return -1;
	d->facts.current = ROTATE_CURRENT_ABSENT;
	d->size = 0;
	if (!there)
		return 0;
	d->size = (uint64_t)st.st_size;
	if (is_linked(d, &st)) {
		d->facts.current = ROTATE_CURRENT_LINKED;
	} else if (st.st_mode & S_IXUSR) {
		d->facts.current = ROTATE_CURRENT_CLEAN;
	} else if (st.st_size == 0 || d->started) {
		d->facts.current = ROTATE_CURRENT_USABLE;
	} else {
		whole = ends_whole(d, st.st_size);
		if (whole == -1)
			return -1;
		d->facts.current =
		    whole ? ROTATE_CURRENT_WHOLE : ROTATE_CURRENT_TORN;
	}
	return 0;
}

int
look_around(struct logdir *d)
{
	struct oldfiles old;
	struct stat st;
	size_t len;
	int there;

	if (d->fd != -1)
		fd_close(d->fd);
	d->fd = -1;
	d->full = false;
	if (oldfiles_scan(d->list, "", false, &old) == -1)
		return logdir_fail(d, "read", "");
	if (stamp_compare(&old.label, &d->newest) > 0)
		d->newest = old.label;
	len = strlen(old.newest);
	d->facts.spare = old.count + 1 >= d->limits.number && len > 2 &&
			 strcmp(old.newest + len - 2, ".u") == 0;
	if (look_at_current(d) == -1 ||
	    look_at_piece(d, "previous", &d->facts.previous) == -1)
		return -1;
	if (d->pid == 0 &&
	    look_at_piece(d, "processed", &d->facts.processed) == -1)
		return -1;
	there = look_at(d, "newstate", &st);
	if (there == -1)
		return -1;
	d->facts.newstate = there;
	d->known = true;
	return 0;
}
