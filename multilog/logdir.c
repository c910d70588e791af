/*
 * One log directory.  Appends what is spooled, rotates, and pauses when
 * something fails: the pause is a deadline for the loop, nothing here waits.
 * What the spool holds stays there until it is written, and no more is
 * accepted meanwhile; so nothing is lost and nothing comes twice.
 */
#include "multilog/logdir.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>

#include "multilog/clock.h"
#include "multilog/look.h"
#include "multilog/oldfiles.h"
#include "multilog/place.h"
#include "multilog/reserve.h"
#include "multilog/say.h"
#include "multilog/step.h"

#define PAUSE_S		  1
#define PROCESSOR_PAUSE_S 5
#define BEGIN_EVERY	  1048576

int
logdir_fail(struct logdir *d, char const *verb, char const *name)
{
	d->trouble = (struct logdir_trouble){verb, name, errno};
	return -1;
}

void
logdir_complain(struct logdir const *d, bool fatal)
{
	struct logdir_trouble const *t = &d->trouble;
	bool file = t->name && *t->name;

	if (fatal)
		say_fatal(t->error, "unable to ", t->verb, " ", d->path,
		    file ? "/" : "", file ? t->name : "");
	else
		say_warning(t->error, "unable to ", t->verb, " ", d->path,
		    file ? "/" : "", file ? t->name : "", ", pausing");
}

int
logdir_open(
    struct logdir *d, char const *path, struct script_limits const *limits)
{
	*d = (struct logdir){
	    .path = path,
	    .limits = *limits,
	    .fd = -1,
	    .lock_fd = -1,
	    .processed_fd = -1,
	    .newstate_fd = -1,
	    .due = TAIN_INFINITE,
	    .trim = true, /* a crash may have come just before */
	    .facts.processor = limits->processor ? ROTATE_PROCESSOR_IDLE
						 : ROTATE_PROCESSOR_NONE,
	};
	return place_open(d);
}

static void
trim(struct logdir *d)
{
	char stuck[256];

	d->trim = false;
	if (oldfiles_trim(
		d->list, d->limits.number - 1, d->limits.total, stuck) == 0)
		return;
	/* Too many old files are no reason not to log. */
	if (!d->stuck)
		say_warning(errno, "unable to remove ", d->path, "/", stuck);
	d->stuck = true;
}

static void
rest(struct logdir *d)
{
	d->facts.processor = ROTATE_PROCESSOR_RESTING;
	tain_addsec_g(&d->rested, PROCESSOR_PAUSE_S);
}

static void
complain_once(struct logdir *d)
{
	if (d->trouble.verb == d->told.verb &&
	    d->trouble.error == d->told.error)
		return;
	logdir_complain(d, false);
	d->told = d->trouble;
}

/* Does a step.  0, or -1 if there is no going on without it. */
static int
take_step(struct logdir *d, enum rotate_step step)
{
	if (step_perform(d, step) == 0)
		return 0;
	/* Somebody else has been here. */
	if (d->trouble.error == ENOENT || d->trouble.error == EEXIST)
		d->known = false;
	if (step != ROTATE_START_PROCESSOR)
		return -1;
	/* Lines can be appended without it. */
	complain_once(d);
	rest(d);
	d->known = false; /* some of its files may have been made */
	return 0;
}

/* Steps until there is none that can be done now.  0, or -1. */
static int
settle(struct logdir *d)
{
	enum rotate_step step;

	do {
		if (!d->known && (place_find(d) == -1 || look_around(d) == -1))
			return -1;
		step = rotate_next(&d->facts);
		if (take_step(d, step) == -1)
			return -1;
	} while (step != ROTATE_REST);
	if (d->dirty && step_sync_names(d) == -1)
		return -1;
	if (d->trim)
		trim(d);
	return 0;
}

/* A file that is not new began when its predecessor was finished, or, if it
   had none, when the directory was made. */
static void
set_due(struct logdir *d, bool fresh)
{
	struct stamp now = clock_now();
	struct stat st;
	uint64_t began = now.sec;
	tain age = {.sec = {d->limits.age_s}};

	d->due = tain_infinite;
	if (!d->limits.age_s)
		return;
	if (!fresh && fstat(d->lock_fd, &st) == 0)
		began = STAMP_EPOCH + (uint64_t)st.st_mtime;
	if (!fresh && d->newest.sec > began)
		began = d->newest.sec;
	if (began < now.sec)
		age.sec.x -=
		    now.sec - began < age.sec.x ? now.sec - began : age.sec.x;
	if (!tain_add_g(&d->due, &age))
		d->due = tain_infinite;
}

int
logdir_recover(struct logdir *d)
{
	int fd;

	if (settle(d) == -1)
		return -1;
	fd = openat(dirfd(d->list), "state",
	    O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0644);
	if (fd == -1)
		return logdir_fail(d, "write to", "state");
	fd_close(fd);
	if (d->size)
		set_due(d, false);
	return 0;
}

int
logdir_mark(struct logdir *d)
{
	d->started = true;
	if (d->marked || d->facts.current != ROTATE_CURRENT_OPEN)
		return 0;
	if (fchmod(d->fd, 0644) == -1)
		return logdir_fail(d, "set mode of", "current");
	/* After a power cut it must not look as if the bit were still true. */
	if (d->size && fsync(d->fd) == -1)
		return logdir_fail(d, "write to disk", "current");
	d->marked = true;
	return 0;
}

/* Has the kernel begin to write, and does not wait for it: so there is less to
   wait for when the file must be on disk. */
static void
begin_to_write(struct logdir *d)
{
#ifdef SYNC_FILE_RANGE_WRITE
	if (d->size < d->begun + BEGIN_EVERY)
		return;
	/* If it fails, the kernel writes when it likes, as always. */
	sync_file_range(d->fd, (off_t)d->begun, (off_t)(d->size - d->begun),
	    SYNC_FILE_RANGE_WRITE);
	d->begun = d->size;
#else
	(void)d;
#endif
}

/* Writes as much as may go into current at once.  0, or -1. */
static int
append_some(struct logdir *d)
{
	struct rotate_window w;
	struct iovec iov[2];
	struct stat st;
	bool full;
	size_t n, left = spool_left(&d->spool);
	ssize_t r;

	if (fstat(d->fd, &st) == -1)
		return logdir_fail(d, "stat", "current");
	if (st.st_nlink == 0) {
		d->known = false;
		return 0;
	}
	/* Somebody has cut it: what was reserved went with it. */
	if ((uint64_t)st.st_size < d->size)
		d->sure = 0;
	d->size = (uint64_t)st.st_size;
	w = rotate_window(d->size, d->limits.size, left);
	n = w.from < w.to ? spool_last_line(&d->spool, w.from, w.to) : 0;
	n = rotate_amount(d->size, d->limits.size, left, n, &full);
	r = n ? writev(d->fd, iov, spool_next(&d->spool, n, iov)) : 0;
	if (r == 0 && n)
		errno = ENOSPC;
	if ((r == -1 && errno != EINTR) || (r == 0 && n)) {
		d->tight = true;
		return logdir_fail(d, "write to", "current");
	}
	if (r > 0) {
		if (!d->size)
			set_due(d, true);
		d->size += (uint64_t)r;
		spool_wrote(&d->spool, (size_t)r);
		begin_to_write(d);
		if (!spool_left(&d->spool))
			d->told = (struct logdir_trouble){0};
	}
	if (full && r == (ssize_t)n)
		d->full = d->facts.wanted = true;
	return 0;
}

static bool
takes_lines(struct logdir const *d)
{
	return d->known && d->facts.current == ROTATE_CURRENT_OPEN && !d->full;
}

static int
go_on(struct logdir *d)
{
	for (;;) {
		bool empty = spool_left(&d->spool) == 0;

		if (d->asked && empty) {
			d->asked = false;
			d->facts.wanted = d->facts.wanted || d->size > 0;
		}
		if (settle(d) == -1)
			return -1;
		if (empty || !takes_lines(d))
			return 0;
		if (logdir_mark(d) == -1 || append_some(d) == -1)
			return -1;
	}
}

static void
pause_a_while(struct logdir *d)
{
	complain_once(d);
	d->paused = true;
	tain_addsec_g(&d->retry, PAUSE_S);
}

void
logdir_advance(struct logdir *d)
{
	if (d->paused && tain_future(&d->retry))
		return;
	d->paused = false;
	if (d->facts.processor == ROTATE_PROCESSOR_RESTING &&
	    !tain_future(&d->rested))
		d->facts.processor = ROTATE_PROCESSOR_IDLE;
	if (!tain_future(&d->due)) {
		d->due = tain_infinite;
		d->asked = true;
	}
	if (go_on(d) == -1)
		pause_a_while(d);
}

bool
logdir_ready(struct logdir const *d)
{
	return spool_left(&d->spool) == 0 && takes_lines(d);
}

size_t
logdir_room(struct logdir *d, size_t least, size_t want)
{
	size_t room;

	if (d->paused)
		return 0;
	room = reserve_room(d, want);
	if (room < least)
		pause_a_while(d);
	return room < least ? 0 : room;
}

void
logdir_deadline(struct logdir const *d, tain *deadline)
{
	tain const *next = d->paused ? &d->retry : &d->due;

	if (tain_less(next, deadline))
		*deadline = *next;
	if (d->facts.processor == ROTATE_PROCESSOR_RESTING &&
	    tain_less(&d->rested, deadline))
		*deadline = d->rested;
}

void
logdir_overfill(struct logdir *d)
{
	d->limits.size = INT64_MAX;
	d->full = d->facts.wanted = d->asked = false;
	d->due = tain_infinite;
}

void
logdir_leave(struct logdir *d)
{
	d->paused = false;
	if (d->full)
		logdir_overfill(d);
}

void
logdir_rotate(struct logdir *d)
{
	d->asked = true;
}

bool
logdir_reaped(struct logdir *d, pid_t pid, int status)
{
	if (pid != d->pid)
		return false;
	d->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		d->facts.processor = ROTATE_PROCESSOR_DONE;
		d->failing = false;
		return true;
	}
	if (!d->failing)
		say_warning(0, "processor ",
		    WIFSIGNALED(status) ? "crashed" : "failed", " in ", d->path,
		    ", pausing");
	d->failing = true;
	fd_close(d->processed_fd);
	fd_close(d->newstate_fd);
	d->processed_fd = d->newstate_fd = -1;
	rest(d);
	return true;
}

int64_t
logdir_close(struct logdir *d)
{
	int64_t lost = (int64_t)spool_left(&d->spool);

	if (d->pid)
		kill(d->pid, SIGTERM);
	if (d->facts.current != ROTATE_CURRENT_OPEN)
		return lost;
	if (lost)
		lost += step_cut_line(d);
	reserve_release(d);
	if (fsync(d->fd) == -1)
		return logdir_fail(d, "write to disk", "current");
	if (fchmod(d->fd, 0744) == -1)
		return logdir_fail(d, "set mode of", "current");
	return lost;
}
