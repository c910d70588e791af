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
#include <skalibs/direntry.h>
#include <skalibs/djbunix.h>
#include <skalibs/selfpipe.h>
#include <skalibs/sig.h>
#include <skalibs/unix-transactional.h>

#define MODE_PART	  0644
#define MODE_COMPLETE	  0744
#define PROCESSOR_PAUSE_S 5
#define BUSY_PAUSE_S	  1  /* until a processor before ours has ended */
#define FD_ABOVE	  10 /* every number that a processor is promised */

int
rotation_fail(struct rotation *r, char const *verb, char const *name)
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
	    .limits = *limits,
	    .current.fd = -1,
	    .processor = limits->processor ? ROTATE_PROCESSOR_RESTING
					   : ROTATE_PROCESSOR_NONE,
	};
	for (int i = 0; i < ROTATION_PIECES; i++)
		r->piece[i].fd = -1;
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
	tain label;
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
	DIR *dir = opendir_at(r->dir, ".");
	struct dirent *d;
	int error;

	*l = (struct list){0};
	if (!dir)
		return rotation_fail(r, "read", NULL);
	do {
		errno = 0;
		d = readdir(dir);
	} while (d && add_old(l, r->dir, d) == 0);
	error = errno;
	/* skalibs's would close twice if it is interrupted. */
	closedir(dir);
	errno = error;
	if (d || error) {
		rotation_fail(r, "read", NULL);
		free(l->name);
		return -1;
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
	tain label;
	char const *last;
	uint64_t bytes = 0;
	size_t first, removed = 0;

	r->trim = false;
	if (make_list(r, &l) == -1)
		return -1;
	last = l.n ? l.name[l.n - 1] : "";
	/* The first that stays; the newest always does. */
	for (first = l.n; first; first--) {
		if (r->limits.total && fstatat(r->dir, l.name[first - 1], &st,
					   AT_SYMLINK_NOFOLLOW) == 0)
			bytes += (uint64_t)st.st_size;
		if (first < l.n &&
		    (l.n - first + 1 >= r->limits.number ||
			(r->limits.total && bytes > r->limits.total)))
			break;
	}
	for (size_t i = 0; i < first; i++) {
		r->trim = removed == most;
		if (r->trim)
			break;
		if (unlinkat(r->dir, l.name[i], 0) == 0) {
			removed++;
		} else if (errno != ENOENT && !r->stuck) {
			/* One old file too many is no reason not to log. */
			message_warning(errno, "unable to remove ", r->path,
			    "/", l.name[i]);
			r->stuck = true;
		}
	}
	if (stamp_scan(last, &label) && tain_less(&r->newest, &label))
		r->newest = label;
	r->spare = l.n && l.n - removed + 1 >= r->limits.number &&
		   strcmp(last + STAMP_LABEL, ".u") == 0;
	free(l.name);
	return 0;
}

/* What there is by that name, which st describes; or -1 with r->trouble.  A
   file that has another name may be somebody else's, unless that is the name of
   an old file, as daemontools may leave it. */
static int
find(struct rotation *r, char const *name, struct stat *st)
{
	struct list l;
	struct stat old;
	int found = -1;

	if (fstatat(r->dir, name, st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? ROTATE_ABSENT
				       : rotation_fail(r, "stat", name);
	if (S_ISREG(st->st_mode) && st->st_nlink == 1)
		return st->st_mode & S_IXUSR ? ROTATE_COMPLETE : ROTATE_PART;
	errno = S_ISREG(st->st_mode)   ? EMLINK
		: S_ISDIR(st->st_mode) ? EISDIR
		: S_ISLNK(st->st_mode) ? ELOOP
				       : EINVAL;
	rotation_fail(r, "use", name);
	if (!S_ISREG(st->st_mode) || make_list(r, &l) == -1)
		return -1;
	for (size_t i = 0; i < l.n; i++)
		if (fstatat(r->dir, l.name[i], &old, AT_SYMLINK_NOFOLLOW) ==
			0 &&
		    old.st_dev == st->st_dev && old.st_ino == st->st_ino)
			found = ROTATE_LINKED;
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
look_at(struct rotation *r, int which, enum rotate_file *file)
{
	struct stat st;
	int found = find(r, pieces[which].name, &st);
	bool known = which == ROTATION_PROCESSED
			 ? r->started
			 : r->piece[ROTATION_PROCESSED].fd != -1;

	if (found == -1)
		return -1;
	/* Neither somebody else's output nor a previous that was not processed
	   must make us remove previous. */
	if (found == ROTATE_COMPLETE && known &&
	    !is_piece(r->piece + which, &st))
		found = ROTATE_PART;
	*file = (enum rotate_file)found;
	return 0;
}

int
rotation_sync(struct rotation *r)
{
	/* Some filesystems cannot sync a directory; there is no other way. */
	if (fd_sync(r->dir) == -1 && errno != EINVAL && errno != ENOTSUP)
		return rotation_fail(r, "write to disk", NULL);
	r->dirty = false;
	return 0;
}

/* Removes a file, or gives it another name; ".s" and ".u" stand for that of an
   old file.  Only state is replaced: we hold the lock, so nobody else makes a
   file, and an old file's name is later than all others, whatever the clock. */
static int
change_name(struct rotation *r, char const *from, char const *to)
{
	char name[STAMP_LABEL + sizeof ".s"] = "";
	tain now = stamp_now();

	r->dirty = true;
	if (!to)
		return unlinkat(r->dir, from, 0) == 0 || errno == ENOENT
			   ? 0
			   : rotation_fail(r, "remove", from);
	if (*to == '.') {
		if (tain_less(&r->newest, &now))
			r->newest = now;
		else
			stamp_after(&r->newest);
		timestamp_fmt(name, &r->newest);
		memcpy(name + STAMP_LABEL, to, sizeof ".s");
		to = name;
		r->trim = true;
	}
	return renameat(r->dir, from, r->dir, to) == 0
		   ? 0
		   : rotation_fail(r, "rename", from);
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
		return rotation_fail(r, "open", name);
	p->dev = st.st_dev;
	p->ino = st.st_ino;
	if (S_ISREG(st.st_mode) && st.st_nlink == 1)
		return 0;
	errno = EMLINK; /* it may be somebody else's */
	return rotation_fail(r, "use", name);
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
rest(struct rotation *r, int seconds)
{
	close_pieces(r);
	r->processor = ROTATE_PROCESSOR_RESTING;
	tain_addsec_g(&r->rested, seconds);
}

/* The child: with exactly the descriptors it is promised, default signals, an
   empty mask, and the environment untouched. */
static _Noreturn void
process(struct rotation const *r)
{
	static int const signals[] = {
	    SIGTERM, SIGALRM, SIGCHLD, SIGPIPE, SIGXFSZ};
	char const *argv[] = {"/bin/sh", "-c", r->limits.processor, NULL};
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
		rotation_fail(r, "fork for processor in", NULL);
	}
	message_once(&r->told, &r->trouble);
	rest(r, PROCESSOR_PAUSE_S);
}

/* After a failed sync the kernel counts the pages as written: another one would
   succeed and prove nothing, so the processor runs again. */
static int
sync_processed(struct rotation *r)
{
	int fd = r->piece[ROTATION_PROCESSED].fd;
	bool kept = true; /* both have still the name under which they came */

	for (int i = ROTATION_PROCESSED; i < ROTATION_PIECES; i++) {
		struct stat st = {0};
		int found;

		if (i == ROTATION_STATE)
			continue;
		found = find(r, pieces[i].name, &st);
		if (found == -1)
			return -1;
		kept = kept && found != ROTATE_LINKED &&
		       is_piece(r->piece + i, &st);
	}
	/* The bit is the decision, so it must be on disk, too. */
	if (kept && fd_sync(r->piece[ROTATION_NEWSTATE].fd) == 0 &&
	    fd_sync(fd) == 0 && fchmod(fd, MODE_COMPLETE) == 0 &&
	    fd_sync(fd) == 0) {
		r->failing = false;
		r->processor = ROTATE_PROCESSOR_IDLE;
		close_pieces(r);
		return 0;
	}
	if (kept) {
		rotation_fail(r, "write to disk", "processed");
		message_once(&r->told, &r->trouble);
		(void)!fchmod(fd, MODE_PART);
	} else if (!r->failing) {
		message_warning(0, "the processor's output was removed from ",
		    r->path, ", running it again");
		r->failing = true;
	}
	r->piece[ROTATION_PROCESSED].ino = 0;
	rest(r, PROCESSOR_PAUSE_S);
	return 0;
}

void
rotation_reaped(struct rotation *r, pid_t pid, int status)
{
	if (pid != r->pid)
		return;
	r->pid = 0;
	r->settled = false;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		r->processor = ROTATE_PROCESSOR_DONE;
		return;
	}
	if (!r->failing)
		message_warning(0, "processor ",
		    WIFSIGNALED(status) ? "crashed" : "failed", " in ", r->path,
		    ", pausing");
	r->failing = true;
	rest(r, PROCESSOR_PAUSE_S);
}

/* 0, or -1 with r->trouble. */
static int
perform(struct rotation *r, enum rotate_step step)
{
	struct current *c = &r->current;

	switch (step) {
	case ROTATE_REST:
		return 0;
	case ROTATE_CREATE_CURRENT:
		r->wanted = false;
		r->dirty = true;
		return current_open(c, r->dir, r->limits.size, true) == 0
			   ? 0
			   : rotation_fail(r, "create", "current");
	case ROTATE_OPEN_CURRENT:
		return current_open(c, r->dir, r->limits.size, false) == 0
			   ? 0
			   : rotation_fail(r, "append to", "current");
	case ROTATE_SEAL_CURRENT:
		return current_seal(c) == 0
			   ? 0
			   : rotation_fail(r, "write to disk", "current");
	case ROTATE_START_PROCESSOR:
		start_processor(r);
		return 0;
	case ROTATE_SYNC_PROCESSED:
		return sync_processed(r);
	case ROTATE_SYNC_NAMES:
		return rotation_sync(r);
	case ROTATE_MOVE_CURRENT:
		return change_name(r, "current", "previous");
	case ROTATE_NAME_CURRENT_S:
		return change_name(r, "current", ".s");
	case ROTATE_NAME_CURRENT_U:
		return change_name(r, "current", ".u");
	case ROTATE_NAME_PREVIOUS_S:
		return change_name(r, "previous", ".s");
	case ROTATE_NAME_PREVIOUS_U:
		return change_name(r, "previous", ".u");
	case ROTATE_NAME_PROCESSED:
		return change_name(r, "processed", ".s");
	case ROTATE_KEEP_NEWSTATE:
		return change_name(r, "newstate", "state");
	case ROTATE_REMOVE_CURRENT:
		return change_name(r, "current", NULL);
	case ROTATE_REMOVE_PREVIOUS:
		return change_name(r, "previous", NULL);
	case ROTATE_REMOVE_PROCESSED:
		return change_name(r, "processed", NULL);
	case ROTATE_REMOVE_NEWSTATE:
		return change_name(r, "newstate", NULL);
	}
	return 0;
}

/* 0, or -1 with r->trouble. */
static int
look(struct rotation *r, struct rotate_facts *f)
{
	struct current *c = &r->current;
	struct stat st;
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
	found = find(r, "current", &st);
	if (found == -1 || look_at(r, ROTATION_PREVIOUS, &f->previous) == -1)
		return -1;
	/* Ours, if it was open, has been renamed, removed or replaced. */
	if (found == ROTATE_ABSENT || !current_is(c, &st))
		current_close(c);
	if (c->fd != -1)
		found = c->sealed ? ROTATE_SEALED : ROTATE_OPEN;
	else if (found == ROTATE_PART && st.st_size == 0)
		found = ROTATE_COMPLETE;
	f->current = (enum rotate_file)found;
	/* What a processor is making is not looked at yet; and where there is
	   none, nobody makes anything once our predecessor's is done with. */
	if (r->piece[ROTATION_PROCESSED].fd != -1 ||
	    (r->started && r->processor == ROTATE_PROCESSOR_NONE))
		return 0;
	return look_at(r, ROTATION_PROCESSED, &f->processed) == -1
		   ? -1
		   : look_at(r, ROTATION_NEWSTATE, &f->newstate);
}

int
rotation_settle(struct rotation *r)
{
	struct rotate_facts f;
	enum rotate_step step;

	while (!r->settled) {
		if (look(r, &f) == -1)
			return -1;
		step = rotate_next(&f);
		if (perform(r, step) == -1)
			return -1;
		r->waits = rotate_must_wait(&f);
		r->settled = step == ROTATE_REST;
	}
	return 0;
}
