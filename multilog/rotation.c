/*
 * Carries out the steps of a rotation or a recovery.  It remembers nothing but
 * which files are its own: before each step the directory is looked at anew.
 *
 * Inside the directory no link is followed.  Every change of names is one
 * rename or unlink; what a name or an x bit promises is on disk before it.  A
 * processor's output is kept only if it still has its name; a previous that is
 * not the one that was processed gets a name of its own before.
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
#define BUSY_PAUSE_S	  1  /* until a processor before ours has ended */
#define FD_ABOVE	  10 /* every number that a processor is promised */

static int
fail(struct rotation *r, char const *verb, char const *name)
{
	r->trouble = (struct message_trouble){verb, r->path, name, errno};
	return -1;
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
	};
	for (int i = 0; i < ROTATION_PIECES; i++)
		r->piece[i].fd = -1;
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
   characters, or nothing.  Anything else, and any directory, is not ours. */
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
	int error;

	*l = (struct list){0};
	if (!dir) {
		if (fd != -1)
			fd_close(fd);
		return fail(r, "read", NULL);
	}
	do {
		errno = 0;
		d = readdir(dir);
	} while (d && add_old(l, r->dir, d) == 0);
	error = errno;
	closedir(dir);
	errno = error;
	if (error) {
		free(l->name);
		return fail(r, "read", NULL);
	}
	if (l->n)
		qsort(l->name, l->n, sizeof *l->name, by_name);
	return 0;
}

int
rotation_trim(struct rotation *r, size_t most)
{
	struct list l;
	struct stat st;
	struct stamp label;
	char const *last;
	uint64_t bytes = 0;
	size_t removed = 0;

	r->trim = false;
	if (make_list(r, &l) == -1)
		return -1;
	last = l.n ? l.name[l.n - 1] : "";
	for (size_t i = 0; r->limits->total && i < l.n; i++)
		if (fstatat(r->dir, l.name[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
			bytes += (uint64_t)st.st_size;
	/* The newest always stays. */
	for (size_t i = 0; i + 1 < l.n; i++) {
		if (l.n - i < r->limits->number &&
		    (!r->limits->total || bytes <= r->limits->total))
			break;
		r->trim = removed == most;
		if (r->trim)
			break;
		if (r->limits->total &&
		    fstatat(r->dir, l.name[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
			bytes -= (uint64_t)st.st_size;
		if (unlinkat(r->dir, l.name[i], 0) == 0) {
			removed++;
		} else if (errno != ENOENT && !r->stuck) {
			/* One old file too many is no reason not to log. */
			message_warning(errno, "unable to remove ", r->path,
			    "/", l.name[i]);
			r->stuck = true;
		}
	}
	if (stamp_scan(last, &label) && stamp_compare(&label, &r->newest) > 0)
		r->newest = label;
	r->spare = l.n && l.n - removed + 1 >= r->limits->number &&
		   strcmp(last + STAMP_LABEL, ".u") == 0;
	free(l.name);
	return 0;
}

/* 1: st describes the regular file of that name; 2: so it does, but it has the
   name of an old file as well, as daemontools may leave it; 0: there is none;
   -1 with r->trouble, also if it has another name: it may be somebody else's.
 */
static int
find(struct rotation *r, char const *name, struct stat *st)
{
	struct list l;
	struct stat old;
	int found = -1;

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
			found = 2;
	free(l.name);
	return found;
}

static struct {
	char const *name;
	int flags;
	int fd; /* a processor's */
} const pieces[ROTATION_PIECES] = {
    {"previous", O_RDONLY, 0},
    {"processed", O_WRONLY | O_CREAT | O_EXCL, 1},
    {"state", O_RDONLY | O_CREAT, 4},
    {"newstate", O_WRONLY | O_CREAT | O_EXCL, 5},
};

/* Is it the file that the processor worked with? */
static bool
is_piece(struct rotation_piece const *p, struct stat const *st)
{
	return p->ino && p->dev == st->st_dev && p->ino == st->st_ino;
}

/* What there is of one of the files of a processor.  0, or -1 with
   r->trouble. */
static int
look_at(struct rotation *r, int which, enum rotate_piece *piece)
{
	struct stat st;
	int found = find(r, pieces[which].name, &st);
	bool complete = found == 1 && (st.st_mode & S_IXUSR);

	/* Neither somebody else's output nor a previous that was not processed
	   must make us remove previous. */
	if (which == ROTATION_PROCESSED ? r->started
					: r->piece[ROTATION_PROCESSED].fd != -1)
		complete = complete && is_piece(r->piece + which, &st);
	*piece = found < 1    ? ROTATE_PIECE_ABSENT
		 : found == 2 ? ROTATE_PIECE_LINKED
		 : complete   ? ROTATE_PIECE_COMPLETE
			      : ROTATE_PIECE_PART;
	return found == -1 ? -1 : 0;
}

int
rotation_sync(struct rotation *r)
{
	/* Some filesystems cannot sync a directory; there is no other way. */
	if (fsync(r->dir) == -1 && errno != EINVAL && errno != ENOTSUP)
		return fail(r, "write to disk", NULL);
	r->dirty = false;
	return 0;
}

/* What a step does with a file. */
static struct {
	char const *from;
	char const *to; /* null: it is removed; ".s", ".u": an old file */
} const changes[ROTATE_STEPS] = {
    [ROTATE_MOVE_CURRENT] = {"current", "previous"},
    [ROTATE_NAME_CURRENT_S] = {"current", ".s"},
    [ROTATE_NAME_CURRENT_U] = {"current", ".u"},
    [ROTATE_NAME_PREVIOUS_S] = {"previous", ".s"},
    [ROTATE_NAME_PREVIOUS_U] = {"previous", ".u"},
    [ROTATE_NAME_PROCESSED] = {"processed", ".s"},
    [ROTATE_KEEP_NEWSTATE] = {"newstate", "state"},
    [ROTATE_REMOVE_CURRENT] = {"current", NULL},
    [ROTATE_REMOVE_PREVIOUS] = {"previous", NULL},
    [ROTATE_REMOVE_PROCESSED] = {"processed", NULL},
    [ROTATE_REMOVE_NEWSTATE] = {"newstate", NULL},
};

/* Only state is replaced.  We hold the lock, so nobody else makes a file. */
static int
change_name(struct rotation *r, char const *from, char const *to)
{
	char name[STAMP_LABEL + sizeof ".s"] = "";
	struct stamp now = stamp_now();
	struct stat st;

	r->dirty = true;
	if (!to)
		return unlinkat(r->dir, from, 0) == 0 || errno == ENOENT
			   ? 0
			   : fail(r, "remove", from);
	if (*to == '.') {
		/* Later than all others, whatever the clock. */
		r->newest = stamp_compare(&now, &r->newest) > 0
				? now
				: stamp_after(r->newest);
		stamp_label(name, &r->newest);
		memcpy(name + STAMP_LABEL, to, sizeof ".s");
		to = name;
		r->trim = true;
	}
	errno = EEXIST;
	if (strcmp(to, "state") != 0 &&
	    (fstatat(r->dir, to, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
		errno != ENOENT))
		return fail(r, "rename", from);
	return renameat(r->dir, from, r->dir, to) == 0
		   ? 0
		   : fail(r, "rename", from);
}

static int
open_piece(struct rotation *r, int which)
{
	struct rotation_piece *p = r->piece + which;
	char const *name = pieces[which].name;
	struct stat st;

	p->fd = openat(r->dir, name,
	    pieces[which].flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
	    MODE_PART);
	if (p->fd == -1 || fstat(p->fd, &st) == -1)
		return fail(r, "open", name);
	p->dev = st.st_dev;
	p->ino = st.st_ino;
	if (S_ISREG(st.st_mode) && st.st_nlink == 1)
		return 0;
	errno = EMLINK; /* it may be somebody else's */
	return fail(r, "use", name);
}

static void
close_pieces(struct rotation *r)
{
	for (int i = 0; i < ROTATION_PIECES; i++) {
		if (r->piece[i].fd != -1)
			fd_close(r->piece[i].fd);
		r->piece[i].fd = -1;
	}
}

int
rotation_make_state(struct rotation *r)
{
	int result = open_piece(r, ROTATION_STATE);

	close_pieces(r);
	return result;
}

static void
rest(struct rotation *r, unsigned int seconds)
{
	tain pause;

	close_pieces(r);
	r->processor = ROTATE_PROCESSOR_RESTING;
	tain_uint(&pause, seconds);
	tain_add_g(&r->rested, &pause);
}

/* The child: with exactly the descriptors it is promised, default signals, an
   empty mask, and the environment untouched. */
static _Noreturn void
process(struct rotation const *r)
{
	static int const signals[] = {
	    SIGTERM, SIGALRM, SIGCHLD, SIGPIPE, SIGXFSZ};
	char const *argv[] = {"/bin/sh", "-c", r->limits->processor, NULL};
	int fd[ROTATION_PIECES];

	setpgid(0, 0);
	selfpipe_finish();
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sig_restore(signals[i]);
	if (fchdir(r->dir) == -1)
		_exit(111);
	/* First all of them out of the way, then each to its place. */
	for (int i = 0; i < ROTATION_PIECES; i++) {
		fd[i] = fcntl(r->piece[i].fd, F_DUPFD_CLOEXEC, FD_ABOVE);
		if (fd[i] == -1)
			_exit(111);
	}
	for (int i = 0; i < ROTATION_PIECES; i++)
		if (dup2(fd[i], pieces[i].fd) == -1)
			_exit(111);
	execve(argv[0], (char *const *)(uintptr_t)argv, environ);
	_exit(111);
}

/* Warns of a failure and retries later: lines can be appended without it. */
static void
start_processor(struct rotation *r)
{
	int opened = open_piece(r, ROTATION_PREVIOUS);
	int fd = r->piece[ROTATION_PREVIOUS].fd;

	/* All that work on previous have it locked.  One that has outlived its
	   logger must end before the next one begins. */
	if (opened == 0 && flock(fd, LOCK_EX | LOCK_NB) == -1 &&
	    errno == EWOULDBLOCK) {
		rest(r, BUSY_PAUSE_S);
		return;
	}
	for (int i = ROTATION_PROCESSED; i < ROTATION_PIECES; i++)
		opened = opened == 0 ? open_piece(r, i) : -1;
	r->dirty = true;
	if (opened == 0) {
		r->pid = fork();
		if (r->pid == 0)
			process(r);
		if (r->pid > 0) {
			setpgid(r->pid, r->pid);
			/* The lock is the processor's. */
			fd_close(fd);
			r->piece[ROTATION_PREVIOUS].fd = -1;
			r->processor = ROTATE_PROCESSOR_RUNNING;
			return;
		}
		r->pid = 0;
		fail(r, "fork for processor in", NULL);
	}
	message_once(&r->told, &r->trouble);
	rest(r, PROCESSOR_PAUSE_S);
}

/* After a failed sync the kernel counts the pages as written: another one would
   succeed and prove nothing, so the processor runs again. */
static int
sync_processed(struct rotation *r)
{
	struct rotation_piece *p = r->piece + ROTATION_PROCESSED;
	int state = r->piece[ROTATION_NEWSTATE].fd;
	bool kept = true;

	for (int i = 0; i < ROTATION_PIECES; i++) {
		struct stat st;
		int found = find(r, pieces[i].name, &st);

		if (found == -1)
			return -1;
		if (pieces[i].flags & O_EXCL)
			kept =
			    kept && found == 1 && is_piece(r->piece + i, &st);
	}
	/* The bit is the decision, so it must be on disk, too. */
	if (kept && fsync(state) == 0 && fsync(p->fd) == 0 &&
	    fchmod(p->fd, MODE_COMPLETE) == 0 && fsync(p->fd) == 0) {
		r->failing = false;
		r->processor = ROTATE_PROCESSOR_IDLE;
		close_pieces(r);
		return 0;
	}
	if (kept) {
		fail(r, "write to disk", "processed");
		message_once(&r->told, &r->trouble);
		(void)!fchmod(p->fd, MODE_PART);
	} else if (!r->failing) {
		message_warning(0, "the processor's output was removed from ",
		    r->path, ", running it again");
		r->failing = true;
	}
	p->ino = 0;
	rest(r, PROCESSOR_PAUSE_S);
	return 0;
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
		return true;
	}
	if (!r->failing)
		message_warning(0, "processor ",
		    WIFSIGNALED(status) ? "crashed" : "failed", " in ", r->path,
		    ", pausing");
	r->failing = true;
	rest(r, PROCESSOR_PAUSE_S);
	return true;
}

void
rotation_stop(struct rotation *r)
{
	if (r->pid)
		kill(-r->pid, SIGTERM);
}

/* st describes current.  0, or -1 with r->trouble. */
static int
perform(struct rotation *r, enum rotate_step step, struct stat const *st)
{
	struct current *c = &r->current;
	bool gap = st->st_size && !(st->st_mode & S_IXUSR);

	switch (step) {
	case ROTATE_REST:
		return 0;
	case ROTATE_CREATE_CURRENT:
		r->wanted = false;
		r->dirty = true;
		return current_create(c, r->dir, r->limits->size) == 0
			   ? 0
			   : fail(r, "create", "current");
	case ROTATE_OPEN_CURRENT:
		return current_open(c, r->dir, r->limits->size, st, gap) == 0
			   ? 0
			   : fail(r, "append to", "current");
	case ROTATE_SEAL_CURRENT:
		return current_seal(c) == 0
			   ? 0
			   : fail(r, "write to disk", "current");
	case ROTATE_START_PROCESSOR:
		start_processor(r);
		return 0;
	case ROTATE_SYNC_PROCESSED:
		return sync_processed(r);
	case ROTATE_SYNC_NAMES:
		return rotation_sync(r);
	case ROTATE_MOVE_CURRENT:
	case ROTATE_NAME_CURRENT_S:
	case ROTATE_NAME_CURRENT_U:
	case ROTATE_NAME_PREVIOUS_S:
	case ROTATE_NAME_PREVIOUS_U:
	case ROTATE_NAME_PROCESSED:
	case ROTATE_KEEP_NEWSTATE:
	case ROTATE_REMOVE_CURRENT:
	case ROTATE_REMOVE_PREVIOUS:
	case ROTATE_REMOVE_PROCESSED:
	case ROTATE_REMOVE_NEWSTATE:
		break;
	}
	return change_name(r, changes[step].from, changes[step].to);
}

/* 0, or -1 with r->trouble.  st is current's. */
static int
look(struct rotation *r, struct rotate_facts *f, struct stat *st)
{
	struct current *c = &r->current;
	enum rotate_piece newstate = ROTATE_PIECE_ABSENT;
	int found;

	if (!r->learned && rotation_trim(r, 0) == -1)
		return -1;
	r->learned = true;
	*f = (struct rotate_facts){
	    .processor = r->processor,
	    .wanted = r->wanted,
	    .gap = c->gap,
	    .spare = r->spare,
	    .dirty = r->dirty,
	};
	found = find(r, "current", st);
	if (found == -1 || look_at(r, ROTATION_PREVIOUS, &f->previous) == -1)
		return -1;
	/* Ours, if it was open, has been renamed, removed or replaced. */
	if (!found || !current_is(c, st))
		current_close(c);
	f->current = c->fd != -1	     ? c->sealed ? ROTATE_CURRENT_SEALED
							 : ROTATE_CURRENT_OPEN
		     : !found		     ? ROTATE_CURRENT_ABSENT
		     : found == 2	     ? ROTATE_CURRENT_LINKED
		     : st->st_mode & S_IXUSR ? ROTATE_CURRENT_CLEAN
		     : st->st_size	     ? ROTATE_CURRENT_UNCLEAN
					     : ROTATE_CURRENT_EMPTY;
	/* What a processor is making is not looked at yet. */
	if (r->piece[ROTATION_PROCESSED].fd == -1 &&
	    (look_at(r, ROTATION_PROCESSED, &f->processed) == -1 ||
		look_at(r, ROTATION_NEWSTATE, &newstate) == -1))
		return -1;
	f->newstate = newstate != ROTATE_PIECE_ABSENT;
	return 0;
}

int
rotation_settle(struct rotation *r)
{
	struct rotate_facts f;
	struct stat st = {0};
	enum rotate_step step;

	while (!r->settled) {
		if (look(r, &f, &st) == -1)
			return -1;
		step = rotate_next(&f);
		if (perform(r, step, &st) == -1)
			return -1;
		r->waits = rotate_must_wait(&f);
		r->settled = step == ROTATE_REST;
	}
	return 0;
}
