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
#include "supervise/message.h"

/* supervise/ may belong to another user: no link in it is followed. */
#define NO_WAIT	    (O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)
#define SERVICE_MAX (2 * NAME_MAX) /* a service, or its logger */

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

/*
 * Make what the link supervise in a service directory leads to.  Not inlined:
 * most supervises need no stack for the path.
 */
static __attribute__((noinline)) int
make_target(char const *link, char const *service)
{
	char path[PATH_MAX];
	size_t at = strlen(service) + 1;
	ssize_t n;

	message_join(path, sizeof path, service, "/");
	n = readlink(link, path + at, sizeof path - at - 1);
	/* EINVAL: another supervise has just made the directory. */
	if (n == -1)
		return errno == EINVAL ? 0 : -1;
	path[at + (size_t)n] = 0;
	return make_path(path[at] == '/' ? path + at : path);
}

int
setup_directory(char const *service)
{
	char path[SERVICE_MAX + sizeof "/" SUPERVISE_DIR];
	struct stat st;

	if (strlen(service) > SERVICE_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	message_join(path, sizeof path, service, "/" SUPERVISE_DIR);
	if (stat(path, &st) == 0) {
		errno = ENOTDIR;
		return S_ISDIR(st.st_mode) ? 0 : -1;
	}
	if (errno != ENOENT)
		return -1;
	if (mkdir(path, 0755) == 0)
		return 0;
	return errno == EEXIST ? make_target(path, service) : -1;
}

/* Made if it is missing.  0; -1 errno, EINVAL: what is there is not a FIFO. */
static int
make_fifo(char const *name, unsigned int mode)
{
	struct stat st;

	if (mkfifo(name, mode) == 0)
		return 0;
	if (errno != EEXIST || lstat(name, &st) == -1)
		return -1;
	errno = EINVAL;
	return S_ISFIFO(st.st_mode) ? 0 : -1;
}

int
setup_failed(struct setup *setup, char const *verb, char const *object)
{
	setup->failed = verb;
	setup->object = object;
	return -1;
}

/*
 * If our output, which is the service's, is the pipe to its logger, hold a
 * reader of it until we exit: SIGPIPE must not kill the service when svscan and
 * the logger have died.
 */
static void
hold_pipe(void)
{
	int fd = open2("log/" CONTROL_LOGPIPE, O_RDONLY | NO_WAIT);
	struct stat pipe, output;

	if (fd != -1 &&
	    (fstat(fd, &pipe) == -1 || fstat(1, &output) == -1 ||
		!S_ISFIFO(pipe.st_mode) || pipe.st_dev != output.st_dev ||
		pipe.st_ino != output.st_ino))
		fd_close(fd);
}

int
setup_open(struct setup *setup)
{
	struct stat st;

	setup->mask = umask(0);
	setup->ok_fd = setup->spare_fd = -1;
	setup->down_file = stat("down", &st) == 0;
	if (!setup->down_file && errno != ENOENT)
		return setup_failed(setup, "stat", "down");
	if (setup_directory(".") == -1)
		return setup_failed(setup, "create", SUPERVISE_DIR);
	setup->lock_fd = open3(SETUP_LOCK, O_WRONLY | O_CREAT | NO_WAIT, 0600);
	if (setup->lock_fd == -1 ||
	    flock(setup->lock_fd, LOCK_EX | LOCK_NB) == -1)
		return setup_failed(setup, "acquire", SETUP_LOCK);
	/* For writing as well, or it would see an end of file. */
	if (make_fifo(CONTROL_FIFO, 0600) == -1 ||
	    (setup->control_fd = open2(CONTROL_FIFO, O_RDWR | NO_WAIT)) == -1)
		return setup_failed(setup, "read", CONTROL_FIFO);
	if (make_fifo(CONTROL_OK, 0622) == -1)
		return setup_failed(setup, "read", CONTROL_OK);
	setup_regain(setup);
	hold_pipe();
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
