/*
 * svscan: for each directory in the current one, keep a supervise running, and
 * another one for its log/, with a pipe between the two.
 *
 * One loop: look at the directory when it is time to; do what there is to do
 * for the services whose moment has come; wait.  Every failure in it is a
 * warning and another try, at a time that the loop waits for.
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
#include <skalibs/strerr.h>
#include <skalibs/tai.h>
#include <skalibs/types.h>

#include "svscan/care.h"
#include "svscan/catchall.h"
#include "svscan/directory.h"
#include "svscan/final.h"
#include "svscan/look.h"
#include "svscan/moment.h"
#include "svscan/queue.h"
#include "svscan/setup.h"
#include "svscan/spawn.h"
#include "svscan/table.h"
#include "svscan/trap.h"
#include "svscan/warn.h"
#include "svscan/watch.h"

#define USAGE "svscan [ -T ms ] [ directory [ log-service ] ]"

#define KILL_MS	    1000 /* from the order to kill to doing it ourselves */
#define PAUSE_MS    100	 /* when we cannot wait for events */
#define TEND_MOST   64	 /* services at a time */
#define MANY_DEATHS 32	 /* at a time */

enum stage {
	STAGE_SERVING,
	STAGE_STOPPING, /* services stop, loggers drain */
	STAGE_KILLING,	/* every supervise was told to kill its service */
	STAGE_KILLED	/* so were they */
};

static struct table table;
static struct queue queue;
static struct care care = {.table = &table, .output = -1, .errors = -1};
static struct look look;
static int signals; /* a descriptor */

static bool deaths = true; /* children may have died */
static tain next_reap;	   /* wait for them not before that */

static int exit_code; /* an essential service's */
static enum stage stage = STAGE_SERVING;
static int patience_ms = -1; /* with services that are to stop; -1: no end */
static tain stage_end;	     /* when the next stage comes by itself */

static void
take_down(struct service *s)
{
	s->leaving = true;
	watch_forget(&look.watch, &s->watch);
	queue_at(&queue, s, &STAMP);
}

static void
forget(struct service *s)
{
	if (logpipe_unread(&s->pipe))
		warn_unable("deliver the last output of ", s->name, "", 0);
	/* It may be back in the directory, as a new one. */
	if (s->leaving)
		look_soon(&look, false);
	if (s == look.catchall)
		look.catchall = NULL;
	watch_forget(&look.watch, &s->watch);
	table_remove(&table, s);
}

/* Those whose turn has come, but not so many that events would have to wait. */
static void
tend(void)
{
	struct service *s;

	for (int i = 0; i < TEND_MOST; i++) {
		s = queue_first(&queue);
		if (!s || tain_future(&s->due))
			break;
		queue_remove(&queue, s);
		if (!care_for(&care, s))
			forget(s);
		else if (tain_less(&care.wake, &tain_infinite))
			queue_at(&queue, s, &care.wake);
	}
	if (care.look)
		look_soon(&look, false);
	care.look = false;
	/* What the last ones had to say was for the log service, too. */
	if (look.catchall && stage != STAGE_SERVING && table_len(&table) == 1 &&
	    !look.catchall->leaving) {
		catchall_end(&care);
		take_down(look.catchall);
	}
}

static void
take_down_all(bool only_unlisted)
{
	for (size_t i = 0; i < table_len(&table); i++) {
		struct service *s = table_get(&table, i);
		if (s != look.catchall && (!only_unlisted || !s->listed))
			take_down(s);
	}
}

static void
next_stage(void)
{
	stage++;
	stage_end = tain_infinite;
	if (stage == STAGE_STOPPING) {
		watch_end(&look.watch);
		if (patience_ms >= 0)
			moment_in(&stage_end, patience_ms);
		take_down_all(false);
		return;
	}
	moment_in(&stage_end, KILL_MS);
	for (size_t i = 0; i < table_len(&table); i++) {
		struct service *s = table_get(&table, i);
		/* The log service still has to read what the others said. */
		if (s == look.catchall && !s->leaving)
			continue;
		if (stage == STAGE_KILLING)
			care_kill(s);
		else
			care_kill_all(s);
	}
}

/* What is left now cannot be killed, but for the log service. */
static void
give_up(void)
{
	if (look.catchall)
		care_kill_all(look.catchall);
}

/* Once an essential service is down for good all the others go, too. */
static void
heed_final(struct service const *s)
{
	if (stage == STAGE_SERVING && !s->leaving &&
	    final_take(s->name, &exit_code))
		next_stage();
}

/* Killed by its order before it could take it, while there was nothing that it
 * could have left behind. */
static bool
ended_as_told(struct process const *p, int status)
{
	return status == 0 ||
	       (p->fresh && WIFSIGNALED(status) && WTERMSIG(status) == p->told);
}

static void
note_death(pid_t pid, int status)
{
	struct process *p;
	struct service *s = table_ended(&table, pid, &p);

	/* Among our children are orphans that we know nothing of. */
	if (!s)
		return;
	p->failed = !ended_as_told(p, status);
	if (p == &s->service)
		heed_final(s);
	queue_at(&queue, s, &STAMP);
}

static void
ask_for(struct process const *p)
{
	pid_t pid = p->pid;
	int status;

	if (pid && waitpid_nointr(pid, &status, WNOHANG) == pid)
		note_death(pid, status);
}

/*
 * To find a child that has died the kernel looks at one after the other.  With
 * ten thousand of them, when many die it is cheaper to ask for each that we
 * know, and to let some more die before the next time.
 */
static void
reap(void)
{
	int status, found = 0;
	tain began;
	pid_t pid;

	tain_now_g();
	began = STAMP;
	deaths = false;
	while ((pid = wait_nohang(&status)) > 0) {
		note_death(pid, status);
		if (++found != MANY_DEATHS)
			continue;
		for (size_t i = 0; i < table_len(&table); i++) {
			ask_for(&table_get(&table, i)->service);
			ask_for(&table_get(&table, i)->logger);
		}
	}
	moment_to_go_on(&next_reap, &began, 4);
}

static void
obey(int signal)
{
	switch (signal) {
	case SIGCHLD:
		deaths = true;
		break;
	case SIGTERM:
	case SIGINT:
		if (stage < STAGE_KILLED)
			next_stage();
		break;
	case SIGQUIT:
		_exit(0);
	case SIGHUP:
		look_soon(&look, true);
		if (stage == STAGE_SERVING && look_now(&look))
			take_down_all(true);
		break;
	case SIGALRM:
		look_soon(&look, true);
		break;
	}
}

/* The next moment at which there is something to do. */
static tain const *
next_moment(void)
{
	struct service const *s = queue_first(&queue);
	tain const *next = stage == STAGE_SERVING ? &look.next : &stage_end;

	if (s && tain_less(&s->due, next))
		next = &s->due;
	return deaths && tain_less(&next_reap, next) ? &next_reap : next;
}

static void
wait_for_events(void)
{
	iopause_fd x[2] = {
	    {.fd = signals, .events = IOPAUSE_READ},
	    {.fd = look.watch.fd, .events = IOPAUSE_READ},
	};
	static int trouble;
	int signal;

	if (iopause_g(x, 2, next_moment()) == -1) {
		/* It cannot happen, but a loop that does not wait spins. */
		warn_once(&trouble, errno, "wait for events");
		poll(NULL, 0, PAUSE_MS);
		tain_now_g();
	}
	/* The directory first: what a removed link has run may be dead, too,
	 * and must not be started again. */
	if (look.watch.fd != -1)
		look_read(&look);
	while ((signal = selfpipe_read()) > 0)
		obey(signal);
}

/* False when all is done. */
static bool
turn(void)
{
	if (deaths && !tain_future(&next_reap))
		reap();
	if (stage == STAGE_SERVING && !tain_future(&look.next))
		look_now(&look);
	if (stage != STAGE_SERVING && !tain_future(&stage_end)) {
		if (stage == STAGE_KILLED) {
			give_up();
			return false;
		}
		next_stage();
	}
	tend();
	if (stage != STAGE_SERVING && !table_len(&table))
		return false;
	wait_for_events();
	return true;
}

static void
answer(char const *text)
{
	_exit(buffer_putsflush(buffer_1, text) ? 0 : 111);
}

/* What follows the options: at most two arguments count. */
static char const *const *
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
	return argv + options.ind;
}

static void
use_log_service(char const *name)
{
	look.catchall = look_add_catchall(&look, name);
	if (!look.catchall || catchall_begin(&care, look.catchall) == -1)
		strerr_diefusys(111, "use log service ", name);
}

int
main(int argc, char const *const *argv)
{
	char const *const *arguments;

	trap_early();
	PROG = "svscan";
	if (setup_descriptors() == -1)
		_exit(111);
	arguments = parse(argc, argv);
	if (directory_enter(&look.directory, arguments[0]) == -1)
		strerr_diefusys(111, "chdir to ", arguments[0]);
	signals = trap_begin();
	if (signals == -1)
		strerr_diefusys(111, "trap signals");
	if (!tain_now_set_stopwatch_g())
		strerr_diefusys(111, "read the clock");
	setup_limit(&care.descriptors);
	setup_subreaper();
	look_begin(&look, &table, &queue);
	if (arguments[0] && arguments[1])
		use_log_service(arguments[1]);

	/* from here on we never die */
	while (turn())
		;
	_exit(exit_code);
}
