/*
 * svstat: one line about each service named.  Also known as svok: is it
 * supervised?
 *
 * Whatever there is to say about a service is said on stdout, and the exit code
 * is 0: monitoring and configuration managers count on both.
 *
 * A status file says something about its service only while a supervise lives.
 * One that dies leaves it as it was, so supervise/ok is asked before the
 * file is read and again after.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/sgetopt.h>
#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>

#include "supervise/client.h"
#include "svstat/fields.h"
#include "svstat/view.h"

enum mode { MODE_LINE, MODE_JSON, MODE_FIELDS, MODE_QUIET };

/* LSB's codes, for every mode but the classic one. */
enum { CODE_SOME_DOWN = 3, CODE_NOT_SUPERVISED = 4 };

static char const usage[] = "svstat [-j | -o field,... | -q] [service ...]\n";

static enum mode mode;
static struct fields fields;
static struct client client;
static int code;

static _Noreturn void
die(char const *what)
{
	client_die(what, NULL, NULL);
}

static void
put_help(void)
{
	if (strcmp(PROG, "svok") == 0) {
		buffer_puts(buffer_1,
		    "usage: svok service\n"
		    "exit code: 0 supervised, 100 not, 111 trouble\n");
		return;
	}
	buffer_puts(buffer_1, "usage: ");
	buffer_puts(buffer_1, usage);
	buffer_puts(buffer_1,
	    "  -j  one JSON object a line\n"
	    "  -q  silent; exit code 0 all up, 3 some down,"
	    " 4 some not supervised\n"
	    "  -o  the fields named, separated by blanks, of:");
	for (size_t i = 0; fields_name(i); i++) {
		buffer_puts(buffer_1, i % 8 ? " " : "\n      ");
		buffer_puts(buffer_1, fields_name(i));
	}
	buffer_puts(buffer_1, "\n");
}

static _Noreturn void
answer(char const *question)
{
	if (strcmp(question, "--version") == 0) {
		buffer_puts(buffer_1, PROG);
		buffer_puts(buffer_1, " (upkeep) " VERSION "\n");
	} else {
		put_help();
	}
	if (!buffer_flush(buffer_1))
		die("write to stdout");
	_exit(0);
}

/* Note where the look at a service ended, and why. */
static void
stop(struct view *r, enum view_stage stage)
{
	r->error = errno;
	r->stage = stage;
}

static bool
note_alive(struct view *r, int alive)
{
	if (alive == -1)
		stop(r, VIEW_OPEN_OK);
	else if (!alive)
		stop(r, VIEW_NOT_RUNNING);
	return alive == 1;
}

static bool
see_status(struct view *r)
{
	bool with_report = mode == MODE_JSON || mode == MODE_FIELDS;

	if ((with_report ? client_read(&r->status, &r->report)
			 : status_read(&r->status)) == 0)
		return true;
	stop(r, errno == EPROTO || errno == EISDIR || errno == EIO
		    ? VIEW_READ_STATUS
		    : VIEW_OPEN_STATUS);
	return false;
}

/* Look at the service that is the current directory. */
static void
look(struct view *r)
{
	struct stat st;
	int ok;

	if (stat("down", &st) == 0) {
		r->down_file = true;
	} else if (errno != ENOENT) {
		stop(r, VIEW_STAT_DOWN);
		return;
	}
	ok = client_open_ok();
	if (ok == -1) {
		note_alive(r, errno == ENXIO ? 0 : -1);
		return;
	}
	if (see_status(r) && note_alive(r, client_ask_ok(ok)))
		r->stage = VIEW_COMPLETE;
	fd_close(ok);
	if (mode != MODE_LINE && view_is_up(r))
		r->pgid = getpgid((pid_t)r->status.pid);
}

static int
write_report(stralloc *out, struct view const *r, time_t now)
{
	switch (mode) {
	case MODE_LINE:
		return view_line(out, r, now);
	case MODE_JSON:
		return fields_json(out, r, now);
	case MODE_FIELDS:
		return fields_columns(out, &fields, r, now);
	case MODE_QUIET:
		break;
	}
	return 0;
}

static void
note_code(struct view const *r)
{
	if (mode == MODE_LINE || code == CODE_NOT_SUPERVISED)
		return;
	if (r->stage != VIEW_COMPLETE)
		code = CODE_NOT_SUPERVISED;
	else if (mode == MODE_QUIET && !view_is_up(r))
		code = CODE_SOME_DOWN;
}

/* What a program reads is the name itself. */
static char const *
shown(char const *name)
{
	static char text[4 * PATH_MAX];
	static int terminal = -1;

	if (terminal == -1)
		terminal = mode != MODE_JSON && isatty(1);
	if (terminal)
		message_show(text, sizeof text, name);
	return terminal ? text : name;
}

static void
report(char const *name)
{
	static stralloc out = STRALLOC_ZERO;
	static struct view r;
	struct timespec now;

	r = (struct view){.name = shown(name), .pgid = -1};
	if (client_enter(&client, name) == -1)
		stop(&r, VIEW_CHDIR);
	else
		look(&r);
	note_code(&r);
	/* Not time(2), which lags: a start just now would be to come. */
	clock_gettime(CLOCK_REALTIME, &now);
	out.len = 0;
	if (write_report(&out, &r, now.tv_sec) == -1)
		die("report");
	if (buffer_put(buffer_1, out.s, out.len) == -1)
		die("write to stdout");
}

static int
is_shown(struct dirent const *entry)
{
	return entry->d_name[0] != '.';
}

/* A logger is one if svscan takes it for one. */
static void
report_logger(char const *name)
{
	static stralloc path = STRALLOC_ZERO;
	struct stat st;

	if (client_return(&client) == -1)
		die("set directory");
	path.len = 0;
	if (!stralloc_cats(&path, name) || !stralloc_cats(&path, "/log/run") ||
	    !stralloc_0(&path))
		die("report");
	if (stat(path.s, &st) == -1)
		return;
	path.s[path.len - sizeof "/run"] = 0;
	report(path.s);
}

/* Every service of a directory, with its logger. */
static void
report_all(char const *directory)
{
	struct dirent **entries;
	struct stat st;
	int n;

	if (chdir(directory) == -1 || client_begin(&client) == -1)
		strerr_dief(111, "unable to chdir to ", directory, ": ",
		    message_words(errno));
	n = scandir(".", &entries, is_shown, alphasort);
	if (n == -1)
		strerr_dief(111, "unable to read directory ", directory, ": ",
		    message_words(errno));
	for (int i = 0; i < n; i++) {
		if (client_return(&client) == -1)
			die("set directory");
		if (stat(entries[i]->d_name, &st) == 0 && S_ISDIR(st.st_mode)) {
			report(entries[i]->d_name);
			report_logger(entries[i]->d_name);
		}
		free(entries[i]);
	}
	free(entries);
}

static int
svok(char const *name)
{
	int ok, alive;

	if (!name)
		strerr_dieusage(100, "svok service");
	if (client_begin(&client) == -1 || client_enter(&client, name) == -1)
		client_die("chdir to", name, NULL);
	ok = client_open_ok();
	if (ok == -1 && (errno == ENXIO || errno == ENOENT))
		return 100;
	if (ok == -1 || (alive = client_ask_ok(ok)) == -1)
		client_die("open", name, CONTROL_OK);
	return alive ? 0 : 100;
}

static _Noreturn void
die_usage(void)
{
	buffer_puts(buffer_2, "svstat: usage: ");
	buffer_putsflush(buffer_2, usage);
	_exit(100);
}

/* The index of the first word behind the options. */
static int
parse(int argc, char const *const *argv)
{
	subgetopt l = SUBGETOPT_ZERO;
	int letter;

	while ((letter = subgetopt_r(argc, argv, "jo:q", &l)) != -1) {
		if (mode != MODE_LINE)
			die_usage();
		if (letter == 'j')
			mode = MODE_JSON;
		else if (letter == 'q')
			mode = MODE_QUIET;
		else if (letter == 'o' && fields_parse(&fields, l.arg) == 0)
			mode = MODE_FIELDS;
		else
			die_usage();
	}
	return l.ind;
}

static int
svstat(int argc, char **argv)
{
	char const *svdir = getenv("SVDIR");

	argv += parse(argc, (char const *const *)argv);
	if (client_begin(&client) == -1)
		die("open current directory");
	if (!*argv && svdir && *svdir)
		report_all(svdir);
	for (; *argv; argv++)
		report(*argv);
	if (!buffer_flush(buffer_1))
		die("write to stdout");
	return code;
}

int
main(int argc, char **argv)
{
	char const *slash = argc ? strrchr(argv[0], '/') : NULL;
	bool is_svok;

	is_svok = argc && strcmp(slash ? slash + 1 : argv[0], "svok") == 0;
	PROG = is_svok ? "svok" : "svstat";
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 ||
			     strcmp(argv[1], "--version") == 0))
		answer(argv[1]);
	return is_svok ? svok(argv[1]) : svstat(argc, argv);
}
