/*
 * The action =: one line in a file of 1001 bytes.  A reader sees the old line
 * or the new one: the file is replaced by rename.  Where that is not possible
 * (not a regular file, or a directory we may not write) it is written in place.
 */
#include "multilog/statusfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>

#include "multilog/say.h"

#define PAUSE_S 1

int
statusfile_open(struct statusfile *f, char const *path, char const *temporary)
{
	int fd = open(
	    path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600);

	*f = (struct statusfile){.path = path, .temporary = temporary};
	if (fd == -1)
		return -1;
	fd_close(fd);
	return 0;
}

void
statusfile_set(struct statusfile *f, char const *line, size_t len)
{
	if (len > STATUSFILE_LEN - 1)
		len = STATUSFILE_LEN - 1;
	memcpy(f->line, line, len);
	memset(f->line + len, '\n', STATUSFILE_LEN - len);
	f->pending = true;
}

static int
put(int fd, struct statusfile const *f)
{
	ssize_t r = write(fd, f->line, STATUSFILE_LEN);

	if (r >= 0 && r < STATUSFILE_LEN)
		errno = ENOSPC;
	return r == STATUSFILE_LEN ? 0 : -1;
}

static int
replace(struct statusfile const *f, struct stat const *old)
{
	int fd;
	int r;

	unlink(f->temporary); /* a crash may have left it */
	fd = open(f->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return -1;
	r = put(fd, f);
	/* Who could read the old one can read the new one. */
	if (r == 0 && (old->st_uid != geteuid() || old->st_gid != getegid()))
		r = fchown(fd, old->st_uid, old->st_gid);
	if (r == 0)
		r = fchmod(fd, old->st_mode & 07777);
	fd_close(fd);
	if (r == 0)
		r = rename(f->temporary, f->path);
	if (r == -1) {
		int error = errno;

		unlink(f->temporary);
		errno = error;
	}
	return r;
}

static int
overwrite(struct statusfile const *f, bool regular)
{
	int fd =
	    open(f->path, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600);
	int r;

	if (fd == -1)
		return -1;
	r = put(fd, f);
	if (r == 0 && regular)
		r = ftruncate(fd, STATUSFILE_LEN);
	fd_close(fd);
	return r;
}

static int
update(struct statusfile const *f)
{
	struct stat st;

	if (lstat(f->path, &st) == -1)
		return errno == ENOENT ? overwrite(f, true) : -1;
	if (!S_ISREG(st.st_mode))
		return overwrite(f, S_ISLNK(st.st_mode) &&
					stat(f->path, &st) == 0 &&
					S_ISREG(st.st_mode));
	if (replace(f, &st) == 0)
		return 0;
	if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
		return -1;
	return overwrite(f, true);
}

void
statusfile_advance(struct statusfile *f)
{
	if (!f->pending || (f->told && tain_future(&f->retry)))
		return;
	if (update(f) == 0) {
		f->pending = f->told = false;
		return;
	}
	if (!f->told)
		say_warning(errno, "unable to write ", f->path, ", pausing");
	f->told = true;
	tain_addsec_g(&f->retry, PAUSE_S);
}
