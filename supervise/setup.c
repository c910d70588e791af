/*
 * Every descriptor is close-on-exec at its birth.  The control FIFO is opened
 * for reading and writing, which POSIX leaves open and every system has.
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

#define NO_WAIT (O_NONBLOCK | O_CLOEXEC)

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

	/* Another supervise has just made the directory. */
	if (n == -1 && errno == EINVAL)
		return 0;
	if (n == -1)
		return -1;
	target[n] = 0;
	return make_path(target);
}

static int
make_directory(void)
{
	struct stat st;
	int result;

	if (stat(SUPERVISE_DIR, &st) == 0) {
		errno = ENOTDIR;
		return S_ISDIR(st.st_mode) ? 0 : -1;
	}
	if (errno != ENOENT)
		return -1;
	result = mkdir(SUPERVISE_DIR, 0755);
	if (result == -1 && errno == EEXIST)
		result = make_target(SUPERVISE_DIR);
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

/* Made if it is missing.  0; -1 errno, EINVAL: what is there is not a FIFO. */
static int
make_fifo(char const *name, unsigned int mode)
{
	struct stat st;

	if (mkfifo(name, mode) == 0)
		return 0;
	if (errno != EEXIST || stat(name, &st) == -1)
		return -1;
	errno = EINVAL;
	return S_ISFIFO(st.st_mode) ? 0 : -1;
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

	setup->mask = umask(0);
	setup->ok_fd = -1;
	setup->down_file = stat("down", &st) == 0;
	if (!setup->down_file && errno != ENOENT)
		return failed(setup, "stat", "down");
	if (make_directory() == -1)
		return failed(setup, "create", SUPERVISE_DIR);
	setup->lock_fd = lock();
	if (setup->lock_fd == -1)
		return failed(setup, "acquire", SETUP_LOCK);
	/* For writing as well, or it would see an end of file. */
	if (make_fifo(CONTROL_FIFO, 0600) == -1 ||
	    (setup->control_fd = open2(CONTROL_FIFO, O_RDWR | NO_WAIT)) == -1)
		return failed(setup, "read", CONTROL_FIFO);
	if (make_fifo(CONTROL_OK, 0622) == -1)
		return failed(setup, "read", CONTROL_OK);
	return 0;
}

int
setup_show(struct setup *setup)
{
	setup->ok_fd = open2(CONTROL_OK, O_RDONLY | NO_WAIT);
	return setup->ok_fd == -1 ? -1 : 0;
}

void
setup_spend(struct setup *setup)
{
	if (setup->spare_fd != -1)
		fd_close(setup->spare_fd);
	setup->spare_fd = -1;
}

void
setup_regain(struct setup *setup)
{
	if (setup->spare_fd == -1)
		setup->spare_fd = fcntl(setup->lock_fd, F_DUPFD_CLOEXEC, 3);
}
