/*
 * One log directory.  Appends what is spooled, has it rotated, and pauses when
 * something fails: the pause is a deadline for the loop, nothing here waits.
 * What the spool holds stays there until it is written, and no more is
 * accepted meanwhile; so nothing is lost and nothing comes twice.
 */
#include "multilog/logdir.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>

#define TRIM_AT_ONCE 500  /* files, between two looks for a signal */
#define SPARE	     4096 /* for the rest of a line when TERM comes */

static tain const usual_pause = {.sec = {1}};
static tain const pause_leaving = {.nano = 100000000};

static void
let_go(struct logdir *d)
{
	struct rotation *r = &d->rotation;

	current_close(&r->current);
	if (d->lock_fd != -1)
		fd_close(d->lock_fd);
	if (r->dir != -1)
		fd_close(r->dir);
	r->dir = d->lock_fd = -1;
}

static int
find_place(struct logdir *d)
{
	struct rotation *r = &d->rotation;
	struct stat st;
	int above;
	bool made;

	if (r->dir != -1 && fstat(r->dir, &st) == 0 && st.st_nlink > 0)
		return 0;
	let_go(d);
	made = mkdir(r->path, 0700) == 0;
	if (!made && errno != EEXIST)
		return rotation_fail(r, "create directory", NULL);
	r->dir = open(r->path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	if (r->dir == -1)
		return rotation_fail(r, "open directory", NULL);
	d->lock_fd = openat(r->dir, "lock",
	    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
	    0600);
	/* flock(2), as daemontools: two multilogs exclude each other, and so
	   do two mentions of one directory in a script. */
	if (d->lock_fd == -1 || flock(d->lock_fd, LOCK_EX | LOCK_NB) == -1) {
		rotation_fail(r, "lock directory", NULL);
		let_go(d);
		return -1;
	}
	r->settled = r->learned = false;
	r->dirty = !made;
	/* What is in a new directory is lost with its name.  Not everybody may
	   open the one above. */
	above = made ? openat(r->dir, "..", O_RDONLY | O_CLOEXEC) : -1;
	if (above != -1) {
		fsync(above);
		fd_close(above);
	}
	return 0;
}

int
logdir_open(
    struct logdir *d, char const *path, struct script_limits const *limits)
{
	*d = (struct logdir){.lock_fd = -1, .due = TAIN_INFINITE};
	rotation_init(&d->rotation, path, limits);
	return find_place(d) == -1 ? message_die(&d->rotation.trouble) : 0;
}

static bool
is_open(struct logdir const *d)
{
	return d->rotation.current.fd != -1 && !d->rotation.current.sealed;
}

/* When a file is too old that began at that second of the time of day. */
static void
set_due(struct logdir *d, uint64_t began)
{
	uint64_t now = stamp_now().sec.x;
	uint64_t age = began < now ? now - began : 0;
	tain left = {.sec = {d->rotation.limits.age_s}};

	left.sec.x -= age < left.sec.x ? age : left.sec.x;
	if (!d->rotation.limits.age_s || !tain_add_g(&d->due, &left))
		d->due = tain_infinite;
}

int
logdir_recover(struct logdir *d)
{
	uint64_t began;
	struct stat st;

	if (rotation_settle(&d->rotation) == -1 ||
	    rotation_make_state(&d->rotation) == -1)
		return message_die(&d->rotation.trouble);
	d->rotation.started = true;
	/* A file that is not new began when its predecessor was finished, or,
	   if it had none, when the directory was made. */
	began = d->rotation.newest.sec.x;
	if (fstat(d->lock_fd, &st) == 0 &&
	    STAMP_EPOCH + (uint64_t)st.st_mtime > began)
		began = STAMP_EPOCH + (uint64_t)st.st_mtime;
	if (d->rotation.current.size)
		set_due(d, began);
	return 0;
}

static bool
takes_lines(struct logdir const *d)
{
	struct current const *c = &d->rotation.current;

	if (d->rotation.dir == -1 || !d->rotation.settled || !is_open(d) ||
	    c->size >= c->limit)
		return false;
	/* A file that is full goes on while it must wait, if that does not cut
	   a line. */
	return !current_is_full(c) ||
	       (d->rotation.waits && d->spool.left <= c->limit - c->size);
}

/* 1: there is more to do, 0: there is not, -1. */
static int
go_on(struct logdir *d)
{
	struct rotation *r = &d->rotation;
	struct current *c = &r->current;
	bool full, fresh, gap;

	for (;;) {
		full = is_open(d) && !r->waits && current_is_full(c);
		if (d->asked && !d->spool.left) {
			d->asked = false;
			full = full || c->size;
		}
		if (full && r->started) {
			r->wanted = true;
			r->settled = false;
		}
		if (!r->settled) {
			if (find_place(d) == -1 || rotation_settle(r) == -1)
				return -1;
			continue;
		}
		if (!d->spool.left || !takes_lines(d))
			return 0;
		fresh = !c->size;
		gap = c->gap;
		if (current_append(c, &d->spool, r->waits) == -1)
			return rotation_fail(r, "write to", "current");
		if (fresh && c->size)
			set_due(d, stamp_now().sec.x);
		if (c->gone || c->gap != gap)
			r->settled = false;
		if (!d->spool.left)
			d->told = (struct message_trouble){0};
		/* Signals have their turn after each file. */
		if (!r->waits && current_is_full(c))
			return 1;
	}
}

static void
pause_a_while(struct logdir *d)
{
	message_once(&d->told, &d->rotation.trouble);
	tain_add_g(&d->retry, d->leaving ? &pause_leaving : &usual_pause);
}

bool
logdir_advance(struct logdir *d)
{
	struct rotation *r = &d->rotation;
	int more;

	if (tain_future(&d->retry))
		return false;
	if (r->processor == ROTATE_PROCESSOR_RESTING &&
	    !tain_future(&r->rested)) {
		r->processor = ROTATE_PROCESSOR_IDLE;
		r->settled = false;
	}
	if (!tain_future(&d->due)) {
		d->due = tain_infinite;
		d->asked = true;
	}
	more = go_on(d);
	if (more == -1)
		pause_a_while(d);
	else if (r->trim && !d->leaving && rotation_trim(r, TRIM_AT_ONCE) == -1)
		message_once(&r->told, &r->trouble);
	return more == 1 || (r->trim && !d->leaving && more != -1);
}

bool
logdir_ready(struct logdir const *d)
{
	return d->spool.left == 0 && takes_lines(d);
}

size_t
logdir_room(struct logdir *d, size_t least, size_t want)
{
	struct current *c = &d->rotation.current;
	size_t spare = d->leaving ? 0 : SPARE;
	size_t room;

	if (tain_future(&d->retry))
		return 0;
	/* What does not fit into a file that cannot be rotated yet stays in
	   the pipe: here it would be lost if we were killed. */
	if (d->rotation.waits && want > c->limit - c->size)
		want = (size_t)(c->limit - c->size);
	if (want < least)
		return 0;
	room = current_room(c, want + spare);
	if (room >= least + spare)
		return room - spare;
	rotation_fail(&d->rotation, "write to", "current");
	pause_a_while(d);
	return 0;
}

void
logdir_deadline(struct logdir const *d, tain *deadline)
{
	bool paused = tain_future(&d->retry);
	tain const *next = paused ? &d->retry : &d->due;

	if (tain_less(next, deadline))
		*deadline = *next;
	if (!paused && d->rotation.processor == ROTATE_PROCESSOR_RESTING &&
	    tain_less(&d->rotation.rested, deadline))
		*deadline = d->rotation.rested;
}

void
logdir_overfill(struct logdir *d)
{
	d->rotation.limits.size = d->rotation.current.limit = INT64_MAX;
	d->rotation.wanted = d->asked = false;
	d->due = tain_infinite;
}

void
logdir_leave(struct logdir *d)
{
	d->retry = tain_zero;
	d->leaving = true;
	if (d->rotation.waits)
		logdir_overfill(d);
}

bool
logdir_busy(struct logdir const *d)
{
	return d->spool.left ||
	       d->rotation.processor == ROTATE_PROCESSOR_RUNNING ||
	       d->rotation.processor == ROTATE_PROCESSOR_DONE;
}

int
logdir_close(struct logdir *d)
{
	struct current *c = &d->rotation.current;
	size_t lost = d->spool.left;

	/* All that the processor consists of. */
	if (d->rotation.pid)
		kill(-d->rotation.pid, SIGTERM);
	if (lost) {
		message_fatal(0, "unable to write to ", d->rotation.path,
		    "/current: lines are lost");
		c->gap = true;
	}
	if (is_open(d) && current_seal(c) == -1)
		rotation_fail(&d->rotation, "write to disk", "current");
	else if (!d->rotation.dirty || d->rotation.dir == -1 ||
		 rotation_sync(&d->rotation) == 0)
		return lost ? -1 : 0;
	return message_die(&d->rotation.trouble);
}
