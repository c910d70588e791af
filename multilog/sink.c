/*
 * The receivers that are not logs: the actions e, 1 and =.
 *
 * A stream was given to us by somebody, may be shared, and its reader may have
 * stopped reading; so its flags are left alone, and it is written in pieces
 * that a writable pipe takes whole without blocking.
 *
 * A reader of a file sees the old line or the new one, for the file is
 * replaced by rename.  Where that is not possible (no regular file, no room, a
 * directory that we may not write, somebody else's .new) it is overwritten, as
 * daemontools does, which needs no room.
 */
#include "multilog/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <skalibs/posixplz.h>

#include "multilog/message.h"

#define ALERT_LEN 200
#define PAUSE_S	  1

void
sink_alert(struct sink_stream *o, char const *line, size_t len)
{
	spool_add(&o->spool, line, len > ALERT_LEN ? ALERT_LEN : len);
	if (len > ALERT_LEN)
		spool_add(&o->spool, "...", 3);
	spool_add(&o->spool, "\n", 1);
}

void
sink_write(struct sink_stream *o)
{
	struct pollfd p = {.fd = o->fd, .events = POLLOUT};
	struct spool *s = &o->spool;
	size_t n, most;
	ssize_t r;

	while (s->left) {
		if (poll(&p, 1, 0) != 1)
			return;
		most = s->left < PIPE_BUF ? s->left : PIPE_BUF;
		n = spool_last_line(s, 0, most);
		r = write(o->fd, s->next, n ? n : most);
		if (r > 0) {
			spool_wrote(s, (size_t)r);
			o->told = false;
			continue;
		}
		if (r == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (!o->told)
			message_warning(errno, "unable to write to ", o->name);
		o->told = true;
		/* Where the reader has gone, nobody misses anything. */
		o->lost = o->lost || errno != EPIPE;
		s->left = 0;
	}
}

int
sink_file_open(struct sink_file *f, char const *path)
{
	int fd = open(
	    path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600);

	*f = (struct sink_file){.path = path};
	if (fd == -1)
		return -1;
	fd_close(fd);
	return 0;
}

void
sink_file_set(struct sink_file *f, char const *line, size_t len)
{
	if (len > SINK_FILE_LEN - 1)
		len = SINK_FILE_LEN - 1;
	memcpy(f->line, line, len);
	memset(f->line + len, '\n', SINK_FILE_LEN - len);
	f->pending = true;
}

static int
put(int fd, struct sink_file const *f)
{
	ssize_t r = write(fd, f->line, SINK_FILE_LEN);

	if (r >= 0 && r < SINK_FILE_LEN)
		errno = ENOSPC;
	return r == SINK_FILE_LEN ? 0 : -1;
}

static int
replace(struct sink_file const *f, struct stat const *old)
{
	char temporary[PATH_MAX];
	int fd, r;

	errno = ENAMETOOLONG;
	if (snprintf(temporary, sizeof temporary, "%s.new", f->path) >=
	    PATH_MAX)
		return -1;
	/* If there is such a file, it is not ours. */
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return -1;
	r = put(fd, f);
	/* Who could read the old one can read the new one. */
	if (r == 0 && (old->st_uid != geteuid() || old->st_gid != getegid()))
		r = fchown(fd, old->st_uid, old->st_gid);
	if (r == 0)
		r = fchmod(fd, old->st_mode & 07777);
	fd_close(fd);
	if (r == 0 && rename(temporary, f->path) == 0)
		return 0;
	unlink_void(temporary);
	return -1;
}

static int
overwrite(struct sink_file const *f)
{
	int fd =
	    open(f->path, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600);
	int r;

	if (fd == -1)
		return -1;
	r = put(fd, f);
	/* A pipe has no length. */
	if (r == 0 && ftruncate(fd, SINK_FILE_LEN) == -1 && errno != EINVAL)
		r = -1;
	fd_close(fd);
	return r;
}

static int
update(struct sink_file *f)
{
	struct stat st;

	if (lstat(f->path, &st) == -1)
		return errno == ENOENT ? overwrite(f) : -1;
	if (!S_ISREG(st.st_mode))
		return overwrite(f);
	if (replace(f, &st) == 0)
		return 0;
	if (!f->in_place)
		message_warning(
		    errno, "unable to replace ", f->path, ", overwriting it");
	f->in_place = true;
	return overwrite(f);
}

int
sink_file_write(struct sink_file *f, bool now)
{
	if (!f->pending)
		return 0;
	if (!now && f->told && tain_future(&f->retry))
		return -1;
	if (update(f) == 0) {
		f->pending = f->told = false;
		return 0;
	}
	if (!f->told)
		message_warning(
		    errno, "unable to write ", f->path, ", trying again");
	f->told = true;
	tain_addsec_g(&f->retry, PAUSE_S);
	return -1;
}
