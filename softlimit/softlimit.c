/*
 * softlimit: set resource limits, then run a program under them.
 *
 * Every option acts at once, in the order given.  A value above the hard limit
 * raises the hard limit where that is permitted; where it is not, softlimit
 * uses the hard limit and says so: whoever asked for 100000 files and got 4096
 * must learn it now, not from the program under load.  Nothing is allocated,
 * because the limits bind softlimit too.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/exec.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "supervise/error.h"

#define USAGE "softlimit [-H] [-acdflmoprst value] ... [program [arg ...]]"

static char const help[] =
    "usage: " USAGE "\n"
    "  -H  the options after it set the hard limit too, or fail\n"
    "  -a  bytes of address space\n"
    "  -c  bytes of a core file\n"
    "  -d  bytes of data segment\n"
    "  -f  bytes of a file written\n"
    "  -l  bytes of locked memory\n"
    "  -m  -d, -s, -l and -a at once, as far as the hard limits allow\n"
    "  -o  open files\n"
    "  -p  processes of the user\n"
    "  -r  bytes of resident memory\n"
    "  -s  bytes of stack\n"
    "  -t  seconds of processor time\n"
    "value: a number, which k, M or G may follow;\n"
    "       =, the hard limit; unlimited\n"
    "Without a program, softlimit prints the limits in force.\n";

static struct limit {
	char letter;
	bool memory;
	int resource;
	char const *what;
} const limits[] = {
    {'a', true, RLIMIT_AS, "bytes of address space"},
    {'c', false, RLIMIT_CORE, "bytes of a core file"},
    {'d', true, RLIMIT_DATA, "bytes of data segment"},
    {'f', false, RLIMIT_FSIZE, "bytes of a file written"},
    {'l', true, RLIMIT_MEMLOCK, "bytes of locked memory"},
    {'o', false, RLIMIT_NOFILE, "open files"},
    {'p', false, RLIMIT_NPROC, "processes of the user"},
    {'r', false, RLIMIT_RSS, "bytes of resident memory"},
    {'s', true, RLIMIT_STACK, "bytes of stack"},
    {'t', false, RLIMIT_CPU, "seconds of processor time"},
};
enum { LIMITS = sizeof limits / sizeof *limits };

struct request {
	char letter;
	char const *text;
	rlim_t value;
	bool as_hard;
	bool both;
};

/* Prints what is in buffer_1, and this after it. */
static _Noreturn void
end_with(char const *text)
{
	if (buffer_puts(buffer_1, text) == -1 || !buffer_flush(buffer_1))
		strerr_diefu(111, "write to stdout: ", error_words(errno));
	_exit(0);
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

static struct rlimit
get(struct limit const *l)
{
	struct rlimit limit;

	if (getrlimit(l->resource, &limit) == -1)
		strerr_diefu(111, "read the limit of ", l->what, ": ",
		    error_words(errno));
	return limit;
}

static void
put_column(rlim_t value)
{
	char room[UINT64_FMT];
	char const *text = in_words(room, value);
	size_t len = strlen(text);

	buffer_put(buffer_1, "             ", len < 12 ? 13 - len : 1);
	buffer_put(buffer_1, text, len);
}

static _Noreturn void
show(void)
{
	for (size_t i = 0; i < LIMITS; i++) {
		struct rlimit limit = get(&limits[i]);

		buffer_put(buffer_1, (char const[]){'-', limits[i].letter}, 2);
		put_column(limit.rlim_cur);
		put_column(limit.rlim_max);
		buffer_puts(buffer_1, "  ");
		buffer_puts(buffer_1, limits[i].what);
		buffer_puts(buffer_1, "\n");
	}
	end_with("");
}

static bool
scan_value(char const *text, struct request *r)
{
	static char const suffixes[] = "kMG";
	char const *suffix;
	unsigned int shift;
	uint64_t n;
	size_t len;

	r->text = text;
	r->as_hard = strcmp(text, "=") == 0;
	r->value = RLIM_INFINITY;
	if (r->as_hard || strcmp(text, "unlimited") == 0)
		return true;
	/* Stops at a digit that would overflow, which is no suffix. */
	len = uint64_scan(text, &n);
	suffix = strchr(suffixes, text[len]);
	if (len == 0 || !suffix || (*suffix && text[len + 1]))
		return false;
	shift = *suffix ? 10 * (unsigned int)(suffix - suffixes + 1) : 0;
	if (n > UINT64_MAX >> shift)
		return false;
	if (n << shift < RLIM_INFINITY)
		r->value = (rlim_t)(n << shift);
	return true;
}

/*
 * The program must run whether or not anybody reads this: do not wait for room
 * in a pipe, and do not die because its reader is gone, because of our own -f,
 * or because another job has the terminal.
 */
static void
warn(struct request const *r, rlim_t hard)
{
	int const deadly[] = {SIGPIPE, SIGXFSZ, SIGTTOU};
	struct sigaction const ignore = {.sa_handler = SIG_IGN};
	struct sigaction action[3];
	struct pollfd err = {.fd = 2, .events = POLLOUT};
	char room[UINT64_FMT];
	char const *limit = in_words(room, hard);

	if (poll(&err, 1, 0) != 1 || err.revents != POLLOUT)
		return;
	for (int i = 0; i < 3; i++)
		sigaction(deadly[i], &ignore, &action[i]);
	strerr_warnw((char const[]){'-', r->letter, 0}, " ", r->text,
	    ": hard limit is ", limit, ", using ", limit);
	for (int i = 0; i < 3; i++)
		sigaction(deadly[i], &action[i], NULL);
}

/* Nobody asked by name for what -m implies: raise no hard limit, say nothing.
 */
static void
set(struct request const *r, struct limit const *l)
{
	struct rlimit was = get(l), new = was;

	new.rlim_cur = r->as_hard ? was.rlim_max : r->value;
	if (r->letter == 'm' && new.rlim_cur > was.rlim_max)
		new.rlim_cur = was.rlim_max;
	if (r->both || new.rlim_cur > was.rlim_max)
		new.rlim_max = new.rlim_cur;
	if (setrlimit(l->resource, &new) == 0)
		return;
	if (errno == EPERM && !r->both && new.rlim_max > was.rlim_max) {
		warn(r, was.rlim_max);
		new.rlim_cur = new.rlim_max = was.rlim_max;
		if (setrlimit(l->resource, &new) == 0)
			return;
	}
	strerr_diefu(111, "set ", (char const[]){'-', r->letter, 0}, " ",
	    r->text, ": ", error_words(errno));
}

int
main(int argc, char const *const *argv)
{
	subgetopt l = SUBGETOPT_ZERO;
	struct request r = {0};
	bool in_vain = false;
	int letter;

	PROG = "softlimit";
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		end_with(help);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		end_with("softlimit (upkeep) " VERSION "\n");
	while ((letter = subgetopt_r(
		    argc, argv, "Ha:c:d:f:l:m:o:p:r:s:t:", &l)) != -1) {
		r.letter = (char)letter;
		in_vain = letter == 'H';
		if (in_vain)
			r.both = true;
		else if (letter == '?' || !scan_value(l.arg, &r))
			strerr_dieusage(100, USAGE);
		for (size_t i = 0; i < LIMITS; i++)
			if (limits[i].letter == letter ||
			    (letter == 'm' && limits[i].memory))
				set(&r, &limits[i]);
	}
	/* -H after all options that it could apply to: a mistake. */
	if (in_vain)
		strerr_dieusage(100, USAGE);
	argv += l.ind;
	if (!argv[0])
		show();
	/* exec() leaves errno alone if PATH is empty. */
	errno = ENOENT;
	exec(argv);
	strerr_diefu(111, "run ", argv[0], ": ", error_words(errno));
}
