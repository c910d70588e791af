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

int
setup_directory(void)
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

int
setup_lock(void)
{
	int fd =
	    open3(LOCK_FILE, O_WRONLY | O_NONBLOCK | O_CREAT | O_CLOEXEC, 0600);

	if (fd == -1)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		fd_close(fd);
		return -1;
	}
	return fd;
}

int
setup_fifo(char const *name, unsigned int mode)
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
