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

/*
 * A descriptor of the new file, which has the name; -1 errno.  O_EXCL neither
 * follows a link nor waits for the reader of a FIFO.
 */
static int
write_new(struct published const *file, char const *text, size_t len)
{
	int fd = open3(
	    file->new_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int error;

	if (fd == -1)
		return -1;
	if (allwrite(fd, text, len) == len &&
	    rename(file->new_name, file->name) == 0)
		return fd;
	error = errno;
	fd_close(fd);
	unlink_void(file->new_name);
	errno = error;
	return -1;
}

/*
 * Can the file be overwritten?  One that is reached by a link or has a second
 * name is somebody else's, and one without a name was replaced by a child.
 */
static bool
is_ours(int fd)
{
	struct stat st;

	return fd != -1 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_nlink == 1;
}

static void
keep(struct published *file, int fd)
{
	if (file->fd != -1)
		fd_close(file->fd);
	file->fd = fd;
}

static int
overwrite(struct published *file, char const *text, size_t len)
{
	if (!is_ours(file->fd)) {
		/* Close it first: there may be no other descriptor. */
		keep(file, -1);
		keep(file, open3(file->name,
			       O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK |
				   O_CLOEXEC,
			       0644));
	}
	if (!is_ours(file->fd)) {
		keep(file, -1);
		return -1;
	}
	/* Unless the text grows, this needs no room on the disk. */
	if (pwrite(file->fd, text, len, 0) != (ssize_t)len)
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
	fd = write_new(file, text, len);
	/* A FIFO, a link or an empty directory of somebody else's. */
	if (fd == -1 && errno == EEXIST && remove(file->new_name) == 0)
		fd = write_new(file, text, len);
	if (fd == -1 && errno == EISDIR && remove(file->name) == 0)
		fd = write_new(file, text, len);
	error = errno;
	if (fd != -1) {
		keep(file, fd);
	} else if (overwrite(file, text, len) == -1) {
		errno = error;
		return -1;
	}
	file->hash = new_hash;
	return 0;
}
