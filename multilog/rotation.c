/*
 * Carries out the steps of a rotation or a recovery, one after the other: it
 * looks at the directory, has rotate_next() decide, does that, and looks again.
 * Nothing is remembered but which files are ours, so whatever somebody else
 * does in between is seen.
 *
 * Inside the directory no link is followed.  Every change of names is one
 * rename or unlink; what a name or an x bit promises is on disk before the
 * name or the bit is.  What a processor has made is kept only if the file that
 * it was given, and those that it has written, still have their names.
 */
#include "multilog/rotation.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h> /* renameat */
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <skalibs/selfpipe.h>
#include <skalibs/sig.h>

#define MODE_PART	  0644
#define MODE_COMPLETE	  0744
#define PROCESSOR_PAUSE_S 5
#define BUSY_PAUSE_S	  1   /* until a processor before ours has ended */
#define TRIM_AT_ONCE	  500 /* files, between two looks for a signal */
#define FD_ABOVE	  10  /* every number that a processor is promised */

static int
fail(struct rotation *r, char const *verb, char const *name)
{
	r->trouble = (struct message_trouble){verb, r->path, name, errno};
	return -1;
}

static void
close_fd(int *fd)
{
	int error = errno;

	if (*fd != -1)
		fd_close(*fd);
	*fd = -1;
	errno = error;
}

void
rotation_init(
    struct rotation *r, char const *path, struct script_limits const *limits)
{
	*r = (struct rotation){
	    .path = path,
	    .dir = -1,
	    .limits = limits,
	    .current.fd = -1,
	    .processor = limits->processor ? ROTATE_PROCESSOR_RESTING
					   : ROTATE_PROCESSOR_NONE,
	    .processed_fd = -1,
	    .newstate_fd = -1,
	};
}

void
rotation_move(struct rotation *r, int dir)
{
	current_close(&r->current);
	r->dir = dir;
	r->settled = r->learned = false;
	r->dirty = true;
}

/* The old files, by name: '@', 24 hexadecimal digits, and a dot with a few
   characters, or nothing.  All else, and every directory, is somebody's. */
struct list {
	char (*name)[32];
	size_t n;
};

static int
add_old(struct list *l, int dir, struct dirent const *d)
{
	char const *rest = d->d_name + STAMP_LABEL;
	struct stamp label;
	struct stat st;

	if (!stamp_scan(d->d_name, &label) || (*rest && *rest != '.') ||
	    strlen(d->d_name) >= sizeof *l->name || d->d_type == DT_DIR)
		return 0;
	if (d->d_type == DT_UNKNOWN &&
	    (fstatat(dir, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
		S_ISDIR(st.st_mode)))
		return 0;
	if ((l->n & (l->n - 1)) == 0) { /* up to the next power of two */
		void *more = realloc(l->name, (l->n + 1) * 2 * sizeof *l->name);

		if (!more)
			return -1;
		l->name = more;
	}
	memcpy(l->name[l->n++], d->d_name, strlen(d->d_name) + 1);
	return 0;
}

static int
by_name(void const *a, void const *b)
{
	return strcmp(a, b);
}

/* 0, or -1 with r->trouble.  The caller frees l->name.  The directory is not
   kept open for reading: its buffer would be kept in each idle multilog. */
static int
make_list(struct rotation *r, struct list *l)
{
	int fd = openat(r->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *d;
	int error = dir ? 0 : errno;

	*l = (struct list){0};
	while (!error) {
		errno = 0;
		d = readdir(dir);
		if (!d || add_old(l, r->dir, d) == -1) {
			error = errno;
			break;
		}
	}
	if (dir)
		closedir(dir);
	else
		close_fd(&fd);
	errno = error;
	if (error) {
		free(l->name);
		return fail(r, "read", NULL);
	}
	if (l->n)
		qsort(l->name, l->n, sizeof *l->name, by_name);
	return 0;
}

/* The greatest label, and whether one more .u would push history out. */
static void
learn(struct rotation *r, struct list const *l)
{
	char const *last = l->n ? l->name[l->n - 1] : "";
	struct stamp label;

	if (stamp_scan(last, &label) && stamp_compare(&label, &r->newest) > 0)
		r->newest = label;
	r->spare = l->n + 1 >= r->limits->number && l->n &&
		   strcmp(last + STAMP_LABEL, ".u") == 0;
}

void
rotation_trim(struct rotation *r)
{
	struct list l;
	struct stat st;
	uint64_t bytes = 0;
	size_t removed = 0;

	r->trim = false;
	if (make_list(r, &l) == -1)
		return;
	for (size_t i = 0; r->limits->total && i < l.n; i++)
		if (fstatat(r->dir, l.name[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
			bytes += (uint64_t)st.st_size;
	/* The newest always stays. */
	for (size_t i = 0; i + 1 < l.n; i++) {
		if (l.n - i < r->limits->number &&
		    (!r->limits->total || bytes <= r->limits->total))
			break;
		if (removed++ == TRIM_AT_ONCE) {
			r->trim = true;
			break;
		}
		if (r->limits->total &&
		    fstatat(r->dir, l.name[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
			bytes -= (uint64_t)st.st_size;
		if (unlinkat(r->dir, l.name[i], 0) == 0 || errno == ENOENT ||
		    r->stuck)
			continue;
		/* One old file too many is no reason not to log. */
		message_warning(
		    errno, "unable to remove ", r->path, "/", l.name[i]);
		r->stuck = true;
	}
	learn(r, &l);
	free(l.name);
}

/* 1: st describes a regular file of ours; 0: there is none of that name; -1.
   Linked if it has the name of an old file as well, as daemontools may leave
   it.  With another name beside it may be somebody else's file. */
static int
find(struct rotation *r, char const *name, struct stat *st, bool *linked)
{
	struct list l;
	struct stat old;

	*linked = false;
	if (fstatat(r->dir, name, st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 0 : fail(r, "stat", name);
	if (S_ISREG(st->st_mode) && st->st_nlink == 1)
		return 1;
	errno = S_ISREG(st->st_mode)   ? EMLINK
		: S_ISDIR(st->st_mode) ? EISDIR
		: S_ISLNK(st->st_mode) ? ELOOP
				       : EINVAL;
	fail(r, "use", name);
	if (!S_ISREG(st->st_mode) || make_list(r, &l) == -1)
		return -1;
	for (size_t i = 0; i < l.n; i++)
		if (fstatat(r->dir, l.name[i], &old, AT_SYMLINK_NOFOLLOW) ==
			0 &&
		    old.st_dev == st->st_dev && old.st_ino == st->st_ino)
			*linked = true;
	free(l.name);
	return *linked ? 1 : -1;
}

static bool
is(struct rotation_id const *id, struct stat const *st)
{
	return id->ino && id->dev == st->st_dev && id->ino == st->st_ino;
}

/* 1 if a file still has its name, 0 if not, or -1. */
static int
still(struct rotation *r, char const *name, struct rotation_id const *id)
{
	struct stat st;
	bool linked;
	int there = find(r, name, &st, &linked);

	return there == 1 ? is(id, &st) : there;
}

static int
look_at_piece(struct rotation *r, char const *name, enum rotate_piece *piece)
{
	struct stat st;
	bool linked;
	int there = find(r, name, &st, &linked);

	*piece = there != 1		? ROTATE_PIECE_ABSENT
		 : linked		? ROTATE_PIECE_LINKED
		 : st.st_mode & S_IXUSR ? ROTATE_PIECE_COMPLETE
					: ROTATE_PIECE_PART;
	return there == -1 ? -1 : 0;
}

static int
look_at_current(struct rotation *r, struct rotate_facts *f, struct stat *st)
{
	bool linked;
	int there = find(r, "current", st, &linked);

	if (there == -1)
		return -1;
	f->gap = r->current.gap;
	if (there && current_is(&r->current, st)) {
		f->current = r->current.sealed ? ROTATE_CURRENT_SEALED
					       : ROTATE_CURRENT_OPEN;
		return 0;
	}
	/* Ours, if it was open, has been removed or replaced. */
	current_close(&r->current);
	f->current = !there		     ? ROTATE_CURRENT_ABSENT
		     : linked		     ? ROTATE_CURRENT_LINKED
		     : st->st_mode & S_IXUSR ? ROTATE_CURRENT_CLEAN
		     : st->st_size	     ? ROTATE_CURRENT_UNCLEAN
					     : ROTATE_CURRENT_EMPTY;
	return 0;
}

/* 0, or -1 with r->trouble.  st is current's. */
static int
look(struct rotation *r, struct rotate_facts *f, struct stat *st)
{
	enum rotate_piece newstate;
	struct list l;
	int ours;

	if (!r->learned) {
		if (make_list(r, &l) == -1)
			return -1;
		learn(r, &l);
		free(l.name);
		r->learned = true;
		/* A crash may have come just before they were removed. */
		r->trim = l.n >= r->limits->number || r->limits->total;
	}
	*f = (struct rotate_facts){
	    .processor = r->processor,
	    .wanted = r->wanted,
	    .spare = r->spare,
	    .dirty = r->dirty,
	};
	if (look_at_current(r, f, st) == -1 ||
	    look_at_piece(r, "previous", &f->previous) == -1)
		return -1;
	if (r->processed_fd != -1)
		return 0; /* what it has made is not looked at yet */
	if (look_at_piece(r, "processed", &f->processed) == -1 ||
	    look_at_piece(r, "newstate", &newstate) == -1)
		return -1;
	f->newstate = newstate != ROTATE_PIECE_ABSENT;
	/* Somebody else's must not make us remove previous. */
	if (r->started && f->processed == ROTATE_PIECE_COMPLETE) {
		ours = still(r, "processed", &r->processed);
		if (ours == -1)
			return -1;
		if (!ours)
			f->processed = ROTATE_PIECE_PART;
	}
	return 0;
}

/* The steps. */

int
rotation_sync(struct rotation *r)
{
	/* Some filesystems cannot sync a directory; there is no other way. */
	if (fsync(r->dir) == -1 && errno != EINVAL && errno != ENOTSUP)
		return fail(r, "write to disk", NULL);
	r->dirty = false;
	return 0;
}

/* rename(2) that replaces nothing. */
static int
rename_new(int dir, char const *from, char const *to)
{
	struct stat st;

	/* Nobody else makes such names: we hold the lock. */
	if (fstatat(dir, to, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return errno == ENOENT ? renameat(dir, from, dir, to) : -1;
}

/* Gives a file its final name: later than all others, whatever the clock. */
static int
finish(struct rotation *r, char const *from, char code)
{
	char name[STAMP_LABEL + 3] = "";
	struct stamp label = stamp_now();

	if (stamp_compare(&label, &r->newest) <= 0)
		label = stamp_after(r->newest);
	stamp_label(name, &label);
	name[STAMP_LABEL] = '.';
	name[STAMP_LABEL + 1] = code;
	if (rename_new(r->dir, from, name) == -1) {
		if (errno == EEXIST)
			r->newest = label;
		return fail(r, "rename", from);
	}
	r->newest = label;
	r->trim = r->dirty = true;
	return 0;
}

static int
unlink_piece(struct rotation *r, char const *name)
{
	if (unlinkat(r->dir, name, 0) == -1 && errno != ENOENT)
		return fail(r, "remove", name);
	r->dirty = true;
	return 0;
}

static int
create_current(struct rotation *r)
{
	if (current_create(&r->current, r->dir, r->limits->size) == -1)
		return fail(r, "create", "current");
	r->wanted = false;
	r->dirty = true;
	return 0;
}

static int
seal_current(struct rotation *r)
{
	if (current_seal(&r->current) == -1)
		return fail(r, "write to disk", "current");
	return 0;
}

/* What was current has another name from now on. */
static int
move_current(struct rotation *r, char code)
{
	if (code ? finish(r, "current", code)
		 : rename_new(r->dir, "current", "previous"))
		return code ? -1 : fail(r, "rename", "current");
	current_close(&r->current);
	r->wanted = false;
	r->dirty = true;
	return 0;
}

static int
keep_newstate(struct rotation *r)
{
	if (renameat(r->dir, "newstate", r->dir, "state") == -1)
		return fail(r, "rename", "newstate");
	r->dirty = true;
	return 0;
}

static int
open_piece(
    struct rotation *r, char const *name, int flags, struct rotation_id *id)
{
	int fd = openat(r->dir, name,
	    flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, MODE_PART);
	struct stat st;

	if (fd != -1 && fstat(fd, &st) == -1)
		close_fd(&fd);
	/* With another name it may be somebody else's. */
	else if (fd != -1 && (!S_ISREG(st.st_mode) || st.st_nlink != 1)) {
		errno = EMLINK;
		close_fd(&fd);
	}
	if (fd == -1)
		return fail(r, "open", name);
	if (id)
		*id = (struct rotation_id){st.st_dev, st.st_ino};
	return fd;
}

int
rotation_make_state(struct rotation *r)
{
	int fd = open_piece(r, "state", O_RDONLY | O_CREAT, NULL);

	if (fd == -1)
		return -1;
	fd_close(fd);
	return 0;
}

/* The processor. */

static void
rest(struct rotation *r, unsigned int seconds)
{
	tain pause;

	r->processor = ROTATE_PROCESSOR_RESTING;
	tain_uint(&pause, seconds);
	tain_add_g(&r->rested, &pause);
}

/* The child: with exactly the descriptors it is promised, default signals, an
   empty mask, and the environment untouched. */
static _Noreturn void
process(struct rotation const *r, int previous, int state)
{
	static int const signals[] = {
	    SIGTERM, SIGALRM, SIGCHLD, SIGPIPE, SIGXFSZ};
	char const *argv[] = {"/bin/sh", "-c", r->limits->processor, NULL};
	int from[] = {previous, r->processed_fd, state, r->newstate_fd};
	static int const to[] = {0, 1, 4, 5};

	setpgid(0, 0);
	selfpipe_finish();
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sig_restore(signals[i]);
	if (fchdir(r->dir) == -1)
		_exit(111);
	/* First all of them out of the way, then each to its place. */
	for (size_t i = 0; i < 4; i++)
		if ((from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, FD_ABOVE)) == -1)
			_exit(111);
	for (size_t i = 0; i < 4; i++)
		if (dup2(from[i], to[i]) == -1)
			_exit(111);
	/* execve() promises to leave the strings alone. */
	execve(argv[0], (char *const *)(uintptr_t)argv, environ);
	_exit(111);
}

static void
close_output(struct rotation *r)
{
	close_fd(&r->processed_fd);
	close_fd(&r->newstate_fd);
}

/* All that work on previous have it locked.  One that has outlived its logger
   must end before the next one begins. */
static int
start_processor(struct rotation *r)
{
	int previous = open_piece(r, "previous", O_RDONLY, &r->previous);
	int state = -1;

	if (previous != -1 && flock(previous, LOCK_EX | LOCK_NB) == -1) {
		close_fd(&previous);
		rest(r, BUSY_PAUSE_S);
		return errno == EWOULDBLOCK ? 0 : fail(r, "lock", "previous");
	}
	if (previous != -1)
		state = open_piece(r, "state", O_RDONLY | O_CREAT, NULL);
	if (state != -1)
		r->processed_fd = open_piece(
		    r, "processed", O_WRONLY | O_CREAT | O_EXCL, &r->processed);
	if (r->processed_fd != -1)
		r->newstate_fd = open_piece(
		    r, "newstate", O_WRONLY | O_CREAT | O_EXCL, &r->newstate);
	if (r->newstate_fd != -1) {
		r->pid = fork();
		if (r->pid == 0)
			process(r, previous, state);
		if (r->pid == -1)
			fail(r, "fork for processor in", NULL);
		else
			setpgid(r->pid, r->pid);
	}
	close_fd(&previous);
	close_fd(&state);
	r->dirty = true;
	if (r->newstate_fd != -1 && r->pid != -1) {
		r->processor = ROTATE_PROCESSOR_RUNNING;
		return 0;
	}
	r->pid = 0;
	close_output(r);
	return -1;
}

/* Another file is called previous now: the output must not stand for it.  So
   it is never seen with the name processed and the x bit. */
static int
finish_alone(struct rotation *r)
{
	if (renameat(r->dir, "newstate", r->dir, "state") == -1)
		return fail(r, "rename", "newstate");
	if (finish(r, "processed", 's') == -1)
		return -1;
	(void)!fchmod(r->processed_fd, MODE_COMPLETE);
	return 0;
}

/* The output could not be brought to disk.  Another sync would tell nothing,
   as the pages count as written: the processor makes it anew. */
static void
fail_output(struct rotation *r)
{
	fail(r, "write to disk", "processed");
	message_once(&r->told, &r->trouble);
	(void)!fchmod(r->processed_fd, MODE_PART);
	rest(r, PROCESSOR_PAUSE_S);
}

static int
sync_processed(struct rotation *r)
{
	struct stat st;
	bool linked;
	int ours = still(r, "processed", &r->processed);
	int given = find(r, "previous", &st, &linked);

	if (ours == 1)
		ours = still(r, "newstate", &r->newstate);
	if (ours == -1 || given == -1)
		return -1;
	r->processor = ROTATE_PROCESSOR_IDLE;
	if (!ours)
		message_warning(0, "the processor's output was removed from ",
		    r->path, ", running it again");
	else if (fsync(r->newstate_fd) == -1 || fsync(r->processed_fd) == -1)
		fail_output(r);
	else if (given && !is(&r->previous, &st))
		given = finish_alone(r);
	/* The bit is the decision: from here on previous is done with.  So it
	   must be on disk before previous is removed. */
	else if (fchmod(r->processed_fd, MODE_COMPLETE) == -1 ||
		 fsync(r->processed_fd) == -1)
		fail_output(r);
	close_output(r);
	return given == -1 ? -1 : 0;
}

bool
rotation_reaped(struct rotation *r, pid_t pid, int status)
{
	if (!r->pid || pid != r->pid)
		return false;
	r->pid = 0;
	r->settled = false;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		r->processor = ROTATE_PROCESSOR_DONE;
		r->failing = false;
		return true;
	}
	if (!r->failing)
		message_warning(0, "processor ",
		    WIFSIGNALED(status) ? "crashed" : "failed", " in ", r->path,
		    ", pausing");
	r->failing = true;
	close_output(r);
	rest(r, PROCESSOR_PAUSE_S);
	return true;
}

void
rotation_stop(struct rotation *r)
{
	if (r->pid)
		kill(-r->pid, SIGTERM);
}

static int
perform(struct rotation *r, enum rotate_step step, struct stat const *st)
{
	switch (step) {
	case ROTATE_REST:
		return 0;
	case ROTATE_CREATE_CURRENT:
		return create_current(r);
	case ROTATE_OPEN_CURRENT:
		if (current_open(&r->current, r->dir, r->limits->size, st,
			st->st_size && !(st->st_mode & S_IXUSR)) == 0)
			return 0;
		return fail(r, "append to", "current");
	case ROTATE_SEAL_CURRENT:
		return seal_current(r);
	case ROTATE_REMOVE_CURRENT:
		return unlink_piece(r, "current");
	case ROTATE_MOVE_CURRENT:
		return move_current(r, 0);
	case ROTATE_NAME_CURRENT_S:
		return move_current(r, 's');
	case ROTATE_NAME_CURRENT_U:
		return move_current(r, 'u');
	case ROTATE_NAME_PREVIOUS_S:
		return finish(r, "previous", 's');
	case ROTATE_NAME_PREVIOUS_U:
		return finish(r, "previous", 'u');
	case ROTATE_NAME_PROCESSED:
		return finish(r, "processed", 's');
	case ROTATE_REMOVE_PREVIOUS:
		return unlink_piece(r, "previous");
	case ROTATE_REMOVE_PROCESSED:
		return unlink_piece(r, "processed");
	case ROTATE_REMOVE_NEWSTATE:
		return unlink_piece(r, "newstate");
	case ROTATE_KEEP_NEWSTATE:
		return keep_newstate(r);
	case ROTATE_START_PROCESSOR:
		return start_processor(r);
	case ROTATE_SYNC_PROCESSED:
		return sync_processed(r);
	case ROTATE_SYNC_NAMES:
		return rotation_sync(r);
	}
	return 0;
}

int
rotation_settle(struct rotation *r)
{
	struct rotate_facts f;
	struct stat st;
	enum rotate_step step;

	while (!r->settled) {
		if (look(r, &f, &st) == -1)
			return -1;
		step = rotate_next(&f);
		r->waits = rotate_must_wait(&f);
		r->settled = step == ROTATE_REST;
		if (perform(r, step, &st) == 0)
			continue;
		if (step != ROTATE_START_PROCESSOR)
			return -1;
		/* Lines can be appended without it. */
		message_once(&r->told, &r->trouble);
		rest(r, PROCESSOR_PAUSE_S);
	}
	return 0;
}
