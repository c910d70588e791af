/*
 * New file, full write, rename; and what to do instead when there is no room.
 */
#include "supervise/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/posixplz.h>

static int
write_new(char const *name, char const *new_name, char const *text, size_t len)
{
	int fd =
	    open3(new_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd == -1)
		return -1;
	if (allwrite(fd, text, len) < len || rename(new_name, name) == -1) {
		fd_close(fd);
		unlink_void(new_name);
		return -1;
	}
	return fd;
}

int
publish_once(
    char const *name, char const *new_name, char const *text, size_t len)
{
	int fd = write_new(name, new_name, text, len);

	if (fd == -1)
		return -1;
	fd_close(fd);
	return 0;
}

/* Closed first, for no other descriptor may be left. */
static void
open_in_place(struct published *file)
{
	if (file->fd != -1)
		fd_close(file->fd);
	file->fd = openc_write(file->name);
	file->stale = false;
}

static int
overwrite(struct published *file, char const *text, size_t len)
{
	if (file->stale || file->fd == -1)
		open_in_place(file);
	/* The longer of old and new is there already, so this needs no room. */
	if (file->fd == -1 || pwrite(file->fd, text, len, 0) != (ssize_t)len)
		return -1;
	return ftruncate(file->fd, (off_t)len);
}

void
publish_open(struct published *file, char const *name, char const *new_name,
    char *memory)
{
	*file = (struct published){
	    .name = name, .new_name = new_name, .text = memory, .fd = -1};
}

void
publish_forked(struct published *file, int fd)
{
	file->fd = fd;
	file->stale = true;
}

static int
replace(struct published *file, char const *text, size_t len)
{
	int error;
	int fd = write_new(file->name, file->new_name, text, len);

	if (fd != -1) {
		if (file->fd != -1)
			fd_close(file->fd);
		file->fd = fd;
		file->stale = false;
		return 0;
	}
	error = errno;
	if (overwrite(file, text, len) == 0)
		return 0;
	errno = error;
	return -1;
}

int
publish(struct published *file, char const *text, size_t len)
{
	if (file->text && file->len == len &&
	    memcmp(file->text, text, len) == 0)
		return 0;
	file->len = 0;
	if (replace(file, text, len) == -1)
		return -1;
	if (!file->text)
		return 0;
	memcpy(file->text, text, len);
	file->len = len;
	return 0;
}
