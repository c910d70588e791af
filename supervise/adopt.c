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
#include "supervise/linux.h"
#include "supervise/ready.h"
#include "supervise/run.h"

#define BOOT_ID	    "/proc/sys/kernel/random/boot_id"
#define BOOT_ID_LEN (REPORT_BOOT_MAX - 1)
#define CLOCK_SLACK 5 /* seconds by which two clocks may differ */
#define ONCE_FILE   "once"

/* What will identify our processes. */
static int
identify(struct report *now, struct setup *setup)
{
	ssize_t n = openreadnclose_nb(BOOT_ID, now->boot, BOOT_ID_LEN);
	struct stat st;
	size_t len;

	if (n == -1 && !process_is_hidden(errno))
		return setup_failed(setup, "read the boot id for", "");
	now->boot[n == BOOT_ID_LEN ? n : 0] = 0;
	errno = 0;
	now->init = process_born(1);
	if (!now->init && errno && !process_is_hidden(errno))
		return setup_failed(setup, "look at process 1 for", "");
	if (fstat(setup->lock_fd, &st) == -1)
		return setup_failed(setup, "stat", SETUP_LOCK);
	len = uint64_fmt(now->lock, (uint64_t)st.st_dev);
	now->lock[len++] = ':';
	len += uint64_fmt(now->lock + len, (uint64_t)st.st_ino);
	now->lock[len] = 0;
	return 0;
}

/*
 * All 0 if there is none, or only that of the directory that was copied; of
 * another boot, there are only the numbers.  Where the boots are not known, the
 * clocks tell.
 */
static int
read_left(struct report *left, struct report const *now, struct setup *setup)
{
	struct timespec real, boot;
	struct stat st;
	bool before;
	int error;

	if (lstat(REPORT_FILE, &st) == -1)
		return errno == ENOENT
			   ? 0
			   : setup_failed(setup, "read", REPORT_FILE);
	/* No supervise has written it, or one that had no room for it. */
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return 0;
	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	before = st.st_mtime + CLOCK_SLACK < real.tv_sec - boot.tv_sec;
	error = report_read(left) == -1 ? errno : 0;
	/* It may have been cut between two lines, after that of the pid. */
	if (!error && left->pid && !left->lock[0])
		error = EPROTO;
	/* Damaged by a power cut, unless it was written since. */
	if (error && (error != EPROTO || !before)) {
		errno = error;
		return setup_failed(setup, "read", REPORT_FILE);
	}
	if (left->boot[0] && now->boot[0])
		before = strcmp(left->boot, now->boot) != 0 ||
			 (left->init && now->init && left->init != now->init);
	if (error || strcmp(left->lock, now->lock) != 0)
		*left = (struct report){0};
	else if (before)
		*left = (struct report){.attempts = left->attempts,
		    .starts = left->starts,
		    .deaths = left->deaths};
	return 0;
}

/*
 * Adopt the process of the report unless it is gone.  supervise/ may belong to
 * another user, who can write any report: that may name processes of that user.
 * 1; 0; -1 errno.
 */
static int
adopt(struct process *child, struct report const *left, bool known, bool ours)
{
	pid_t pid = (pid_t)left->pid;
	uid_t uid = left->owner;
	int found;

	if (!left->pid || left->pid > INT32_MAX || !left->born ||
	    !left->boot[0])
		return 0;
	found = process_adopt(child, pid, left->born);
	if (found == 1 && !known) {
		errno = ENOENT;
		found = -1;
	} else if (found == 1 && !ours && process_user(pid, &uid) == -1) {
		found = errno == ENOENT ? 0 : -1;
	} else if (uid != left->owner) {
		found = 0;
	}
	if (found != 1)
		process_forget(child);
	return found;
}

/* What nothing but the report or the process tells is set here. */
static void
resume(struct service *service, enum want first)
{
	struct report *r = &service->facts.report;
	struct state *state = &service->state;
	pid_t pid = service->process.pid, leader = (pid_t)r->session;
	char of_leader = process_state(leader);
	struct timespec now;

	*state = state_resume(first, r->state, r->want, r->next, r->pid != 0);
	if (state->phase == PHASE_UP) {
		state->ready = r->ready_since.tv_sec != 0;
		state->paused = pid && process_state(pid) == 'T';
	}
	if (strcmp(r->state, "failed") == 0)
		service->given_up = "";
	/* Once another process has the pid of its leader, so may its session.
	 */
	if (!pid && (of_leader ? of_leader != 'X'
			       : kill(leader, 0) == 0 || errno != ESRCH))
		r->session = 0;
	clock_gettime(CLOCK_REALTIME, &now);
	if (!r->state[0])
		r->since = now;
	service->facts.ran_from_ms =
	    timer_now() - 1000 * status_age(&r->since, now.tv_sec);
	/* That ./run was executed is not counted yet. */
	if (r->pid && strcmp(r->state, "starting") == 0)
		run_executed(service);
}

int
adopt_all(struct service *service)
{
	struct report *r = &service->facts.report, now = {0};
	struct process *child = &service->process;
	struct setup *setup = &service->setup;
	/* What the service directory says of a first start. */
	enum want first = setup->down_file ? WANT_DOWN : WANT_ONCE;
	bool ours;

	if (identify(&now, setup) == -1 || read_left(r, &now, setup) == -1)
		return -1;
	if (!setup->down_file && access(ONCE_FILE, F_OK) == -1) {
		if (errno != ENOENT)
			return setup_failed(setup, "read", ONCE_FILE);
		first = WANT_UP;
	}
	ours = r->owner == 0 || r->owner == geteuid();
	if (adopt(child, r, now.boot[0], ours) == -1)
		return setup_failed(setup, "look at the process of", "");
	if (!ours && (!child->pid || r->session != r->pid))
		r->session = 0;
	resume(service, first);
	memcpy(r->boot, now.boot, sizeof r->boot);
	memcpy(r->lock, now.lock, sizeof r->lock);
	r->init = now.init;
	r->supervise = (uint64_t)getpid();
	return 0;
}

struct event
adopt_begin(struct service *service)
{
	enum phase phase = service->state.phase;
	struct event event;
	sigset_t pending;

	service->may_start = service->timers.due[TIMER_REST] = timer_now();
	if (phase == PHASE_DOWN)
		return state_event(EVENT_NONE);
	if (phase == PHASE_WAITING) {
		/* Why it could not be started is said anew. */
		service->facts.report.error[0] = 0;
		/* A svscan that stops starts us with TERM pending; but HUP,
		 * which may have come since, must not precede the start. */
		sigpending(&pending);
		return state_event(
		    sigismember(&pending, SIGTERM) ? EVENT_NONE : EVENT_RESTED);
	}
	event = run_resume(service);
	if (service->process.pid)
		return event;
	if (phase == PHASE_CLEARING)
		return finish_clear(service);
	return phase == PHASE_UP ? run_ended(service, NULL)
				 : finish_ended(service, NULL);
}
