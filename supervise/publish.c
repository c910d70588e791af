/*
 * Create, write, rename; if that fails, overwrite the file in place.
 */
#include "supervise/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/posixplz.h>

/* Remove what has this name: a FIFO, a link, an empty directory. */
static int
clear(char const *name)
{
	if (unlink(name) == 0)
		return 0;
	/* EPERM is what POSIX says of a directory, EISDIR what Linux does. */
	return errno == EISDIR || errno == EPERM ? rmdir(name) : -1;
}

/* O_EXCL neither follows a link nor waits for the reader of a FIFO. */
static int
create(char const *name)
{
	int const flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
	int fd = open3(name, flags, 0644);

	if (fd == -1 && errno == EEXIST && clear(name) == 0)
		fd = open3(name, flags, 0644);
	return fd;
}

static int
move(char const *from, char const *to)
{
	int result = rename(from, to);

	if (result == -1 && errno == EISDIR && rmdir(to) == 0)
		result = rename(from, to);
	return result;
}

static int
write_new(char const *name, char const *new_name, char const *text, size_t len)
{
	int fd = create(new_name);

	if (fd == -1)
		return -1;
	if (allwrite(fd, text, len) < len || move(new_name, name) == -1) {
		int error = errno;

		fd_close(fd);
		unlink_void(new_name);
		errno = error;
		return -1;
	}
	return fd;
}

/*
 * Open the file in place, or create it.  A file that is reached by a link or
 * has a second name is somebody else's, and is not opened.
 */
static int
open_in_place(char const *name)
{
	struct stat st;
	int fd = open3(name,
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1)
		return fd;
	fd_close(fd);
	return -1;
}

/* A forked child of ours may have replaced it. */
static bool
is_in_place(int fd, char const *name)
{
	struct stat ours, st;

	return fd != -1 && fstat(fd, &ours) == 0 && lstat(name, &st) == 0 &&
	       ours.st_dev == st.st_dev && ours.st_ino == st.st_ino;
}

static int
overwrite(struct published *file, char const *text, size_t len)
{
	if (!is_in_place(file->fd, file->name)) {
		/* Close it first: there may be no other descriptor. */
		if (file->fd != -1)
			fd_close(file->fd);
		file->fd = open_in_place(file->name);
	}
	/* Unless the text grows, this needs no room on the disk. */
	if (file->fd == -1 || pwrite(file->fd, text, len, 0) != (ssize_t)len)
		return -1;
	return ftruncate(file->fd, (off_t)len);
}

/* FNV-1a; not 0. */
static uint64_t
hash(char const *text, size_t len)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	while (len--)
		h = (h ^ (unsigned char)*text++) * UINT64_C(0x100000001b3);
	return h | 1;
}

int
publish(struct published *file, char const *text, size_t len)
{
	uint64_t new_hash = hash(text, len);
	int error, fd;

	if (file->hash == new_hash)
		return 0;
	file->hash = 0;
	fd = write_new(file->name, file->new_name, text, len);
	error = errno;
	if (fd != -1) {
		if (file->fd != -1)
			fd_close(file->fd);
		file->fd = fd;
	} else if (overwrite(file, text, len) == -1) {
		errno = error;
		return -1;
	}
	file->hash = new_hash;
	return 0;
}
