/*
 * Every descriptor is close-on-exec at its birth; the umask is out of the way
 * while files are made, so that modes are what the manual says.
 */
#include "supervise/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>

#include "supervise/control.h"

/* mkdir -p; writes to path and restores it. */
static int
make_path(char *path)
{
	for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = 0;
		if (mkdir(path, 0755) == -1 && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return mkdir(path, 0755) == -1 && errno != EEXIST ? -1 : 0;
}

static int
make_target(char const *link)
{
	char target[PATH_MAX];
	ssize_t n = readlink(link, target, sizeof target - 1);

	if (n == -1)
		return -1;
	target[n] = 0;
	return make_path(target);
}

static int
make_directory(void)
{
	struct stat st;
	mode_t mask;
	int result;

	if (stat(SUPERVISE_DIR, &st) == 0) {
		errno = ENOTDIR;
		return S_ISDIR(st.st_mode) ? 0 : -1;
	}
	if (errno != ENOENT)
		return -1;
	mask = umask(0);
	result = mkdir(SUPERVISE_DIR, 0755);
	if (result == -1 && errno == EEXIST)
		result = make_target(SUPERVISE_DIR);
	umask(mask);
	return result;
}

static int
lock(void)
{
	int fd = open3(
	    SETUP_LOCK, O_WRONLY | O_NONBLOCK | O_CREAT | O_CLOEXEC, 0600);

	if (fd == -1)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		fd_close(fd);
		return -1;
	}
	return fd;
}

/* The reading end of a FIFO, made if it is missing; EINVAL: it is not one. */
static int
open_fifo(char const *name, unsigned int mode)
{
	struct stat st;
	mode_t mask = umask(0);
	int made = mkfifo(name, mode);
	int fd;

	umask(mask);
	if (made == -1 && errno != EEXIST)
		return -1;
	fd = openc_read(name);
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1 || !S_ISFIFO(st.st_mode)) {
		fd_close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

static int
failed(struct setup *setup, char const *verb, char const *object)
{
	setup->failed = verb;
	setup->object = object;
	return -1;
}

int
setup_open(struct setup *setup)
{
	struct stat st;

	setup->down_file = stat("down", &st) == 0;
	if (!setup->down_file && errno != ENOENT)
		return failed(setup, "stat ", "/down");
	if (make_directory() == -1)
		return failed(setup, "create ", "/" SUPERVISE_DIR);
	setup->lock_fd = lock();
	if (setup->lock_fd == -1)
		return failed(setup, "acquire ", "/" SETUP_LOCK);
	setup->control_fd = open_fifo(CONTROL_FIFO, 0600);
	if (setup->control_fd == -1)
		return failed(setup, "read ", "/" CONTROL_FIFO);
	/* Kept open, so that the reading end never sees an end of file. */
	if (openc_write(CONTROL_FIFO) == -1)
		return failed(setup, "write ", "/" CONTROL_FIFO);
	return 0;
}

int
setup_show(struct setup *setup)
{
	if (open_fifo(CONTROL_OK, 0622) == -1)
		return failed(setup, "read ", "/" CONTROL_OK);
	return 0;
}
