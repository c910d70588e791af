/*
 * svscan: for each directory in the current one, keep a supervise running, and
 * another one for its log/, with a pipe between the two.
 *
 * One loop: look at the directory when something has changed, or after five
 * seconds; do for each service what there is to do; wait.  Every failure in it
 * is a warning and another try, at a time that the loop waits for.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/iopause.h>
#include <skalibs/selfpipe.h>
#include <skalibs/sgetopt.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/tai.h>
#include <skalibs/types.h>

#include "svscan/care.h"
#include "svscan/directory.h"
#include "svscan/final.h"
#include "svscan/scan.h"
#include "svscan/setup.h"
#include "svscan/table.h"
#include "svscan/warn.h"
#include "svscan/watch.h"

#define USAGE "svscan [ -T ms ] [ directory ]"

#define REREAD_MS 5000 /* for what no event tells */
#define SETTLE_MS 100  /* between two looks for events */
#define KILL_MS	  1000 /* from the order to kill to doing it ourselves */

enum stage {
	STAGE_SERVING,
	STAGE_STOPPING, /* services stop, loggers drain */
	STAGE_KILLING,	/* every supervise was told to kill its service */
	STAGE_KILLED	/* so were they; what is left now cannot be killed */
};

static struct table table = TABLE_ZERO;
static struct care care;
static struct directory directory;
static struct listing seen = LISTING_ZERO; /* at the last look */
static genalloc known = GENALLOC_ZERO;	   /* of struct scan_known */
static struct watch watch;
static int signals; /* a descriptor */

static int exit_code; /* an essential service's */
static enum stage stage = STAGE_SERVING;
static int patience_ms = -1; /* with services that are to stop; -1: no end */
static tain stage_end;	     /* when the next stage comes by itself */
static tain reread;	     /* the next look */
static tain settled;	     /* not before that */

static void
in_ms(tain *deadline, int ms)
{
	tain span;

	tain_from_millisecs(&span, ms);
	tain_add_g(deadline, &span);
}

static void
look_soon(void)
{
	reread = settled;
}

/* Say what is wrong with names, unless it was so at the last look. */
static void
warn_of_names(struct listing const *now, struct listing const *before)
{
	for (size_t i = 0; i < listing_len(now); i++) {
		struct scan_entry const *e = listing_entries(now) + i;
		char const *rest = e->kind == SCAN_DIRECTORY ? "/log/run" : "";
		if (scan_is_news(
			e, listing_entries(before), listing_len(before)))
			warn_unable("stat ", e->name, rest, e->error);
	}
}

/* An unlogged service may get a logger at any time. */
static int
watch_one(struct service *s)
{
	int result;

	if (s->logged) {
		watch_forget(&watch, &s->watch);
		return 0;
	}
	result = watch_service(&watch, &s->watch, s->name);
	if (result == 1)
		look_soon();
	return result;
}

static int
watch_all(void)
{
	for (size_t i = 0; i < table_len(&table); i++)
		if (watch_one(table_get(&table, i)) == -1)
			return -1;
	return 0;
}

/* Add what is new, update what was there; false if memory was short. */
static bool
take_on(struct listing const *now)
{
	struct scan_known *k = genalloc_s(struct scan_known, &known);
	struct scan_entry *e = listing_entries(now);
	bool complete = true;

	for (size_t i = 0; i < genalloc_len(struct scan_known, &known); i++) {
		struct service *s = table_get(&table, k[i].service);
		if (k[i].fate == SCAN_GONE)
			s->listed = false;
		if (k[i].fate == SCAN_SEEN)
			complete &= service_update(s, &e[k[i].entry]) == 0;
	}
	for (size_t i = 0; i < listing_len(now); i++)
		if (e[i].verdict == SCAN_NEW && e[i].log != SCAN_LOG_UNCLEAR)
			complete &= table_add(&table, &e[i]) != NULL;
	return complete;
}

/* True if the directory was read. */
static bool
look(void)
{
	static int unreadable, unwatchable, short_of_memory;
	struct listing now = LISTING_ZERO, before;

	in_ms(&reread, REREAD_MS);
	in_ms(&settled, SETTLE_MS);
	care.look = false;
	directory_follow(&directory);
	/* Before the look, so that what comes after it is an event. */
	watch_directory(&watch);
	if (directory_read(&now) == -1 || table_list(&table, &known) == -1) {
		warn_once(&unreadable, errno, "read directory");
		listing_free(&now);
		return false;
	}
	warn_once(&unreadable, 0, "");
	scan_match(listing_entries(&now), listing_len(&now),
	    genalloc_s(struct scan_known, &known),
	    genalloc_len(struct scan_known, &known));
	warn_once(
	    &short_of_memory, take_on(&now) ? 0 : ENOMEM, "note a service");
	warn_once(&unwatchable, watch_all() == -1 ? errno : 0,
	    "watch every service for a log/run");
	warn_of_names(&now, &seen);
	before = seen;
	seen = now;
	listing_free(&before);
	return true;
}

static void
tend(void)
{
	for (size_t i = 0; i < table_len(&table);) {
		struct service *s = table_get(&table, i);
		if (care_for(&care, s)) {
			i++;
			continue;
		}
		if (logpipe_unread(&s->pipe))
			warn_unable(
			    "deliver the last output of ", s->name, "", 0);
		/* It may be back in the directory, as a new one. */
		care.look |= s->leaving;
		watch_forget(&watch, &s->watch);
		table_remove(&table, i);
	}
}

static void
leave_all(bool only_unlisted)
{
	for (size_t i = 0; i < table_len(&table); i++) {
		struct service *s = table_get(&table, i);
		if (!only_unlisted || !s->listed)
			s->leaving = true;
	}
}

static void
next_stage(void)
{
	stage++;
	stage_end = tain_infinite;
	if (stage == STAGE_STOPPING) {
		if (patience_ms >= 0)
			in_ms(&stage_end, patience_ms);
		leave_all(false);
		return;
	}
	in_ms(&stage_end, KILL_MS);
	for (size_t i = 0; i < table_len(&table); i++)
		if (stage == STAGE_KILLING)
			care_kill(table_get(&table, i));
		else
			care_kill_all(table_get(&table, i));
}

static bool
has_died(struct process *p, pid_t pid, int status)
{
	if (p->pid != pid)
		return false;
	p->pid = 0;
	p->failed = status != 0;
	return true;
}

/* Once an essential service is down for good all the others go, too. */
static void
heed_final(struct service const *s)
{
	if (stage == STAGE_SERVING && !s->leaving &&
	    final_take(s->name, &exit_code))
		next_stage();
}

/* Among our children are orphans that we know nothing of. */
static void
reap(void)
{
	int status;
	pid_t pid;

	while ((pid = wait_nohang(&status)) > 0)
		for (size_t i = 0; i < table_len(&table); i++) {
			struct service *s = table_get(&table, i);
			if (has_died(&s->service, pid, status))
				heed_final(s);
			has_died(&s->logger, pid, status);
		}
}

static void
obey(int signal)
{
	switch (signal) {
	case SIGCHLD:
		reap();
		break;
	case SIGTERM:
	case SIGINT:
		if (stage < STAGE_KILLED)
			next_stage();
		break;
	case SIGQUIT:
		_exit(0);
	case SIGHUP:
		if (stage == STAGE_SERVING && look())
			leave_all(true);
		break;
	case SIGALRM:
		reread = STAMP;
		break;
	}
}

static void
wait_for_events(void)
{
	iopause_fd x[2] = {
	    {.fd = signals, .events = IOPAUSE_READ},
	    {.fd = watch.fd, .events = IOPAUSE_READ},
	};
	static int trouble;
	int signal;

	if (iopause_g(x, 2, &care.wake) == -1) {
		/* It cannot happen, but a loop that does not wait spins. */
		warn_once(&trouble, errno, "wait for events");
		poll(NULL, 0, SETTLE_MS);
		tain_now_g();
	}
	/* The directory first: what a removed link has run may be dead, too,
	 * and must not be started again. */
	if (watch.fd != -1 && watch_read(&watch))
		look_soon();
	while ((signal = selfpipe_read()) > 0)
		obey(signal);
}

/* False when all is done. */
static bool
turn(void)
{
	if (stage == STAGE_SERVING && !tain_future(&reread))
		look();
	if (stage != STAGE_SERVING && !tain_future(&stage_end)) {
		if (stage == STAGE_KILLED)
			return false;
		next_stage();
	}
	care.wake = stage == STAGE_SERVING ? reread : stage_end;
	tend();
	if (stage != STAGE_SERVING && !table_len(&table))
		return false;
	if (care.look && stage == STAGE_SERVING) {
		look_soon();
		if (tain_less(&reread, &care.wake))
			care.wake = reread;
	}
	wait_for_events();
	return true;
}

static void
trap_signals(void)
{
	static int const trapped[] = {
	    SIGCHLD, SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGALRM};

	/* Ignored by whoever started us, no death would ever be told. */
	sig_restore(SIGCHLD);
	sig_ignore(SIGPIPE);
	signals = selfpipe_init();
	if (signals == -1)
		strerr_diefusys(111, "create pipe");
	for (size_t i = 0; i < sizeof trapped / sizeof *trapped; i++)
		if (!selfpipe_trap(trapped[i]))
			strerr_diefusys(111, "trap signals");
}

static void
answer(char const *text)
{
	_exit(buffer_putsflush(buffer_1, text) ? 0 : 111);
}

static char const *
parse(int argc, char const *const *argv)
{
	subgetopt options = SUBGETOPT_ZERO;
	unsigned int ms;
	int letter;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		answer("usage: " USAGE "\n");
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		answer("svscan (upkeep) " VERSION "\n");
	while ((letter = subgetopt_r(argc, argv, "T:", &options)) != -1) {
		if (letter != 'T' || !uint0_scan(options.arg, &ms) ||
		    ms > 1000000000)
			strerr_dieusage(100, USAGE);
		patience_ms = (int)ms;
	}
	return argv[options.ind];
}

int
main(int argc, char const *const *argv)
{
	char const *path;

	PROG = "svscan";
	if (setup_descriptors() == -1)
		_exit(111);
	path = parse(argc, argv);
	if (directory_enter(&directory, path) == -1)
		strerr_diefusys(111, "chdir to ", path);
	trap_signals();
	if (!tain_now_set_stopwatch_g())
		strerr_diefusys(111, "read the clock");
	setup_limit(&care.descriptors);
	setup_subreaper();
	reread = settled = STAMP;

	/* from here on we never die */

	if (watch_init(&watch) == -1)
		warn_unable("watch the directory, looking every 5 seconds", "",
		    "", errno);
	while (turn())
		;
	_exit(exit_code);
}
