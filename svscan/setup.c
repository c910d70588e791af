/*
 * Nothing here can fail in a way that should keep services from running, but a
 * descriptor 0, 1 or 2 that cannot be opened: a pipe of ours would get its
 * number, and messages would go into somebody's log.
 */
#include "svscan/setup.h"

#include <fcntl.h>
#include <unistd.h>

#include <skalibs/direntry.h>
#include <skalibs/djbunix.h>
#include <skalibs/types.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

/* A container need not have a /dev: a directory opened for reading can be had
 * anywhere, and is as good as a closed descriptor to who reads or writes. */
static int
open_standard(int fd)
{
	if (fcntl(fd, F_GETFD) != -1)
		return 0;
	if (open("/dev/null", O_RDWR) == fd)
		return 0;
	return open("/", O_RDONLY | O_DIRECTORY) == fd ? 0 : -1;
}

int
setup_descriptors(void)
{
	DIR *dir;
	direntry *d;
	unsigned int fd;

	for (int i = 0; i < 3; i++)
		if (open_standard(i) == -1)
			return -1;
	dir = opendir("/dev/fd");
	if (!dir) {
		for (fd = 3; fd < 1024; fd++)
			coe((int)fd);
		return 0;
	}
	while ((d = readdir(dir)))
		if (uint0_scan(d->d_name, &fd) && fd > 2)
			coe((int)fd);
	dir_close(dir);
	return 0;
}

void
setup_limit(struct rlimit *inherited)
{
	struct rlimit most;

	if (getrlimit(RLIMIT_NOFILE, inherited) == -1)
		return;
	most = *inherited;
	most.rlim_cur = most.rlim_max;
	setrlimit(RLIMIT_NOFILE, &most);
}

void
setup_subreaper(void)
{
#ifdef PR_SET_CHILD_SUBREAPER
	if (getpid() != 1)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
#endif
}
