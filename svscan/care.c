/*
 * Starting, telling and killing the two supervises of a service.  Each is
 * started at most once a second, by a time that the loop waits for.
 */
#include "svscan/care.h"

#include <errno.h>
#include <signal.h>

#include "svscan/directory.h"
#include "svscan/moment.h"
#include "svscan/spawn.h"
#include "svscan/stop.h"
#include "svscan/takeover.h"
#include "svscan/warn.h"

#define RESTART_MS 1000 /* between two starts of one supervise */

static void
wake_at(struct care *care, tain const *moment)
{
	if (tain_less(moment, &care->wake))
		care->wake = *moment;
}

static void
wake_in(struct care *care, int ms)
{
	tain moment;

	moment_in(&moment, ms);
	wake_at(care, &moment);
}

static struct process *
side(struct service *s, bool logger)
{
	return logger ? &s->logger : &s->service;
}

/* What follows the service's name in the name of the side's directory. */
static char const *
log_of(struct service const *s, bool logger)
{
	return logger && !s->catchall ? "/log" : "";
}

static void
warn_of_start(struct service *s, char const *verb, bool logger)
{
	struct process *p = side(s, logger);

	if (!p->warned)
		warn_unable(verb, s->name, log_of(s, logger), errno);
	p->warned = true;
}

/* A pipe that somebody still uses is kept, whatever has become of its name. */
int
care_pipe(struct service *s)
{
	if (s->pipe.writer != -1 &&
	    (s->catchall || s->service.pid || s->logger.pid ||
		logpipe_is_current(&s->pipe, s->name)))
		return 0;
	if (logpipe_open(&s->pipe, s->name) == -1)
		return -1;
	if (s->pipe.unnamed && s->pipe.unnamed != s->unnamed)
		warn_unable(
		    "make a named pipe for ", s->name, "", s->pipe.unnamed);
	s->unnamed = s->pipe.unnamed;
	return 0;
}

/* With a pipe, the side's end of it is in spawn afterwards.  0; -1 errno. */
static int
choose_pipe(struct spawn *spawn, struct service *s, bool logger)
{
	/* The end of writing has left a reader. */
	if (!(logger && s->pipe.reader != -1) && care_pipe(s) == -1)
		return -1;
	if (!logger) {
		spawn->output = s->pipe.writer;
		return 0;
	}
	if (logpipe_open_reader(&s->pipe, s->name) == -1)
		return -1;
	spawn->input = s->pipe.reader;
	return 0;
}

static void
note_lock(struct service *s, bool logger, enum takeover lock)
{
	struct process *p = side(s, logger);

	p->fresh = lock == TAKEOVER_FRESH;
	if (lock == TAKEOVER_HELD && !p->waits)
		warn_not("waiting for the supervise that runs ", s->name,
		    log_of(s, logger));
	p->waits = lock == TAKEOVER_HELD;
}

static void
launch(struct care *care, struct service *s, bool logger)
{
	struct plan_facts facts = service_facts(s);
	struct process *p = side(s, logger);
	enum takeover lock = takeover_look(s->name, log_of(s, logger));
	bool piped = plan_needs_pipe(&facts);
	struct spawn spawn = {.name = s->name,
	    .log = log_of(s, logger),
	    .input = -1,
	    .output = s->catchall ? care->output : -1,
	    .errors = s->catchall ? care->errors : -1,
	    .descriptors = &care->descriptors,
	    .wait = lock == TAKEOVER_HELD};
	pid_t pid;

	if (piped && choose_pipe(&spawn, s, logger) == -1) {
		warn_of_start(s, "create pipe for ", logger);
		return;
	}
	note_lock(s, logger, lock);
	pid = spawn_supervise(&spawn);
	if (s->pipe.writer != -1)
		logpipe_close_reader(&s->pipe);
	if (pid == -1) {
		warn_of_start(s, "fork for ", logger);
		care->fork_after = p->not_before;
		return;
	}
	table_started(care->table, p, pid);
	if (!logger)
		s->piped = piped;
	p->told = 0;
	p->failed = p->warned = false;
}

static void
start(struct care *care, struct service *s, bool logger)
{
	struct process *p = side(s, logger);

	if (tain_less(&p->not_before, &care->fork_after))
		p->not_before = care->fork_after;
	if (!tain_future(&p->not_before)) {
		moment_in(&p->not_before, RESTART_MS);
		p->tries += s->leaving;
		/* It may have gone since the last look: a supervise that was
		 * told to exit once its link was removed stays away. */
		if (directory_has(s->name, &s->id))
			launch(care, s, logger);
		else
			care->look = true;
	}
	if (!p->pid)
		wake_at(care, &p->not_before);
	else
		wake_in(care, 0);
}

/*
 * A supervise that is killed in its first moments by its order, before it can
 * take it, is no loss if it has nothing to adopt and, as a logger, to read.
 */
static bool
can_be_told(struct service *s, bool logger)
{
	struct process *p = side(s, logger);

	if (p->fresh && !(logger && logpipe_unread(&s->pipe)))
		return true;
	return !tain_future(&p->not_before) ||
	       stop_is_listened(s->name, log_of(s, logger));
}

static void
order(struct care *care, struct service *s, bool logger, int signal)
{
	struct process *p = side(s, logger);
	int age_ms = RESTART_MS - moment_left(&p->not_before);

	if (!can_be_told(s, logger)) {
		/* Seldom enough for ten thousand of them. */
		wake_in(care, 1 + age_ms / 4);
		return;
	}
	p->told = signal;
	kill(p->pid, signal);
	wake_in(care, 0);
}

/*
 * Its name may have been another directory's in the moment between our last
 * look and the supervise's chdir, which is in the wrong one then.
 */
static void
settle_doubt(struct care *care, struct service *s, bool logger)
{
	struct process *p = side(s, logger);

	if (!p->pid)
		return;
	if (tain_future(&p->not_before)) {
		s->doubtful = true;
		wake_at(care, &p->not_before);
	} else if (takeover_look(s->name, log_of(s, logger)) != TAKEOVER_HELD) {
		kill(p->pid, SIGTERM);
	}
}

/* The logger has ended before it has read all there is. */
static bool
is_unread(struct service const *s)
{
	return s->leaving && !s->service.pid && !s->logger.pid &&
	       s->logger.tries < TABLE_TRIES && logpipe_is_used(&s->pipe);
}

bool
care_for(struct care *care, struct service *s)
{
	struct plan_facts facts = service_facts(s);
	unsigned int todo;

	care->wake = tain_infinite;
	if (s->doubtful) {
		s->doubtful = false;
		settle_doubt(care, s, false);
		settle_doubt(care, s, true);
	}
	facts.unread = is_unread(s);
	todo = plan_next(&facts);
	if (todo & PLAN_START_LOGGER)
		start(care, s, true);
	if (todo & PLAN_START_SERVICE)
		start(care, s, false);
	if (todo & PLAN_REPLACE_SERVICE)
		order(care, s, false, SIGUSR1);
	if (todo & PLAN_STOP_SERVICE)
		order(care, s, false, SIGTERM);
	if (todo & PLAN_END_LOGGER)
		order(care, s, true, SIGHUP);
	if (todo & PLAN_END_WRITING) {
		logpipe_end_writing(&s->pipe, s->name);
		wake_in(care, 0);
	}
	return !(todo & PLAN_FORGET);
}

static void
tell_to_kill(struct service *s, bool logger)
{
	struct process *p = side(s, logger);

	p->tries = TABLE_TRIES;
	if (!p->pid)
		return;
	/* By letters, as there is no signal for it; and by a signal for one
	 * that has not come to listening yet, or waits for another's lock. */
	stop_send(s->name, log_of(s, logger), "kx");
	kill(p->pid, SIGTERM);
}

void
care_kill(struct service *s)
{
	/* What the service has said last is still for the logger to read. */
	tell_to_kill(s, !s->service.pid);
}

void
care_kill_all(struct service const *s)
{
	if (s->service.pid)
		stop_kill(s->service.pid);
	if (s->logger.pid)
		stop_kill(s->logger.pid);
}
