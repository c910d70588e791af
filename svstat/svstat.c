/*
 * svstat: one line about each service named.  Also known as svok: is it
 * supervised?
 *
 * Everything about a service goes to stdout, and the exit code is 0: monitoring
 * and configuration managers rely on both.
 *
 * A status is true only while supervise is running, and stays behind when it
 * dies.  So open supervise/ok before reading the status, and ask it after.
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

#include <skalibs/djbunix.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include "supervise/client.h"
#include "svstat/fields.h"
#include "svstat/text.h"
#include "svstat/view.h"

/* LSB's codes, for every mode but the classic one. */
enum { CODE_SOME_DOWN = 3, CODE_NOT_SUPERVISED = 4 };

enum { OUT_MAX = 16384 }; /* bytes to collect before writing */

#define USAGE "svstat [-l | -j | -o field,... | -q] [service ...]"

static char const help[] =
    "usage: " USAGE "\n"
    "  -l  a table for people\n"
    "  -j  one JSON object a line\n"
    "  -q  silent; exit code 0 all up, 3 some down, 4 some not supervised\n"
    "  -o  the fields named, separated by blanks, of:\n"
    "      name state up wantedup normallyup ready paused pid pgid want since\n"
    "      ready_since updownfor readyfor attempts starts deaths exit_code\n"
    "      exit_signal signal ran_ms leftovers error status_text, and s6's\n"
    "      names: exitcode signum updownsince readysince\n"
    "Without a service: all in the directory $SVDIR.\n";

static char mode; /* the option given, or 0 for the classic line */
static struct fields fields;
static struct client client;
static struct text out;
static struct listing listing;
static int code;

static void
flush(void)
{
	if (out.failed || listing.cells.failed)
		client_die("report", NULL, NULL);
	errno = 0;
	if (allwrite(1, out.bytes.s, out.bytes.len) < out.bytes.len)
		client_die("write to stdout", NULL, NULL);
	out.bytes.len = 0;
}

/* Look at the service that is the current directory.  How far that went, and
 * errno. */
static enum view_stage
look(struct view *v)
{
	bool brief = !mode || mode == 'q';
	enum view_stage stage;
	struct stat st;
	int ok, alive;

	v->down_file = stat("down", &st) == 0;
	if (!v->down_file && errno != ENOENT)
		return VIEW_STAT_DOWN;
	ok = client_open_ok();
	if (ok == -1)
		return errno == ENXIO ? VIEW_NOT_RUNNING : VIEW_OPEN_OK;
	if ((brief ? status_read(&v->status)
		   : client_read(&v->status, &v->report, CLIENT_TRIES)) != -1) {
		alive = client_ask_ok(ok);
		stage = alive == 1   ? VIEW_COMPLETE
			: alive == 0 ? VIEW_NOT_RUNNING
				     : VIEW_OPEN_OK;
	} else {
		stage = errno == EPROTO || errno == EISDIR || errno == EIO
			    ? VIEW_READ_STATUS
			    : VIEW_OPEN_STATUS;
	}
	fd_close(ok);
	return stage;
}

/* A terminal gets the name escaped, a program as it is. */
static char const *
shown(char const *name)
{
	static char text[4 * PATH_MAX];
	static int terminal = -1;

	if (terminal == -1)
		terminal = mode == 'l' || ((!mode || mode == 'o') && isatty(1));
	if (terminal)
		message_show(text, sizeof text, name);
	return terminal ? text : name;
}

static void
report(char const *name)
{
	struct view v = {.name = shown(name), .pgid = -1};
	struct timespec now;

	v.stage = client_enter(&client, name) == -1 ? VIEW_CHDIR : look(&v);
	v.error = errno;
	if (view_is_up(&v) && (mode == 'j' || mode == 'o'))
		v.pgid = getpgid((pid_t)v.status.pid);
	if (mode && v.stage != VIEW_COMPLETE)
		code = CODE_NOT_SUPERVISED;
	else if (mode == 'q' && !code && !view_is_up(&v))
		code = CODE_SOME_DOWN;
	/* Not time(2): it lags, and a start just now would be in the future. */
	clock_gettime(CLOCK_REALTIME, &now);
	if (!mode)
		view_line(&out, &v, now.tv_sec);
	else if (mode == 'l')
		fields_row(&listing, &v, now.tv_sec);
	else if (mode == 'j')
		fields_json(&out, &v, now.tv_sec);
	else if (mode == 'o')
		fields_columns(&out, &fields, &v, now.tv_sec);
	if (out.bytes.len > OUT_MAX)
		flush();
}

static int
is_service(struct dirent const *entry)
{
	struct stat st;

	return entry->d_name[0] != '.' && stat(entry->d_name, &st) == 0 &&
	       S_ISDIR(st.st_mode);
}

/* Every service of a directory, each with its logger, as svscan sees it. */
static void
report_all(char const *directory)
{
	char log[NAME_MAX + sizeof "/log/run"];
	struct dirent **entries;
	struct stat st;
	int n;

	if (chdir(directory) == -1 || client_begin(&client) == -1)
		client_die("chdir to", directory, NULL);
	n = scandir(".", &entries, is_service, alphasort);
	if (n == -1)
		client_die("read directory", directory, NULL);
	for (int i = 0; i < n; i++) {
		report(entries[i]->d_name);
		if (client_return(&client) == -1)
			client_die("set directory", NULL, NULL);
		message_join(log, sizeof log, entries[i]->d_name, "/log/run");
		if (stat(log, &st) == 0) {
			*strrchr(log, '/') = 0;
			report(log);
		}
	}
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

/* The index of the first word after the options. */
static int
parse(int argc, char const *const *argv)
{
	subgetopt l = SUBGETOPT_ZERO;
	int letter;

	while ((letter = subgetopt_r(argc, argv, "ljo:q", &l)) != -1) {
		if (mode || letter == '?' ||
		    (letter == 'o' && fields_parse(&fields, l.arg) == -1))
			strerr_dieusage(100, USAGE);
		mode = (char)letter;
	}
	return l.ind;
}

int
main(int argc, char **argv)
{
	char const *svdir = getenv("SVDIR");
	char const *slash = argc ? strrchr(argv[0], '/') : NULL;

	PROG = "svstat";
	if (argc && strcmp(slash ? slash + 1 : argv[0], "svok") == 0) {
		PROG = "svok";
		client_answer(argc, argv,
		    "usage: svok service\n"
		    "exit code: 0 supervised, 100 not, 111 trouble\n",
		    "svok (upkeep) " VERSION "\n");
		return svok(argv[1]);
	}
	client_answer(argc, argv, help, "svstat (upkeep) " VERSION "\n");
	argv += parse(argc, (char const *const *)argv);
	if (!*argv && !(svdir && *svdir))
		/* The exit code is 0, as in 0.76. */
		strerr_warn("svstat: usage: " USAGE ", or set SVDIR");
	if (client_begin(&client) == -1)
		client_die("open current directory", NULL, NULL);
	if (mode == 'l')
		fields_row(&listing, NULL, 0);
	if (!*argv && svdir && *svdir)
		report_all(svdir);
	for (; *argv; argv++)
		report(*argv);
	if (mode == 'l')
		fields_table(&out, &listing);
	flush();
	return code;
}
