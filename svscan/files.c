/*
 * The reserve is any descriptor, of which nothing is used but that it can be
 * closed.
 */
#include "svscan/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "svscan/linux.h"

static int *
reserve(void)
{
	static int fd = -1;

	return &fd;
}

int
files_reserve(void)
{
	if (*reserve() == -1)
		*reserve() = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *reserve() == -1 ? -1 : 0;
}

int
files_open(int at, char const *path, int flags)
{
	int fd = openat(at, path, flags | O_NONBLOCK | O_CLOEXEC);

	if (fd != -1 || *reserve() == -1 ||
	    (errno != EMFILE && errno != ENFILE))
		return fd;
	close(*reserve());
	*reserve() = -1;
	fd = openat(at, path, flags | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1) {
		int error = errno;

		files_reserve();
		errno = error;
	}
	return fd;
}

int
files_open_fifo(int at, char const *path, int flags)
{
	int fd = files_open(at, path, flags | O_NOFOLLOW);
	struct stat st;

	if (fd == -1 || (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode)))
		return fd;
	files_close(fd);
	errno = EEXIST;
	return -1;
}

void
files_close(int fd)
{
	int error = errno;

	/* EINTR, too, has closed it. */
	close(fd);
	files_reserve();
	errno = error;
}

bool
files_is(int at, char const *path, struct identity const *id)
{
	struct stat st;

	return fstatat(at, path, &st, 0) == 0 && st.st_dev == id->dev &&
	       st.st_ino == id->ino;
}

struct identity
files_identity(int fd)
{
	struct identity id = {0, 0};
	struct stat st;

	if (fstat(fd, &st) == 0)
		id = (struct identity){.dev = st.st_dev, .ino = st.st_ino};
	return id;
}

int
files_directory(int at, char const *path, struct identity *id)
{
	struct stat st;

	if (fstatat(at, path, &st, 0) == -1)
		return -1;
	*id = (struct identity){.dev = st.st_dev, .ino = st.st_ino};
	errno = ENOTDIR;
	return S_ISDIR(st.st_mode) ? 0 : -1;
}

bool
files_hold(struct entry *s)
{
	char path[TABLE_PATH_MAX];
	int at = table_path(s, NULL, path), fd;
	struct identity id;

	if (at != AT_FDCWD)
		return true;
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return files_is(at, path, &s->id);
	id = files_identity(fd);
	if (table_is_same(&id, &s->id)) {
		s->directory = fd;
		return true;
	}
	close(fd);
	return false;
}

void
files_release(struct entry *s)
{
	if (s->directory != -1)
		close(s->directory);
	s->directory = -1;
}
