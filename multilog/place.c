/*
 * Where a log is: its directory, made and locked, and found again when it has
 * been removed.  All other names are relative to the descriptor kept here.
 */
#include "multilog/place.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>

static int
lock(struct logdir *d)
{
	int r;

	d->lock_fd = openat(dirfd(d->list), "lock",
	    O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600);
	if (d->lock_fd == -1)
		return -1;
	/* flock(2), as daemontools: two multilogs exclude each other, and so
	   do two mentions of one directory in a script. */
	do
		r = flock(d->lock_fd, LOCK_EX | LOCK_NB);
	while (r == -1 && errno == EINTR);
	return r;
}

static void
let_go(struct logdir *d)
{
	int error = errno;

	if (d->fd != -1)
		close(d->fd);
	if (d->lock_fd != -1)
		close(d->lock_fd);
	if (d->list)
		closedir(d->list);
	d->fd = d->lock_fd = -1;
	d->list = NULL;
	errno = error;
}

int
place_open(struct logdir *d)
{
	int fd;

	if (mkdir(d->path, 0700) == -1 && errno != EEXIST)
		return logdir_fail(d, "create directory", NULL);
	fd = open(d->path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return logdir_fail(d, "open directory", NULL);
	d->list = fdopendir(fd);
	if (!d->list) {
		fd_close(fd);
		return logdir_fail(d, "open directory", NULL);
	}
	if (lock(d) == -1) {
		let_go(d);
		return logdir_fail(d, "lock directory", NULL);
	}
	return 0;
}

int
place_find(struct logdir *d)
{
	struct stat st;

	if (d->list && fstat(dirfd(d->list), &st) == 0 && st.st_nlink > 0)
		return 0;
	let_go(d);
	d->known = false;
	return place_open(d);
}
