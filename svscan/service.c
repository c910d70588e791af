/*
 * Three parts of a life: it is wanted, and its supervise is kept running; its
 * name is gone, and nothing is started any more but nothing is stopped either;
 * it is being taken down.  A service is stopped then.  A logger follows when no
 * service uses it, and ends when nobody writes to its pipe any more and all in
 * it is read.
 *
 * Each supervise is started at most once a second.
 */
#include "svscan/service.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/types.h>

#include "supervise/control.h"
#include "supervise/message.h"
#include "supervise/setup.h"
#include "svscan/files.h"
#include "svscan/linux.h"
#include "svscan/spawn.h"

#define WAIT_MS 5000 /* at most, between two looks at a lock */

/* The logger that it should write to.  One that still runs has a pipe to read,
 * whatever became of log/run. */
static struct entry *
output_for(struct entry const *s)
{
	if (s->logger)
		return s->logger;
	return s->output && table_runs(s->output) ? s->output : NULL;
}

enum service_action
service_next(struct entry const *s, bool unread)
{
	bool alive = table_runs(s), tried = s->tries >= SERVICE_TRIES;

	if (s->leaving && !s->users) {
		/* A logger that sees the end before its supervise has its
		 * order would be started again. */
		if (alive && !s->told)
			return s->kind != KIND_SERVICE && !s->overtaken
				   ? SERVICE_LET_END
				   : SERVICE_STOP;
		if (!alive && s->failed && !tried)
			return SERVICE_START;
		if (s->pipe.fd != -1 && !s->pipe.ending)
			return SERVICE_END_WRITING;
		if (alive)
			return SERVICE_REST;
		return unread && !tried ? SERVICE_START : SERVICE_FORGET;
	}
	if (s->wanted && !alive)
		return SERVICE_START;
	if (s->wanted)
		return s->pid && !s->told &&
			       (s->misplaced || output_for(s) != s->output)
			   ? SERVICE_REPLACE
			   : SERVICE_REST;
	/* What a supervise that failed has left behind must be known when it is
	 * time to take it down. */
	return alive || s->users || s->failed ? SERVICE_REST : SERVICE_FORGET;
}

/* If not, the loop wakes up then. */
static bool
is_time(struct services *all, tain const *due)
{
	if (!tain_future(due))
		return true;
	if (tain_less(due, &all->next))
		all->next = *due;
	return false;
}

/* Soon at first, then ever more seldom: there may be ten thousand. */
static void
try_later(struct services *all, struct entry *s)
{
	tain_from_millisecs(&s->again, s->wait_ms);
	tain_add_g(&s->again, &s->again);
	is_time(all, &s->again);
	s->wait_ms = s->wait_ms < WAIT_MS / 2 ? 2 * s->wait_ms : WAIT_MS;
}

#define PROC_CWD_MAX (sizeof "/proc/" + UINT64_FMT + sizeof "/cwd")

static void
path_of_cwd(struct entry const *s, char path[PROC_CWD_MAX])
{
	snprintf(path, PROC_CWD_MAX, "/proc/%ld/cwd", (long)s->pid);
}

/* Not while another supervise runs it: that is found by nothing else. */
static void
let_go(struct entry *s)
{
	if (!s->waits)
		files_release(s);
}

/* While the supervise is there, it knows the directory that no name leads to.
 * Where that cannot be had, an orphan of its cannot be found later. */
static void
hold_nameless(struct entry *s)
{
	char path[PROC_CWD_MAX];
	struct identity id;

	if (s->directory != -1 || !s->pid)
		return;
	path_of_cwd(s, path);
	s->directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	id = files_identity(s->directory);
	if (!table_is_same(&id, &s->id))
		files_release(s);
}

void
service_count(struct services *all)
{
	struct entry *s;

	for (s = all->table.first; s; s = s->next)
		if (s->kind == KIND_LOGGER)
			s->wanted = s->users = s->writers = 0;
	for (s = all->table.first; s; s = s->next) {
		if (s->logger) {
			s->logger->users++;
			s->logger->wanted += s->wanted;
		}
		if (s->output) {
			s->output->users++;
			s->output->writers += table_runs(s);
		}
	}
	for (s = all->table.first; s; s = s->next) {
		if (s->wanted) {
			s->leaving = false;
			s->tries = 0;
			let_go(s);
			continue;
		}
		if (!s->leaving)
			hold_nameless(s);
		s->leaving |= s->overtaken;
	}
}

void
service_set_logger(struct entry *s, struct entry *logger)
{
	if (s->logger && s->logger != logger)
		s->logger->leaving = true;
	s->logger = logger;
}

void
service_rename(struct entry *s, char const *name)
{
	struct entry *logger = s->logger;

	/* A child that has looked for the old name need not wait. */
	s->not_before = STAMP;
	if (logger)
		logger->not_before = STAMP;
	if (logger && strcmp(logger->name, s->name) == 0)
		table_rename(logger, name);
	table_rename(s, name);
}

/*
 * A supervise enters its directory by itself, by a name that may have led
 * elsewhere at that moment, even if it did not when svscan looked before and
 * after.  One that is still on its way is looked at again.
 */
void
service_check_place(struct entry *s)
{
	char path[PROC_CWD_MAX];
	struct identity id;

	if (!s->pid || s->placed || s->misplaced || s->kind == KIND_LOG_SERVICE)
		return;
	path_of_cwd(s, path);
	if (files_directory(AT_FDCWD, path, &id) == -1)
		return;
	s->placed = table_is_same(&id, &s->id);
	s->misplaced = !s->placed && !files_is(AT_FDCWD, ".", &id);
}

static void
unwatch(struct services *all, struct entry *s)
{
	watch_forget(&all->watch, &s->watched.directory);
	watch_forget(&all->watch, &s->watched.log);
}

static void
forget(struct services *all, struct entry *s)
{
	if (s->kind != KIND_SERVICE && !s->overtaken && logger_unread(s))
		message_warn(&(struct message){
		    "deliver the last output of", s->name, table_log(s), 0});
	unwatch(all, s);
	files_release(s);
	logger_close(s);
	if (s == all->own.service)
		all->own.service = NULL;
	table_remove(&all->table, s);
}

/* The logger of ours that has the lock for which this one waits: it has to go
 * when it is not wanted any more, and cannot see the end of a pipe that is this
 * one's, too. */
static void
find_overtaken(struct services *all, struct entry const *logger)
{
	for (struct entry *s = all->table.first; s; s = s->next)
		if (s != logger && s->kind == KIND_LOGGER && s->pid &&
		    table_is_same(&s->pipe.id, &logger->pipe.id))
			s->overtaken = true;
}

/* Another supervise runs it: wait until that has ended. */
static void
wait_for_other(struct services *all, struct entry *s)
{
	char path[TABLE_PATH_MAX];

	message_say(
	    s->name, table_log(s), "waiting for the supervise that runs it");
	s->waits = true;
	snprintf(path, sizeof path, "%s/%s%s" SETUP_LOCK, s->name, table_log(s),
	    *table_log(s) ? "/" : "");
	watch_add(&all->watch, &s->watched.lock, path, WATCH_LOCK);
	if (s->kind == KIND_LOGGER && !s->pipe.error)
		find_overtaken(all, s);
}

bool
service_waits(struct services *all, struct entry *s)
{
	if (!is_time(all, &s->again))
		return true;
	if (!spawn_is_held(s))
		return false;
	try_later(all, s);
	return true;
}

/* Then its directory is held.  A logger goes by the name of a service that
 * leads to it. */
static bool
is_there(struct services *all, struct entry *s)
{
	struct entry *user = all->table.first;
	bool there = files_hold(s);

	for (; !there && user; user = user->next)
		if (s->kind == KIND_LOGGER && user->logger == s &&
		    user->wanted) {
			table_rename(s, user->name);
			there = files_hold(s);
		}
	return there;
}

/* Open an end of the pipe to a logger for a child.  0; -1 errno. */
static int
open_end(struct services *all, int *fd, struct entry *logger, int flags)
{
	bool held = logger->directory != -1;
	int error;

	/* The pipe of one that runs can be had wherever its name leads. */
	errno = ENOENT;
	if ((is_there(all, logger) || table_runs(logger) || logger->writers) &&
	    logger_open(logger) == 0)
		*fd = logger_end(logger, flags);
	error = errno;
	if (!held)
		files_release(logger);
	errno = error;
	return *fd == -1 ? -1 : 0;
}

/* Have all descriptors that a child is given.  0; -1 errno. */
static int
open_ends(
    struct services *all, struct entry *s, struct entry *logger, int ends[3])
{
	struct log_service const *own = &all->own;

	if (s->kind != KIND_SERVICE &&
	    open_end(all, &ends[0], s, O_RDONLY) == -1)
		return -1;
	if (logger && open_end(all, &ends[1], logger, O_WRONLY) == -1)
		return -1;
	if (own->service == s) {
		ends[1] = own->output;
		ends[2] = own->errors;
	} else if (own->service && own->service->pipe.fd != -1 &&
		   !own->service->pipe.ending) {
		ends[2] = logger_end(own->service, O_WRONLY);
		if (ends[2] == -1)
			return -1;
		if (ends[1] == -1)
			ends[1] = ends[2];
	}
	return 0;
}

static void
close_ends(struct log_service const *own, int const ends[3])
{
	for (int i = 0; i < 3; i++)
		if (ends[i] != -1 && ends[i] != own->output &&
		    ends[i] != own->errors && (i < 2 || ends[2] != ends[1]))
			files_close(ends[i]);
}

/* A pipe that cannot be had is said once for a service and its logger. */
static void
warn_of_start(struct services *all, struct entry *s, struct spawn const *spawn)
{
	int error = errno;

	if (spawn->named)
		files_release(spawn->service);
	if (!is_there(all, s)) {
		all->rescan = true;
		return;
	}
	message_warn_once(&s->warned, &(struct message){.verb = spawn->failed,
					  .name = s->name,
					  .rest = table_log(s),
					  .error = error});
	if (error == EAGAIN || error == ENOMEM)
		all->fork_after = s->not_before;
}

static void
launch(struct services *all, struct entry *s, bool named)
{
	struct entry *logger = s->kind == KIND_SERVICE ? output_for(s) : NULL;
	struct spawn spawn = {.service = s,
	    .named = named,
	    .ends = {-1, -1, -1},
	    .stop = s->kind == KIND_SERVICE && s->leaving,
	    .failed = "create pipe for"};

	if (open_ends(all, s, logger, spawn.ends) == -1) {
		warn_of_start(all, logger ? logger : s, &spawn);
	} else if (spawn_is_held(s)) {
		wait_for_other(all, s);
	} else {
		pid_t pid = spawn_supervise(&spawn);

		if (pid == -1)
			warn_of_start(all, s, &spawn);
		else
			s->pid = pid;
	}
	close_ends(&all->own, spawn.ends);
	if (!table_runs(s))
		return;
	if (s->kind == KIND_SERVICE) {
		if (s->output && s->output != logger)
			s->output->leaving = true;
		s->output = logger;
	}
	if (s->output)
		s->output->writers++;
	s->told = s->pid && spawn.stop ? SIGTERM : 0;
	s->wait_ms = 1;
	s->again = STAMP;
	s->failed = s->placed = s->misplaced = false;
	s->warned = 0;
}

static bool
start(struct services *all, struct entry *s)
{
	bool named = s->directory == -1;

	if (tain_less(&s->not_before, &all->fork_after))
		s->not_before = all->fork_after;
	if (!is_time(all, &s->not_before))
		return false;
	tain_addsec_g(&s->not_before, 1);
	s->tries += s->leaving;
	/* It may have gone since the last scan: a supervise that was told to
	 * exit once its link was removed stays away. */
	if (is_there(all, s))
		launch(all, s, named);
	else
		all->rescan = true;
	if (named)
		let_go(s);
	return true;
}

static bool
order(struct services *all, struct entry *s, int signal)
{
	bool is_new = s->pid && tain_future(&s->not_before);
	int result;

	if (s->pid && !is_time(all, &s->again))
		return false;
	/* In its first moments its order would kill it before it can take it,
	 * and what it has to adopt, or to read, would be left. */
	if (is_new && order_write(s, "") == -1)
		result = -1;
	else if (s->pid)
		result = kill(s->pid, signal);
	else
		result = order_write(
		    s, signal == SIGHUP ? CONTROL_LEAVE : CONTROL_STOP);
	if (result == 0 || (s->pid && errno == ESRCH))
		s->told = signal;
	else if (s->pid)
		try_later(all, s);
	return s->told;
}

bool
service_tend(struct services *all, struct entry *s)
{
	bool unread = s->kind != KIND_SERVICE && s->leaving && !s->overtaken &&
		      logger_is_used(s);

	switch (service_next(s, unread)) {
	case SERVICE_REST:
		return false;
	case SERVICE_START:
		return start(all, s);
	case SERVICE_REPLACE:
		return order(all, s, SIGUSR1);
	case SERVICE_STOP:
		return order(all, s, SIGTERM);
	case SERVICE_LET_END:
		return order(all, s, SIGHUP);
	case SERVICE_END_WRITING:
		logger_end_writing(s);
		break;
	case SERVICE_FORGET:
		forget(all, s);
		break;
	}
	return true;
}

void
service_ended(struct entry *s, int status)
{
	s->pid = 0;
	s->failed = status != 0;
	if (s->misplaced || s->waits)
		s->not_before = STAMP;
	if (s->waits) {
		s->waits = false;
		if (s->wanted)
			files_release(s);
	}
}

void
service_take_down(struct services *all, struct entry *s)
{
	unwatch(all, s);
	if (s->kind == KIND_LOG_SERVICE)
		return;
	s->wanted = 0;
	s->leaving = true;
}

void
service_end_log_service(struct services *all)
{
	struct entry *s = all->own.service;

	logger_end_own(&all->own);
	s->wanted = 0;
	s->leaving = true;
}
