/*
 * Power cuts.  A log directory is written, rotated and processed by the
 * program's own modules, and each call that changes the disk is noted, with
 * the directory as it is afterwards.  Then, for the moment after each call,
 * every state that a disk may be left in is made: any of the changes of names
 * since the last sync of the directory may have happened, and of each file
 * what was not synced may be there, be missing, be there by half, or be zeros,
 * and its x bit may be there or not.  The program goes on with that, and what
 * it has promised must be true:
 *
 * all lines that were synced are there, once and in order; a .s file has no
 * gap; the state of the processor belongs to the .s files.
 */
#include "multilog/logdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define FILES 12
#define BYTES 16384
#define CALLS 200
#define LINE  600
#define LINES 9

struct file {
	char name[32]; /* empty: none */
	ino_t ino;
	bool x;
	size_t len;
	char text[BYTES];
};

struct moment {
	enum { NOTHING, SYNC_FILE, SYNC_NAMES, NAMES } what;
	ino_t ino;		 /* of the file that was synced */
	char from[32], to[32];	 /* names that changed; empty: none */
	struct file file[FILES]; /* as they are afterwards */
};

static struct moment moments[CALLS];
static int calls;
static bool noting;
static int dir = -1; /* the log directory */

static void
read_files(struct file *f)
{
	DIR *d = fdopendir((int)syscall(SYS_openat, dir, ".", O_RDONLY));
	struct dirent *e;
	int n = 0;

	memset(f, 0, FILES * sizeof *f);
	while (d && (e = readdir(d))) {
		struct stat st;
		int fd;

		if (e->d_name[0] == '.' || !strcmp(e->d_name, "lock"))
			continue;
		fd = (int)syscall(SYS_openat, dir, e->d_name, O_RDONLY);
		if (n == FILES || fd == -1 || fstat(fd, &st) == -1) {
			CHECK(!"the files can be read");
			exit(1);
		}
		snprintf(f[n].name, sizeof f[n].name, "%.31s", e->d_name);
		f[n].ino = st.st_ino;
		f[n].x = st.st_mode & S_IXUSR;
		f[n].len = (size_t)read(fd, f[n].text, BYTES);
		n++;
		close(fd);
	}
	if (d)
		closedir(d);
}

static struct moment *
note(int what)
{
	struct moment *m = moments + calls;

	if (!noting || calls == CALLS)
		return NULL;
	calls++;
	m->what = what;
	read_files(m->file);
	return m;
}

/* The calls, in place of those of the C library.  Nothing is really synced. */

int
fsync(int fd)
{
	struct stat st;
	struct moment *m;

	if (fstat(fd, &st) == -1)
		return -1;
	m = note(S_ISDIR(st.st_mode) ? SYNC_NAMES : SYNC_FILE);
	if (m)
		m->ino = st.st_ino;
	return 0;
}

int
fchmod(int fd, mode_t mode)
{
	int r = (int)syscall(SYS_fchmod, fd, mode);

	note(NOTHING);
	return r;
}

ssize_t
write(int fd, void const *p, size_t n)
{
	ssize_t r = syscall(SYS_write, fd, p, n);

	note(NOTHING);
	return r;
}

static void
note_names(char const *from, char const *to)
{
	struct moment *m = note(NAMES);

	if (!m)
		return;
	strncpy(m->from, from, sizeof m->from - 1);
	strncpy(m->to, to, sizeof m->to - 1);
}

int
renameat(int a, char const *from, int b, char const *to)
{
	int r = (int)syscall(SYS_renameat2, a, from, b, to, 0);

	note_names(from, to);
	return r;
}

int
unlinkat(int at, char const *name, int flags)
{
	int r = (int)syscall(SYS_unlinkat, at, name, flags);

	note_names(name, "");
	return r;
}

int
openat(int at, char const *name, int flags, ...)
{
	va_list a;
	mode_t mode;
	int r;

	va_start(a, flags);
	mode = flags & O_CREAT ? va_arg(a, mode_t) : 0;
	va_end(a);
	r = (int)syscall(SYS_openat, at, name, flags, mode);
	if (r == -1)
		return r;
	if (flags & O_CREAT)
		note_names("", name);
	/* So that no other file gets its inode. */
	fcntl(r, F_DUPFD_CLOEXEC, 100);
	return r;
}

/* The life of a log. */

static struct script_limits const limits = {
    .size = 4096,
    .number = 100,
    .processor = "x=$(cat); echo \"$x\"; { cat <&4; echo \"$x\"; } >&5",
};

static void
settle(struct logdir *d)
{
	int status;
	pid_t pid;

	for (;;) {
		while (logdir_advance(d))
			;
		if (!logdir_busy(d))
			return;
		pid = waitpid(-1, &status, 0);
		rotation_reaped(&d->rotation, pid, status);
	}
}

static void
log_line(struct logdir *d, int n)
{
	static char line[LINE + 1];

	snprintf(line, sizeof line, "%05d ", n);
	memset(line + 6, 'x', LINE - 7);
	line[LINE - 1] = '\n';
	spool_add(&d->spool, line, LINE);
	settle(d);
}

static void
begin(struct logdir *d)
{
	tain_now_set_stopwatch_g();
	if (logdir_open(d, "log", &limits) == -1 || logdir_recover(d) == -1)
		_exit(1);
	dir = d->rotation.dir;
}

static void
live(void)
{
	struct logdir d;

	/* Begin with an empty current that has its x bit, on disk. */
	if (fork() == 0) {
		begin(&d);
		_exit(logdir_close(&d) != 0);
	}
	wait(NULL);
	begin(&d);
	noting = true;
	fsync(dir);
	for (int n = 1; n <= LINES; n++)
		log_line(&d, n);
	logdir_close(&d);
	noting = false;
}

/* A disk after a power cut. */

static struct file const *
of_inode(struct file const *f, ino_t ino)
{
	for (int i = 0; i < FILES; i++)
		if (f[i].name[0] && f[i].ino == ino)
			return f + i;
	return NULL;
}

static struct file *
of_name(struct file *f, char const *name)
{
	for (int i = 0; i < FILES; i++)
		if (!strcmp(f[i].name, name))
			return f + i;
	return NULL;
}

static int
last(int k, int what, ino_t ino)
{
	while (k >= 0 && (moments[k].what != (unsigned int)what ||
			     (what == SYNC_FILE && moments[k].ino != ino)))
		k--;
	return k;
}

/* Puts the changes of names into f that belong to the bits of which. */
static void
change_names(struct file *f, int from, int to, unsigned int which)
{
	for (int k = from + 1; k <= to; k++) {
		struct moment *m = moments + k;
		struct file *old, *gone;

		if (m->what != NAMES)
			continue;
		if (which & 1) {
			old = m->to[0] ? of_name(m->file, m->to) : NULL;
			gone = m->from[0] ? of_name(f, m->from) : NULL;
			if (gone && (!old || gone->ino == old->ino))
				gone->name[0] = 0;
			gone = m->to[0] ? of_name(f, m->to) : NULL;
			if (gone)
				gone->name[0] = 0;
			if (old)
				*of_name(f, "") = *old;
		}
		which >>= 1;
	}
}

static int
names_changed(int from, int to)
{
	int n = 0;

	for (int k = from + 1; k <= to; k++)
		n += moments[k].what == NAMES;
	return n;
}

enum { MISSING, THERE, HALF, ZEROS };

/* The files by their synced content and x bit, or by the latest, or by some of
   it, as the bits of how say: two for the content and one for the x bit. */
static void
set_content(struct file *f, int k, unsigned long how)
{
	for (int i = 0; i < FILES; i++, how >>= 3) {
		int s = last(k, SYNC_FILE, f[i].ino);
		struct file const *now = of_inode(moments[k].file, f[i].ino);
		struct file const *then = /* or what there was at first */
		    of_inode(moments[s == -1 ? 0 : s].file, f[i].ino);
		struct file const *text, *bit;
		size_t synced = then ? then->len : 0;

		if (!f[i].name[0])
			continue;
		/* What has lost its name has not changed since. */
		if (!now)
			now = then;
		text = (how & 3) == MISSING ? then : now;
		bit = how & 4 ? now : then;
		f[i].len = text ? text->len : 0;
		if (text)
			memcpy(f[i].text, text->text, text->len);
		if ((how & 3) == HALF && f[i].len > synced)
			f[i].len -= (f[i].len - synced) / 2;
		if ((how & 3) == ZEROS && f[i].len > synced)
			memset(f[i].text + synced, 0, f[i].len - synced);
		f[i].x = bit && bit->x;
	}
}

static void
make_disk(struct file const *f)
{
	if (system("rm -rf log") != 0 || mkdir("log", 0700) == -1)
		exit(1);
	for (int i = 0; i < FILES; i++) {
		char path[64];
		int fd;

		if (!f[i].name[0])
			continue;
		snprintf(path, sizeof path, "log/%.31s", f[i].name);
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
		if (fd == -1 ||
		    write(fd, f[i].text, f[i].len) != (ssize_t)f[i].len)
			exit(1);
		syscall(SYS_fchmod, fd, f[i].x ? 0744 : 0644);
		close(fd);
	}
}

static void
go_on(void)
{
	struct logdir d;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		begin(&d);
		settle(&d);
		log_line(&d, 90);
		logdir_close(&d);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	CHECK(status == 0);
}

static int
by_name(void const *a, void const *b)
{
	return strcmp(
	    ((struct file const *)a)->name, ((struct file const *)b)->name);
}

/* The numbers of the whole lines, in order; anything but them is wrong in a .s
   file. */
static int
read_lines(struct file const *f, int *to)
{
	int n = 0;
	size_t line, len = strlen(f->name);
	bool safe = len > 2 && !strcmp(f->name + len - 2, ".s");

	for (size_t i = 0; i < f->len; i += line) {
		char const *end = memchr(f->text + i, '\n', f->len - i);

		line = end ? (size_t)(end + 1 - (f->text + i)) : f->len - i;
		if (!end || line != LINE) {
			CHECK(!safe);
			continue;
		}
		to[n] = atoi(f->text + i);
		CHECK(!safe || !n || to[n] == to[n - 1] + 1);
		n++;
	}
	return n;
}

static void
check(int k)
{
	struct file f[FILES];
	int all[200], processed[200], state[200];
	int n = 0, p = 0, s = 0;
	bool there[100] = {0};

	read_files(f);
	qsort(f, FILES, sizeof *f, by_name);
	for (int i = 0; i < FILES; i++) {
		size_t len = strlen(f[i].name);

		if (!len)
			continue;
		if (f[i].name[0] == '@' && f[i].name[len - 1] == 's')
			p += read_lines(f + i, processed + p);
		if (f[i].name[0] == '@')
			n += read_lines(f + i, all + n);
		if (!strcmp(f[i].name, "state"))
			s = read_lines(f + i, state);
		CHECK(strcmp(f[i].name, "previous") != 0);
		CHECK(strcmp(f[i].name, "processed") != 0);
	}
	if (of_name(f, "current"))
		n += read_lines(of_name(f, "current"), all + n);
	for (int i = 0; i < n; i++) {
		CHECK(!i || all[i] > all[i - 1]);
		there[all[i] % 100] = true;
	}
	CHECK(there[90]);
	CHECK(s == p && !memcmp(state, processed, sizeof(int) * (size_t)s));
	/* All that was synced as current. */
	for (int i = 0; i <= k; i++) {
		struct file const *c = moments[i].what == SYNC_FILE
					   ? of_name(moments[i].file, "current")
					   : NULL;

		if (!c || c->ino != moments[i].ino)
			continue;
		for (size_t at = 0; at + LINE <= c->len; at += LINE)
			CHECK(there[atoi(c->text + at)]);
	}
}

static unsigned long
hash(struct file const *f)
{
	unsigned long h = 5381;

	for (int i = 0; i < FILES; i++) {
		if (!f[i].name[0])
			continue;
		for (char const *c = f[i].name; *c; c++)
			h = h * 33 + (unsigned char)*c;
		h = h * 33 + f[i].len * 2 + f[i].x;
		for (size_t at = 0; at < f[i].len; at += 50)
			h = h * 33 + (unsigned char)f[i].text[at];
	}
	return h;
}

static void
test_power_cuts(void)
{
	static struct file f[FILES];
	static unsigned long seen[100000];
	size_t states = 0;
	unsigned long h;

	live();
	CHECK(calls > 30 && calls < CALLS);
	for (int k = 0; k < calls && !unit_failures; k++) {
		int from = last(k, SYNC_NAMES, 0);
		int names = names_changed(from, k);

		for (unsigned int which = 0; which < 1U << names; which++)
			for (unsigned long how = 0; how < 512; how++) {
				if (from == -1)
					continue;
				memcpy(f, moments[from].file, sizeof f);
				change_names(f, from, k, which);
				set_content(f, k,
				    how | how << 9 | how << 18 | how << 27);
				h = hash(f) * 256 + (unsigned int)k;
				for (size_t i = 0; i < states && h; i++)
					if (seen[i] == h)
						h = 0;
				if (!h || states == 100000)
					continue;
				seen[states++] = h;
				make_disk(f);
				go_on();
				dir = open("log", O_RDONLY | O_DIRECTORY);
				check(k);
				close(dir);
				if (unit_failures) {
					printf("# call %d, names %u, how %lu\n",
					    k, which, how);
					return;
				}
			}
	}
	printf("# %zu states of a disk, after %d calls\n", states, calls);
	CHECK(states > 100);
}

int
main(void)
{
	char place[] = "/tmp/upkeep.power.XXXXXX";

	if (!mkdtemp(place) || chdir(place) == -1)
		return 111;
	test_power_cuts();
	unit_done("multilog/power: nothing promised is lost");
	if (system("rm -rf log") != 0 || rmdir(place) == -1)
		return 111;
	return unit_exit();
}
