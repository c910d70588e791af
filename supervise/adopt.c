/*
 * A process is this directory's if boot, pid 1, lock, pid and time of birth
 * are those in the report.  A report that does not name all of them is that of
 * a process which keeps the lock for as long as it lives (process.h): as we
 * have the lock, it is dead.
 */
#include "supervise/adopt.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <skalibs/types.h>

#include "supervise/finish.h"
#include "supervise/ready.h"
#include "supervise/run.h"

#define BOOT_ID	    "/proc/sys/kernel/random/boot_id"
#define BOOT_ID_LEN (REPORT_BOOT_MAX - 1)
#define CLOCK_SLACK 5 /* seconds by which two clocks may differ */
#define ONCE_FILE   "once"

static int
failed(struct service *service, char const *verb, char const *object)
{
	service->setup.failed = verb;
	service->setup.object = object;
	return -1;
}

/* It is not there or not for us to see, and trying again does not help. */
static bool
is_hidden(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES ||
	       error == EPERM || error == ESRCH;
}

/* What will identify our processes. */
static int
identify(struct service *service)
{
	struct report *r = &service->facts.report;
	ssize_t n = openreadnclose_nb(BOOT_ID, r->boot, BOOT_ID_LEN);
	struct stat st;
	size_t len;

	if (n == -1 && !is_hidden(errno))
		return failed(service, "read the boot id for", "");
	r->boot[n == BOOT_ID_LEN ? n : 0] = 0;
	errno = 0;
	r->init = process_born(1);
	if (!r->init && errno && !is_hidden(errno))
		return failed(service, "look at process 1 for", "");
	if (fstat(service->setup.lock_fd, &st) == -1)
		return failed(service, "stat", SETUP_LOCK);
	len = uint64_fmt(r->lock, (uint64_t)st.st_dev);
	r->lock[len++] = ':';
	len += uint64_fmt(r->lock + len, (uint64_t)st.st_ino);
	r->lock[len] = 0;
	return 0;
}

/* Was it written before the system was booted, as far as its clocks tell? */
static bool
is_of_earlier_boot(struct stat const *file)
{
	struct timespec real, boot;

	clock_gettime(CLOCK_REALTIME, &real);
#ifdef CLOCK_BOOTTIME
	clock_gettime(CLOCK_BOOTTIME, &boot);
#else
	clock_gettime(CLOCK_MONOTONIC, &boot);
#endif
	return file->st_mtime + CLOCK_SLACK < real.tv_sec - boot.tv_sec;
}

/* Does the report tell of this boot, and of this start of the container? */
static bool
is_of_now(struct report const *left, struct report const *now)
{
	struct stat st;

	if (!left->boot[0] || !now->boot[0])
		return stat(REPORT_FILE, &st) == -1 || !is_of_earlier_boot(&st);
	return strcmp(left->boot, now->boot) == 0 &&
	       (!left->init || !now->init || left->init == now->init);
}

/*
 * A report that cannot be read with this error is none if no supervise can have
 * written it: an empty one for which there was no room, what is left of one
 * after a power cut, and whatever is no file.
 */
static bool
is_no_report(int error)
{
	struct stat st;

	if (lstat(REPORT_FILE, &st) == -1)
		return errno == ENOENT;
	return !S_ISREG(st.st_mode) || st.st_size == 0 ||
	       (error == EPROTO && is_of_earlier_boot(&st));
}

/* All 0 if there is none, or only that of the directory that was copied. */
static int
read_left(struct service *service, struct report *left)
{
	int error = report_read(left) == -1 ? errno : 0;

	/* It may have been cut between two lines, after that of the pid. */
	if (!error && left->pid && !left->lock[0])
		error = EPROTO;
	if (error && !is_no_report(error)) {
		errno = error;
		return failed(service, "read", REPORT_FILE);
	}
	if (error)
		*left = (struct report){0};
	if (strcmp(left->lock, service->facts.report.lock) != 0)
		*left = (struct report){0};
	return 0;
}

/* supervise/ may belong to another user, who can write any report. */
static bool
is_of_another_user(struct report const *left)
{
	return left->owner != 0 && left->owner != geteuid();
}

/* That user's report may name a process of that user.  1; 0; -1 errno. */
static int
may_name(struct report const *left)
{
	uid_t uid;

	if (!is_of_another_user(left))
		return 1;
	if (process_user((pid_t)left->pid, &uid) == -1)
		return errno == ENOENT ? 0 : -1;
	return uid == left->owner;
}

/* Adopt the process of the report unless it is gone.  -1 errno. */
static int
adopt(struct service *service, struct report const *left)
{
	int found;

	if (!left->pid || left->pid > INT32_MAX || !left->born ||
	    !left->boot[0])
		return 0;
	found = process_adopt(&service->process, (pid_t)left->pid, left->born);
	if (found == 1 && !service->facts.report.boot[0]) {
		process_forget(&service->process);
		errno = ENOENT;
		found = -1;
	} else if (found == 1 && (found = may_name(left)) != 1) {
		int error = errno;

		process_forget(&service->process);
		errno = error;
	}
	return found;
}

/* What the service directory says of a first start. */
static int
first_want(struct service *service)
{
	struct state *state = &service->state;

	*state = state_begin(WANT_UP);
	if (service->setup.down_file)
		*state = state_begin(WANT_DOWN);
	else if (access(ONCE_FILE, F_OK) == 0)
		*state = state_begin(WANT_ONCE);
	else if (errno != ENOENT)
		return failed(service, "read", ONCE_FILE);
	return 0;
}

/* Know of the service what the report says, and of ourselves what is so. */
static void
remember(struct service *service, struct report *left)
{
	struct facts *facts = &service->facts;
	struct report *now = &facts->report;
	struct timespec real;

	memcpy(left->boot, now->boot, sizeof left->boot);
	left->init = now->init;
	left->supervise = now->supervise;
	*now = *left;
	/* As long ago on the clock that only goes forward. */
	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_MONOTONIC, &facts->ran_from);
	if (left->since.tv_sec < real.tv_sec)
		facts->ran_from.tv_sec -= real.tv_sec - left->since.tv_sec;
}

/* Does a process that is not dead have this pid, as far as can be seen? */
static bool
is_used(pid_t pid)
{
	char state = process_state(pid);

	if (!state)
		return kill(pid, 0) == 0 || errno != ESRCH;
	return state != 'Z' && state != 'X';
}

/* What nothing but the report or the process tells is set here. */
static void
resume(struct service *service, struct report const *left)
{
	struct report *now = &service->facts.report;
	struct state *state = &service->state;

	*state = state_resume(
	    state->want, left->state, left->want, left->next, left->pid != 0);
	if (state->phase == PHASE_UP) {
		state->ready = left->ready_since.tv_sec != 0;
		state->paused = service->process.pid &&
				process_state(service->process.pid) == 'T';
	}
	if (strcmp(left->state, "failed") == 0)
		service->given_up = "";
	/* Once another process has the pid of its leader, so may its session.
	 */
	if (!service->process.pid && is_used((pid_t)left->session))
		now->session = 0;
	/* That ./run was executed is not counted yet. */
	if (left->pid && strcmp(left->state, "starting") == 0)
		facts_executed(&service->facts);
}

int
adopt_all(struct service *service)
{
	struct report *now = &service->facts.report;
	struct report left;

	if (identify(service) == -1 || read_left(service, &left) == -1 ||
	    first_want(service) == -1)
		return -1;
	if (!is_of_now(&left, now)) {
		now->attempts = left.attempts;
		now->starts = left.starts;
		now->deaths = left.deaths;
		left = (struct report){0};
	}
	if (adopt(service, &left) == -1)
		return failed(service, "look at the process of", "");
	if (is_of_another_user(&left) &&
	    (!service->process.pid || left.session != left.pid))
		left.session = 0;
	if (left.state[0])
		remember(service, &left);
	resume(service, &left);
	return 0;
}

struct event
adopt_begin(struct service *service)
{
	enum phase phase = service->state.phase;
	struct event event;

	/* A start is due, once the signals that are pending have been read: a
	 * svscan that stops starts us with TERM. */
	timer_arm(&service->timers, TIMER_REST, 0);
	/* Why it could not be started is said anew. */
	if (phase == PHASE_WAITING)
		service->facts.report.error[0] = 0;
	if (phase == PHASE_WAITING || phase == PHASE_DOWN)
		return state_event(EVENT_NONE);
	event = run_resume(service);
	if (service->process.pid)
		return event;
	if (phase == PHASE_CLEARING)
		return finish_clear(service);
	return phase == PHASE_UP ? run_ended(service, NULL)
				 : finish_ended(service, NULL);
}
