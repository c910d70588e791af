/*
 * softlimit: set resource limits, then run a program under them.
 *
 * Every option acts at once, in the order given.  A value above the hard limit
 * takes the hard limit along where that is permitted; where it is not, it is
 * the hard limit that counts, and we say so: whoever asked for 100000 files
 * and got 4096 learns it now, not from the program under load.  Nothing is
 * allocated, for the limits bind us too.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

/* A limit that the system lacks is accepted, and ignored. */
enum { NONE = -1 };
#ifndef RLIMIT_AS
#define RLIMIT_AS NONE
#endif
#ifndef RLIMIT_MEMLOCK
#define RLIMIT_MEMLOCK NONE
#endif
#ifndef RLIMIT_NPROC
#define RLIMIT_NPROC NONE
#endif
#ifndef RLIMIT_RSS
#define RLIMIT_RSS NONE
#endif

/* With several letters, an option does what the rows of these letters do. */
static struct option {
	char letter;
	char const *value;
	char const *letters;
	int resource;
	char const *help;
} const options[] = {
    {'H', NULL, "", NONE, "those that follow set the hard limit too, or fail"},
    {'a', "value", "a", RLIMIT_AS, "bytes of address space"},
    {'c', "value", "c", RLIMIT_CORE, "bytes of a core file"},
    {'d', "value", "d", RLIMIT_DATA, "bytes of data segment"},
    {'f', "value", "f", RLIMIT_FSIZE, "bytes of a file written"},
    {'l', "value", "l", RLIMIT_MEMLOCK, "bytes of locked memory"},
    {'m', "value", "dsla", NONE, "-d, -s, -l and -a at once"},
    {'o', "value", "o", RLIMIT_NOFILE, "open files"},
    {'p', "value", "p", RLIMIT_NPROC, "processes of the user"},
    {'r', "value", "r", RLIMIT_RSS, "bytes of resident memory"},
    {'s', "value", "s", RLIMIT_STACK, "bytes of stack"},
    {'t', "value", "t", RLIMIT_CPU, "seconds of processor time"},
};
enum { OPTIONS = sizeof options / sizeof *options };

static struct suffix {
	char letter;
	unsigned int shift;
} const suffixes[] = {{'k', 10}, {'M', 20}, {'G', 30}};
enum { SUFFIXES = sizeof suffixes / sizeof *suffixes };

struct request {
	struct option const *option;
	char const *text;
	rlim_t value;
	bool as_hard;
	bool both;
};

static void
put_letters(buffer *b, bool with_value)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (!options[i].value != with_value)
			buffer_put(b, &options[i].letter, 1);
}

static void
put_usage(buffer *b)
{
	buffer_puts(b, "softlimit [-");
	put_letters(b, false);
	buffer_puts(b, "] [-");
	put_letters(b, true);
	buffer_puts(b, " value] ... [program [arg ...]]\n");
}

static _Noreturn void
die_usage(void)
{
	buffer_puts(buffer_2, "softlimit: usage: ");
	put_usage(buffer_2);
	buffer_flush(buffer_2);
	_exit(100);
}

static _Noreturn void
end_output(void)
{
	if (!buffer_flush(buffer_1))
		strerr_diefusys(111, "write to stdout");
	_exit(0);
}

static _Noreturn void
answer(char const *question)
{
	if (strcmp(question, "--version") == 0) {
		buffer_puts(buffer_1, "softlimit (upkeep) " VERSION "\n");
		end_output();
	}
	buffer_puts(buffer_1, "usage: ");
	put_usage(buffer_1);
	for (size_t i = 0; i < OPTIONS; i++) {
		buffer_puts(buffer_1, "  -");
		buffer_put(buffer_1, &options[i].letter, 1);
		buffer_puts(buffer_1, "  ");
		buffer_puts(buffer_1, options[i].help);
		buffer_puts(buffer_1, "\n");
	}
	buffer_puts(buffer_1,
	    "value: a number, with k, M or G behind it if you like;\n"
	    "       =, the hard limit; unlimited\n"
	    "Without a program, the limits in force are shown.\n");
	end_output();
}

static int
parse_next(int argc, char **argv, subgetopt *l)
{
	char letters[2 * OPTIONS + 1];
	size_t n = 0;

	for (size_t i = 0; i < OPTIONS; i++) {
		letters[n++] = options[i].letter;
		if (options[i].value)
			letters[n++] = ':';
	}
	letters[n] = 0;
	return subgetopt_r(argc, (char const *const *)argv, letters, l);
}

/* In decimal; the room is for UINT64_FMT bytes. */
static char const *
in_words(char *room, rlim_t value)
{
	if (value == RLIM_INFINITY)
		return "unlimited";
	room[uint64_fmt(room, (uint64_t)value)] = 0;
	return room;
}

static void
put_column(rlim_t value)
{
	char room[UINT64_FMT];
	char const *text = in_words(room, value);

	for (size_t len = strlen(text); len < 12; len++)
		buffer_puts(buffer_1, " ");
	buffer_puts(buffer_1, " ");
	buffer_puts(buffer_1, text);
}

static _Noreturn void
show(void)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		struct rlimit limit;

		if (options[i].resource == NONE)
			continue;
		if (getrlimit(options[i].resource, &limit) == -1)
			strerr_diefusys(
			    111, "read the limit of ", options[i].help);
		buffer_puts(buffer_1, "-");
		buffer_put(buffer_1, &options[i].letter, 1);
		put_column(limit.rlim_cur);
		put_column(limit.rlim_max);
		buffer_puts(buffer_1, "  ");
		buffer_puts(buffer_1, options[i].help);
		buffer_puts(buffer_1, "\n");
	}
	end_output();
}

static bool
scan_value(char const *text, struct request *r)
{
	uint64_t n;
	unsigned int shift = 0;
	size_t len;

	r->text = text;
	r->as_hard = strcmp(text, "=") == 0;
	r->value = RLIM_INFINITY;
	if (r->as_hard || strcmp(text, "unlimited") == 0)
		return true;
	/* Stops at a digit that would be too much, which is no suffix. */
	len = uint64_scan(text, &n);
	if (len == 0)
		return false;
	for (size_t i = 0; i < SUFFIXES; i++)
		if (text[len] == suffixes[i].letter)
			shift = suffixes[i].shift;
	if (text[len + (shift != 0)] || n > UINT64_MAX >> shift)
		return false;
	if (n << shift < RLIM_INFINITY)
		r->value = (rlim_t)(n << shift);
	return true;
}

static void
warn(struct request const *r, struct option const *o, rlim_t hard)
{
	char const name[] = {'-', r->option->letter, 0};
	bool one_of_many = o != r->option;
	char room[UINT64_FMT];
	char const *limit = in_words(room, hard);

	strerr_warnw(name, " ", r->text, ": hard limit is ", limit,
	    one_of_many ? " " : "", one_of_many ? o->help : "", ", using ",
	    limit);
}

static void
set(struct request const *r, struct option const *o)
{
	char const name[] = {'-', r->option->letter, 0};
	struct rlimit was, new;

	if (o->resource == NONE)
		return;
	if (getrlimit(o->resource, &was) == -1)
		strerr_diefusys(111, "read the limit of ", o->help);
	new.rlim_cur = r->as_hard ? was.rlim_max : r->value;
	new.rlim_max = was.rlim_max;
	if (r->both || new.rlim_cur > was.rlim_max)
		new.rlim_max = new.rlim_cur;
	if (setrlimit(o->resource, &new) == 0)
		return;
	/* EINVAL: so some systems say that it is more than they can do. */
	if (r->both || new.rlim_max == was.rlim_max ||
	    (errno != EPERM && errno != EINVAL))
		strerr_diefusys(111, "set ", name, " ", r->text);
	warn(r, o, was.rlim_max);
	new.rlim_cur = new.rlim_max = was.rlim_max;
	if (setrlimit(o->resource, &new) == -1)
		strerr_diefusys(111, "set ", name, " ", r->text);
}

static struct option const *
row_of(char letter)
{
	struct option const *o = options;

	while (o->letter != letter)
		o++;
	return o;
}

static void
exec_in(char const *dir, size_t dir_len, char **argv)
{
	char path[PATH_MAX];
	size_t name_len = strlen(argv[0]);

	if (dir_len == 0) {
		dir = ".";
		dir_len = 1;
	}
	if (dir_len + 1 + name_len >= sizeof path) {
		errno = ENAMETOOLONG;
		return;
	}
	memcpy(path, dir, dir_len);
	path[dir_len] = '/';
	memcpy(path + dir_len + 1, argv[0], name_len + 1);
	execve(path, argv, environ);
}

/*
 * Returns only to tell, in errno, why nothing was run.  Not execvp(3): an
 * empty element of PATH is ".", and no shell is tried.
 */
static void
run(char **argv)
{
	char const *dirs = getenv("PATH");
	int e = ENOENT;

	if (strchr(argv[0], '/')) {
		execve(argv[0], argv, environ);
		return;
	}
	if (!dirs)
		dirs = "/bin:/usr/bin";
	for (;; dirs++) {
		size_t dir_len = strcspn(dirs, ":");

		exec_in(dirs, dir_len, argv);
		if (errno != ENOENT)
			e = errno;
		if (e != ENOENT && e != EACCES && e != EPERM && e != EISDIR)
			break;
		dirs += dir_len;
		if (!*dirs)
			break;
	}
	errno = e;
}

int
main(int argc, char **argv)
{
	subgetopt l = SUBGETOPT_ZERO;
	struct request r = {0};
	bool in_vain = false;
	int letter;

	PROG = "softlimit";
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 ||
			     strcmp(argv[1], "--version") == 0))
		answer(argv[1]);
	while ((letter = parse_next(argc, argv, &l)) != -1) {
		if (letter == '?')
			die_usage();
		r.option = row_of((char)letter);
		in_vain = !r.option->value;
		if (in_vain)
			r.both = true;
		else if (!scan_value(l.arg, &r))
			die_usage();
		for (char const *p = r.option->letters; *p; p++)
			set(&r, row_of(*p));
	}
	/* -H behind all that it should be about: somebody expects more. */
	if (in_vain)
		die_usage();
	argv += l.ind;
	if (!argv[0])
		show();
	run(argv);
	strerr_diefusys(111, "run ", argv[0]);
}
