/*
 * svscan: for each directory in the current one, keep a supervise running, and
 * another one for its log/, with a pipe between the two.
 *
 * One loop: scan the directory when it is time to; do what there is to do for
 * each service; wait.  Every failure in it is a warning and
 * another try, at a time that the loop waits for.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <skalibs/buffer.h>
#include <skalibs/direntry.h>
#include <skalibs/djbunix.h>
#include <skalibs/iopause.h>
#include <skalibs/selfpipe.h>
#include <skalibs/sgetopt.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/tai.h>
#include <skalibs/types.h>

#include "supervise/message.h"
#include "svscan/files.h"
#include "svscan/linux.h"
#include "svscan/rescan.h"
#include "svscan/service.h"
#include "svscan/spawn.h"

#define USAGE "svscan [ -T ms ] [ directory [ log-service ] ]"

#define KILL_S	    1	/* from the order to kill to doing it ourselves */
#define PAUSE_MS    100 /* when we cannot wait for events */
#define TEND_MOST   64	/* services at a time */
#define MANY_DEATHS 32	/* at a time */

enum stage {
	STAGE_SERVING,
	STAGE_STOPPING, /* services stop, loggers drain */
	STAGE_KILLING,	/* every supervise was told to kill its service */
	STAGE_KILLED	/* so were they */
};

static struct services all = {.own = {.output = -1, .errors = -1}};
static struct rescan rescan;
static int signals;			 /* a descriptor */
static sig_atomic_t volatile came[NSIG]; /* before that was there */

static bool deaths = true; /* children may have died */
static tain next_reap;	   /* wait for them not before that */

static int exit_code; /* an essential service's */
static enum stage stage = STAGE_SERVING;
static int patience_ms = -1; /* with services that are to stop; -1: no end */
static tain stage_end;	     /* when the next stage comes by itself */

static void
take_down(bool only_unlisted)
{
	for (struct entry *s = all.table.first; s; s = s->next)
		if (!only_unlisted || !s->wanted)
			service_take_down(&all, s);
}

static void
next_stage(void)
{
	stage++;
	stage_end = tain_infinite;
	service_count(&all);
	if (stage == STAGE_STOPPING) {
		watch_forget(&all.watch, &all.watch.directory);
		if (patience_ms >= 0) {
			tain_from_millisecs(&stage_end, patience_ms);
			tain_add_g(&stage_end, &stage_end);
		}
		take_down(false);
		return;
	}
	tain_addsec_g(&stage_end, KILL_S);
	for (struct entry *s = all.table.first; s; s = s->next) {
		/* What is killed has had its last words: its logger may read
		 * them, and the log service those of all. */
		if (s->kind == KIND_LOG_SERVICE && !s->leaving)
			continue;
		if (stage == STAGE_KILLING && s->kind != KIND_SERVICE &&
		    s->users)
			continue;
		s->tries = SERVICE_TRIES;
		if (stage == STAGE_KILLED)
			order_kill_all(s);
		else
			order_kill(s);
	}
}

static void
note_end(struct entry *s, int status)
{
	/* Once an essential service is down for good the others go, too. */
	if (s->kind == KIND_SERVICE && stage == STAGE_SERVING && !s->leaving &&
	    order_take_final(s, &exit_code))
		next_stage();
	service_ended(s, status);
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
		struct entry *s = table_child(&all.table, pid);

		/* There are orphans that we know nothing of. */
		if (s)
			note_end(s, status);
		if (++found != MANY_DEATHS)
			continue;
		for (s = all.table.first; s; s = s->next)
			if (s->pid &&
			    waitpid_nointr(s->pid, &status, WNOHANG) == s->pid)
				note_end(s, status);
	}
	/* Half of the time, at most. */
	tain_now_g();
	tain_sub(&next_reap, &STAMP, &began);
	tain_add_g(&next_reap, &next_reap);
}

/* Loggers come before their services, as they were added later. */
static void
tend_all(void)
{
	struct entry *next = all.table.first, *s;
	int left = TEND_MOST;

	all.next = tain_infinite;
	service_count(&all);
	while ((s = next) && left > 0) {
		next = s->next;
		if (s->waits && !service_waits(&all, s)) {
			/* If it was killed the service may run on; a logger
			 * that was told to end sees the end of its pipe. */
			note_end(s, s->kind == KIND_SERVICE || !s->told);
			left--;
		}
		left -= service_tend(&all, s);
	}
	/* What was done for one may be the time of another; and they are not so
	 * many that events would have to wait. */
	if (left < TEND_MOST)
		all.next = STAMP;
	if (all.rescan)
		rescan_soon(&rescan);
	all.rescan = false;
	/* What the last ones had to say was for the log service, too. */
	s = all.own.service;
	if (s && stage != STAGE_SERVING && s == all.table.first && !s->next &&
	    !s->leaving) {
		service_end_log_service(&all);
		all.next = STAMP;
	}
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
		if (stage == STAGE_SERVING && rescan_now(&rescan, &all))
			take_down(true);
		break;
	case SIGALRM:
		rescan_soon(&rescan);
		break;
	}
}

static void
wait_for_events(void)
{
	tain next = stage == STAGE_SERVING ? rescan.next : stage_end;
	iopause_fd x[2] = {
	    {.fd = signals, .events = IOPAUSE_READ},
	    {.fd = all.watch.fd, .events = IOPAUSE_READ},
	};
	static int trouble;
	int signal;

	if (tain_less(&all.next, &next))
		next = all.next;
	if (deaths && tain_less(&next_reap, &next))
		next = next_reap;
	if (iopause_g(x, 2, &next) == -1) {
		/* It cannot happen, but a loop that does not wait spins. */
		message_warn_once(
		    &trouble, &(struct message){
				  .verb = "wait for events", .error = errno});
		poll(NULL, 0, PAUSE_MS);
		tain_now_g();
	}
	if (watch_read(&all.watch, &all.table))
		rescan_soon(&rescan);
	while ((signal = selfpipe_read()) > 0)
		obey(signal);
}

/* False when all is done. */
static bool
turn(void)
{
	if (deaths && !tain_future(&next_reap))
		reap();
	if (stage == STAGE_SERVING && !tain_future(&rescan.next))
		rescan_now(&rescan, &all);
	if (stage != STAGE_SERVING && !tain_future(&stage_end)) {
		if (stage == STAGE_KILLED) {
			/* What is left cannot be killed, but for this. */
			if (all.own.service)
				order_kill_all(all.own.service);
			return false;
		}
		next_stage();
	}
	tend_all();
	if (stage != STAGE_SERVING && !all.table.first)
		return false;
	wait_for_events();
	return true;
}

/*
 * The kernel keeps from process 1 every signal that it neither catches nor
 * blocks, and kills others with it: so block all orders, deaths, and whatever
 * would end svscan without being one, before anything else.
 */
static void
block_signals(sigset_t *set)
{
	static int const left_alone[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS,
	    SIGFPE, SIGSEGV, SIGSYS, SIGTSTP, SIGTTIN, SIGCONT, SIGPIPE};

	/* Also those that the C library keeps to itself. */
	memset(set, 0xff, sizeof *set);
	for (size_t i = 0; i < sizeof left_alone / sizeof *left_alone; i++)
		sigdelset(set, left_alone[i]);
	linux_block_signals(set);
	for (int i = 1; i < NSIG; i++)
		linux_default_signal(i);
	sig_ignore(SIGPIPE);
}

static void
note_signal(int signal)
{
	came[signal] = 1;
}

/* selfpipe_init() unblocks all for a moment, in which none must be lost or end
 * us: what has come by then comes again.  0; -1 errno. */
static int
catch_signals(sigset_t const *set)
{
	for (int i = 1; i < NSIG; i++)
		if (sigismember(set, i) == 1)
			sig_catch(i, note_signal);
	signals = selfpipe_init();
	if (signals == -1 || !selfpipe_trapset(set))
		return -1;
	linux_block_signals(set);
	for (int i = 1; i < NSIG; i++) {
		if (sigismember(set, i) == 1)
			linux_default_signal(i);
		if (came[i])
			raise(i);
	}
	return 0;
}

/*
 * Descriptors 0, 1 and 2 must be open, or a pipe of ours would get the number,
 * and messages would go into somebody's log.  A container need not have a /dev:
 * a directory opened for reading can be had anywhere, and is as good as a
 * closed descriptor to who reads or writes.
 */
static int
guard_descriptors(void)
{
	DIR *dir;
	direntry *d;
	unsigned int fd;

	for (int i = 0; i < 3; i++)
		if (fcntl(i, F_GETFD) == -1 && open("/dev/null", O_RDWR) != i &&
		    open("/", O_RDONLY | O_DIRECTORY) != i)
			return -1;
	dir = opendir("/dev/fd");
	if (!dir)
		for (fd = 3; fd < 1024; fd++)
			coe((int)fd);
	while (dir && (d = readdir(dir)))
		if (uint0_scan(d->d_name, &fd) && fd > 2)
			coe((int)fd);
	/* skalibs's would close twice if it is interrupted. */
	if (dir)
		closedir(dir);
	return 0;
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

static _Noreturn void
die(char const *verb, char const *name)
{
	message_fatal(
	    &(struct message){.verb = verb, .name = name, .error = errno});
	_exit(111);
}

int
main(int argc, char const *const *argv)
{
	char const *const *arguments;
	struct entry *own;
	sigset_t set;

	block_signals(&set);
	PROG = "svscan";
	if (guard_descriptors() == -1)
		_exit(111);
	arguments = parse(argc, argv);
	spawn_find_supervise(argv[0]);
	if (rescan_enter(&rescan, arguments[0]) == -1)
		die("chdir to", arguments[0]);
	if (catch_signals(&set) == -1)
		die("catch signals", NULL);
	if (!tain_now_set_stopwatch_g())
		die("read the clock", NULL);
	/* These may fail; services must run all the same. */
	spawn_raise_limit();
	if (getpid() != 1)
		linux_subreaper();
	files_reserve();
	rescan_begin(&rescan, &all);
	if (arguments[0] && arguments[1]) {
		own = rescan_add_log_service(&all, arguments[1]);
		if (!own || logger_begin_own(&all.own, own) == -1)
			die("use log service", arguments[1]);
		service_tend(&all, own);
	}

	/* from here on we never die */
	while (turn())
		;
	_exit(exit_code);
}
