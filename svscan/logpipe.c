/*
 * Reading and writing, in blocking mode, for the service: an open that never
 * waits, and a write that never meets a pipe without a reader, even at a moment
 * when all who read are dead.  Reading alone for the logger, and for us when we
 * no longer write: only a descriptor that cannot write sees the end of file
 * when the last writer is gone.  We hold one descriptor at a time, as they are
 * what limits the number of services.
 *
 * The service may own the directory, and may have put anything in that place:
 * nothing but a FIFO is taken, links are not followed, and no open waits.
 */
#include "svscan/logpipe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/types.h>

static int
make_directory(char const *path)
{
	struct stat st;

	if (mkdir(path, 0755) == 0)
		return 0;
	if (errno == EEXIST && stat(path, &st) == 0)
		return 0;
	return -1;
}

/* Make path and all that is missing above it. */
static int
make_path(char *path)
{
	for (char *at = path + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = 0;
		if (make_directory(path) == -1)
			return -1;
		*at = '/';
	}
	return make_directory(path);
}

/* Make what a link leads to that leads nowhere yet. */
static int
make_target(char const *link, char const *name)
{
	char target[PATH_MAX], path[PATH_MAX];
	ssize_t len = readlink(link, target, sizeof target - 1);
	int n;

	if (len == -1)
		return -1;
	target[len] = 0;
	n = snprintf(path, sizeof path, "%s%s%s", target[0] == '/' ? "" : name,
	    target[0] == '/' ? "" : "/", target);
	if ((size_t)n >= sizeof path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return make_path(path);
}

/*
 * Have a directory NAME/supervise, with mode 0755 whatever our umask is, which
 * is the services' and therefore put back.
 */
static int
make_place(char const *place, char const *name)
{
	struct stat st;
	mode_t mask;
	int result;

	if (stat(place, &st) == 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	mask = umask(022);
	result = mkdir(place, 0755);
	if (result == -1 && errno == EEXIST)
		result = make_target(place, name);
	umask(mask);
	return result;
}

static int
open_fifo(char const *path, int flags)
{
	int fd = open2(path, flags | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) && ndelay_off(fd) == 0)
		return fd;
	fd_close(fd);
	errno = EEXIST;
	return -1;
}

static bool
is_same(int a, int b)
{
	struct stat sa, sb;

	return fstat(a, &sa) == 0 && fstat(b, &sb) == 0 &&
	       sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

static int
open_named(struct logpipe *logpipe, char const *name)
{
	char path[NAME_MAX + sizeof "/supervise/logpipe"];
	int len = snprintf(path, sizeof path, "%s/supervise", name);

	if (make_place(path, name) == -1)
		return -1;
	snprintf(path + len, sizeof path - (size_t)len, "/logpipe");
	if (mkfifo(path, 0600) == -1 && errno != EEXIST)
		return -1;
	logpipe->writer = open_fifo(path, O_RDWR);
	return logpipe->writer == -1 ? -1 : 0;
}

int
logpipe_open(struct logpipe *logpipe, char const *name)
{
	int p[2];

	logpipe_close(logpipe);
	logpipe->unnamed = 0;
	if (open_named(logpipe, name) == 0)
		return 0;
	/* A shortage passes; a name once given up would be missed for good. */
	if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
		return -1;
	logpipe->unnamed = errno;
	if (pipecoe(p) == -1)
		return -1;
	logpipe->reader = p[0];
	logpipe->writer = p[1];
	return 0;
}

/* The same pipe, where its name leads elsewhere now. */
static int
open_again(int writer)
{
	char path[sizeof "/proc/self/fd/" + UINT_FMT];

	snprintf(path, sizeof path, "/proc/self/fd/%d", writer);
	return open2(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

int
logpipe_open_reader(struct logpipe *logpipe, char const *name)
{
	char path[NAME_MAX + sizeof "/supervise/logpipe"];
	int fd;

	if (logpipe->reader != -1)
		return 0;
	snprintf(path, sizeof path, "%s/supervise/logpipe", name);
	fd = open_fifo(path, O_RDONLY);
	if (fd != -1 && !is_same(logpipe->writer, fd)) {
		fd_close(fd);
		fd = -1;
	}
	if (fd == -1)
		fd = open_again(logpipe->writer);
	if (fd == -1)
		return -1;
	if (ndelay_off(fd) == -1) {
		fd_close(fd);
		return -1;
	}
	logpipe->reader = fd;
	return 0;
}

void
logpipe_close_reader(struct logpipe *logpipe)
{
	if (logpipe->reader == -1 || logpipe->unnamed)
		return;
	fd_close(logpipe->reader);
	logpipe->reader = -1;
}

bool
logpipe_is_current(struct logpipe const *logpipe, char const *name)
{
	char path[NAME_MAX + sizeof "/supervise/logpipe"];
	struct stat held, named;

	if (logpipe->unnamed)
		return logpipe_unread(logpipe) > 0;
	snprintf(path, sizeof path, "%s/supervise/logpipe", name);
	return fstat(logpipe->writer, &held) == 0 && lstat(path, &named) == 0 &&
	       held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

void
logpipe_end_writing(struct logpipe *logpipe, char const *name)
{
	/* Where it cannot be had, those of the logger have to do. */
	logpipe_open_reader(logpipe, name);
	fd_close(logpipe->writer);
	logpipe->writer = -1;
}

bool
logpipe_is_used(struct logpipe const *logpipe)
{
	struct pollfd x = {.fd = logpipe->reader, .events = POLLIN};

	return logpipe->reader != -1 &&
	       (poll(&x, 1, 0) != 1 || (x.revents & POLLIN));
}

int
logpipe_unread(struct logpipe const *logpipe)
{
	int fd = logpipe->reader == -1 ? logpipe->writer : logpipe->reader;
	int bytes = 0;

	if (fd == -1 || ioctl(fd, FIONREAD, &bytes) == -1)
		return 0;
	return bytes;
}

void
logpipe_close(struct logpipe *logpipe)
{
	if (logpipe->writer != -1)
		fd_close(logpipe->writer);
	if (logpipe->reader != -1)
		fd_close(logpipe->reader);
	logpipe->writer = logpipe->reader = -1;
}
