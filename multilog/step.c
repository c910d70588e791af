/*
 * Carries out one step of a rotation or a recovery.  Every change of names is
 * one rename or unlink; what a name or an x bit promises is on disk before the
 * name or the bit is.
 */
#include "multilog/step.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <skalibs/djbunix.h>

#include "multilog/clock.h"
#include "multilog/processor.h"
#include "multilog/reserve.h"

#define MODE_OPEN  0644
#define MODE_CLEAN 0744

static int
base(struct logdir const *d)
{
	return dirfd(d->list);
}

/* rename(2) that replaces nothing. */
static int
rename_new(int dir, char const *from, char const *to)
{
	struct stat st;

#ifdef SYS_renameat2
	if (syscall(SYS_renameat2, dir, from, dir, to, 1U) == 0)
		return 0;
	/* Old kernels and careful containers do not know it. */
	if (errno != EINVAL && errno != ENOSYS && errno != EPERM)
		return -1;
#endif
	/* Nobody else makes such names: we hold the lock. */
	if (fstatat(dir, to, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return errno == ENOENT ? renameat(dir, from, dir, to) : -1;
}

/* Gives a file its final name: later than all others, whatever the clock. */
static int
finish(struct logdir *d, char const *from, char code)
{
	char name[STAMP_LABEL + 3] = "";
	struct stamp label = clock_now();

	if (stamp_compare(&label, &d->newest) <= 0)
		label = stamp_after(d->newest);
	stamp_label(name, &label);
	name[STAMP_LABEL] = '.';
	name[STAMP_LABEL + 1] = code;
	if (rename_new(base(d), from, name) == -1) {
		if (errno == EEXIST)
			d->newest = label;
		return logdir_fail(d, "rename", from);
	}
	d->newest = label;
	d->trim = true;
	d->dirty = true;
	return 0;
}

int
step_sync_names(struct logdir *d)
{
	/* Some filesystems cannot sync a directory; there is no other way. */
	if (fsync(base(d)) == -1 && errno != EINVAL && errno != ENOTSUP)
		return logdir_fail(d, "write to disk", "");
	d->dirty = false;
	return 0;
}

static int
unlink_piece(struct logdir *d, char const *name)
{
	if (unlinkat(base(d), name, 0) == -1 && errno != ENOENT)
		return logdir_fail(d, "remove", name);
	d->dirty = true;
	return 0;
}

static int
use_current(struct logdir *d, int flags)
{
	d->fd = openat(base(d), "current",
	    O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | flags, MODE_OPEN);
	if (d->fd == -1)
		return logdir_fail(d, "append to", "current");
	d->facts.current = ROTATE_CURRENT_OPEN;
	d->facts.wanted = false;
	d->full = false;
	return 0;
}

static int
create_current(struct logdir *d)
{
	if (use_current(d, O_CREAT | O_EXCL) == -1)
		return -1;
	d->size = d->begun = d->sure = 0;
	d->marked = true;
	d->dirty = true;
	/* The name must be on disk before anything is written under it; and
	   with it all the names that came before. */
	return step_sync_names(d);
}

static int
open_current(struct logdir *d)
{
	bool clean = d->facts.current == ROTATE_CURRENT_CLEAN;
	bool wanted = d->facts.wanted;

	if (use_current(d, 0) == -1)
		return -1;
	d->facts.wanted = wanted;
	d->marked = !clean;
	d->begun = d->size;
	/* A crash may have left something reserved. */
	d->sure = UINT64_MAX;
	reserve_release(d);
	return 0;
}

static int
sync_current(struct logdir *d)
{
	reserve_release(d);
	/* First the bytes, then the bit that says they are there. */
	if (fsync(d->fd) == -1)
		return logdir_fail(d, "write to disk", "current");
	if (fchmod(d->fd, MODE_CLEAN) == -1)
		return logdir_fail(d, "set mode of", "current");
	fd_close(d->fd);
	d->fd = -1;
	d->facts.current = ROTATE_CURRENT_CLEAN;
	return 0;
}

static int
move_current(struct logdir *d)
{
	if (rename_new(base(d), "current", "previous") == -1)
		return logdir_fail(d, "rename", "current");
	d->facts.current = ROTATE_CURRENT_ABSENT;
	d->facts.previous = ROTATE_PIECE_COMPLETE;
	return 0;
}

/* Gives back what a crash has left reserved. */
static void
release_current(struct logdir *d)
{
	d->fd = openat(base(d), "current", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (d->fd == -1)
		return;
	d->sure = UINT64_MAX;
	reserve_release(d);
	fd_close(d->fd);
	d->fd = -1;
}

static int
name_current(struct logdir *d, char code)
{
	if (code == 'u')
		release_current(d);
	if (finish(d, "current", code) == -1)
		return -1;
	d->facts.current = ROTATE_CURRENT_ABSENT;
	return 0;
}

static int
name_previous(struct logdir *d, char code)
{
	if (finish(d, "previous", code) == -1)
		return -1;
	d->facts.previous = ROTATE_PIECE_ABSENT;
	return 0;
}

static int
name_processed(struct logdir *d)
{
	if (finish(d, "processed", 's') == -1)
		return -1;
	d->facts.processed = ROTATE_PIECE_ABSENT;
	return step_sync_names(d);
}

static int
remove_previous(struct logdir *d)
{
	/* What replaces it must have its name on disk before it goes. */
	if (step_sync_names(d) == -1 || unlink_piece(d, "previous") == -1)
		return -1;
	d->facts.previous = ROTATE_PIECE_ABSENT;
	return 0;
}

static int
remove_processed(struct logdir *d)
{
	if (unlink_piece(d, "processed") == -1)
		return -1;
	d->facts.processed = ROTATE_PIECE_ABSENT;
	return 0;
}

static int
remove_newstate(struct logdir *d)
{
	if (unlink_piece(d, "newstate") == -1)
		return -1;
	d->facts.newstate = false;
	return 0;
}

static int
keep_newstate(struct logdir *d)
{
	if (renameat(base(d), "newstate", base(d), "state") == -1)
		return logdir_fail(d, "rename", "newstate");
	d->facts.newstate = false;
	return 0;
}

static int
open_piece(struct logdir *d, char const *name, int flags)
{
	int fd =
	    openat(base(d), name, flags | O_NONBLOCK | O_CLOEXEC, MODE_OPEN);

	return fd == -1 ? logdir_fail(d, "open", name) : fd;
}

static int
open_pieces(struct logdir *d, struct processor_files *f)
{
	f->previous = open_piece(d, "previous", O_RDONLY);
	if (f->previous == -1)
		return -1;
	f->state = open_piece(d, "state", O_RDONLY | O_CREAT);
	if (f->state == -1)
		return -1;
	f->processed = open_piece(d, "processed", O_WRONLY | O_CREAT | O_EXCL);
	if (f->processed == -1)
		return -1;
	f->newstate = open_piece(d, "newstate", O_WRONLY | O_CREAT | O_EXCL);
	return f->newstate == -1 ? -1 : 0;
}

static void
close_piece(int *fd)
{
	if (*fd != -1)
		fd_close(*fd);
	*fd = -1;
}

static int
start_processor(struct logdir *d)
{
	struct processor_files f = {-1, -1, -1, -1};
	pid_t pid = -1;

	if (open_pieces(d, &f) == 0) {
		pid = processor_start(d->limits.processor, base(d), &f);
		if (pid == -1)
			logdir_fail(d, "fork for processor in", NULL);
	}
	close_piece(&f.previous);
	close_piece(&f.state);
	if (pid == -1) {
		close_piece(&f.processed);
		close_piece(&f.newstate);
		return -1;
	}
	d->pid = pid;
	d->processed_fd = f.processed;
	d->newstate_fd = f.newstate;
	d->facts.processed = ROTATE_PIECE_PART;
	d->facts.newstate = true;
	d->facts.processor = ROTATE_PROCESSOR_RUNNING;
	return 0;
}

static int
sync_processed(struct logdir *d)
{
	/* The bit is the decision: from here on previous is done with. */
	if (fsync(d->newstate_fd) == -1)
		return logdir_fail(d, "write to disk", "newstate");
	if (fsync(d->processed_fd) == -1)
		return logdir_fail(d, "write to disk", "processed");
	if (fchmod(d->processed_fd, MODE_CLEAN) == -1)
		return logdir_fail(d, "set mode of", "processed");
	close_piece(&d->newstate_fd);
	close_piece(&d->processed_fd);
	d->facts.processed = ROTATE_PIECE_COMPLETE;
	d->facts.processor = ROTATE_PROCESSOR_IDLE;
	return 0;
}

int
step_perform(struct logdir *d, enum rotate_step step)
{
	switch (step) {
	case ROTATE_REST:
		return 0;
	case ROTATE_CREATE_CURRENT:
		return create_current(d);
	case ROTATE_OPEN_CURRENT:
		return open_current(d);
	case ROTATE_SYNC_CURRENT:
		return sync_current(d);
	case ROTATE_REMOVE_CURRENT:
		if (unlink_piece(d, "current") == -1)
			return -1;
		d->facts.current = ROTATE_CURRENT_ABSENT;
		return 0;
	case ROTATE_MOVE_CURRENT:
		return move_current(d);
	case ROTATE_NAME_CURRENT_S:
		return name_current(d, 's');
	case ROTATE_NAME_CURRENT_U:
		return name_current(d, 'u');
	case ROTATE_NAME_PREVIOUS_S:
		return name_previous(d, 's');
	case ROTATE_NAME_PREVIOUS_U:
		return name_previous(d, 'u');
	case ROTATE_NAME_PROCESSED:
		return name_processed(d);
	case ROTATE_REMOVE_PREVIOUS:
		return remove_previous(d);
	case ROTATE_REMOVE_PROCESSED:
		return remove_processed(d);
	case ROTATE_REMOVE_NEWSTATE:
		return remove_newstate(d);
	case ROTATE_KEEP_NEWSTATE:
		return keep_newstate(d);
	case ROTATE_START_PROCESSOR:
		return start_processor(d);
	case ROTATE_SYNC_PROCESSED:
		return sync_processed(d);
	}
	return 0;
}

int64_t
step_cut_line(struct logdir *d)
{
	static char buf[65536];
	off_t from = d->size > sizeof buf ? (off_t)(d->size - sizeof buf) : 0;
	off_t size = (off_t)d->size;
	int fd = openat(dirfd(d->list), "current", O_RDONLY | O_CLOEXEC);
	ssize_t r = fd == -1 ? -1 : pread(fd, buf, sizeof buf, from);
	char *newline = r > 0 ? memrchr(buf, '\n', (size_t)r) : NULL;

	if (fd != -1)
		fd_close(fd);
	if (newline)
		from += newline - buf + 1;
	if (r == -1 || (!newline && from) || from >= size ||
	    ftruncate(d->fd, from) == -1)
		return 0;
	return size - from;
}
