/*
 * Starting, telling and killing the two supervises of a service.  Each is
 * started at most once a second, by a time that the loop waits for.
 */
#include "svscan/care.h"

#include <errno.h>
#include <signal.h>

#include "svscan/directory.h"
#include "svscan/spawn.h"
#include "svscan/stop.h"
#include "svscan/warn.h"

#define RESTART_MS 1000 /* between two starts of one supervise */
#define LISTEN_MS  20	/* between two looks whether it listens */

static void
in_ms(tain *deadline, int ms)
{
	tain span;

	tain_from_millisecs(&span, ms);
	tain_add_g(deadline, &span);
}

static void
wake_at(struct care *care, tain const *deadline)
{
	if (tain_less(deadline, &care->wake))
		care->wake = *deadline;
}

static void
warn_of_start(struct service *s, char const *verb, bool logger)
{
	if (!s->warned)
		warn_unable(verb, s->name, logger ? "/log" : "", errno);
	s->warned = true;
}

/* A pipe that one side still uses is kept, whatever has become of its name. */
static int
have_pipe(struct service *s)
{
	if (s->pipe.writer != -1) {
		if (s->service.pid || s->logger.pid ||
		    logpipe_is_current(&s->pipe, s->name))
			return 0;
		logpipe_close(&s->pipe);
	}
	if (logpipe_open(&s->pipe, s->name) == -1)
		return -1;
	if (s->pipe.unnamed && s->pipe.unnamed != s->unnamed)
		warn_unable(
		    "make a named pipe for ", s->name, "", s->pipe.unnamed);
	s->unnamed = s->pipe.unnamed;
	return 0;
}

static struct process *
side(struct service *s, bool logger)
{
	return logger ? &s->logger : &s->service;
}

/* The descriptor for the side's supervise; -1 errno.  Without a pipe: 0. */
static int
choose_pipe(struct service *s, bool logger, bool piped)
{
	if (!piped)
		return 0;
	if (have_pipe(s) == -1)
		return -1;
	return logger ? s->pipe.reader : s->pipe.writer;
}

static void
launch(struct care *care, struct service *s, bool logger)
{
	struct plan_facts facts = service_facts(s);
	struct process *p = side(s, logger);
	bool piped = plan_needs_pipe(&facts);
	struct spawn spawn = {s->name, logger, 0, &care->descriptors};

	spawn.pipe = choose_pipe(s, logger, piped);
	if (spawn.pipe == -1) {
		warn_of_start(s, "create pipe for ", false);
		return;
	}
	p->pid = spawn_supervise(&spawn);
	if (p->pid == -1) {
		p->pid = 0;
		warn_of_start(s, "fork for ", logger);
		care->fork_after = p->not_before;
		return;
	}
	if (!logger)
		s->piped = piped;
	p->listens = p->told = p->failed = s->warned = false;
}

static void
start(struct care *care, struct service *s, bool logger)
{
	struct process *p = side(s, logger);

	if (tain_less(&p->not_before, &care->fork_after))
		p->not_before = care->fork_after;
	if (!tain_future(&p->not_before)) {
		in_ms(&p->not_before, RESTART_MS);
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
	else if (s->leaving)
		wake_at(care, &STAMP);
}

/*
 * Give a supervise its order, but not before it can take it: one killed in its
 * first moments may be one that was about to adopt a service left behind.
 */
static void
order(struct care *care, struct service *s, bool logger, int signal)
{
	struct process *p = side(s, logger);
	tain soon;

	if (!p->listens && tain_future(&p->not_before) &&
	    !stop_is_listened(s->name, logger)) {
		in_ms(&soon, LISTEN_MS);
		wake_at(care, &soon);
		return;
	}
	p->listens = p->told = true;
	kill(p->pid, signal);
}

static bool
is_drained(struct care *care, struct service *s)
{
	if (!s->leaving || s->service.pid || s->pipe.writer != -1 ||
	    !s->logger.pid || s->logger.told)
		return false;
	if (drain_is_over(&s->drain, &s->pipe))
		return true;
	wake_at(care, &s->drain.look_at);
	return false;
}

bool
care_for(struct care *care, struct service *s)
{
	struct plan_facts facts = service_facts(s);
	unsigned int todo;

	facts.drained = is_drained(care, s);
	todo = plan_next(&facts);
	if (todo & PLAN_START_LOGGER)
		start(care, s, true);
	if (todo & PLAN_START_SERVICE)
		start(care, s, false);
	if (todo & PLAN_REPLACE_SERVICE)
		order(care, s, false, SIGUSR1);
	if (todo & PLAN_STOP_SERVICE)
		order(care, s, false, SIGTERM);
	if (todo & PLAN_END_WRITING) {
		logpipe_end_writing(&s->pipe);
		wake_at(care, &STAMP);
	}
	if (todo & PLAN_END_LOGGER)
		order(care, s, true, SIGHUP);
	return !(todo & PLAN_FORGET);
}

static void
tell_to_kill(char const *name, bool logger, struct process *p)
{
	p->tries = TABLE_TRIES;
	if (!p->pid)
		return;
	/* By letters, as there is no signal for it; and by a signal for one
	 * that has not come to listening yet, or waits for another's lock. */
	stop_send(name, logger, "kx");
	kill(p->pid, SIGTERM);
}

void
care_kill(struct service *s)
{
	tell_to_kill(s->name, false, &s->service);
	tell_to_kill(s->name, true, &s->logger);
}

void
care_kill_all(struct service const *s)
{
	if (s->service.pid)
		stop_kill(s->service.pid);
	if (s->logger.pid)
		stop_kill(s->logger.pid);
}
