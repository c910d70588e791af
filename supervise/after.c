/*
 * supervise is a subreaper (prctl(2)): whatever a service forks, however it
 * hides, becomes a child of ours when its parent dies.
 */
#include "supervise/after.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <skalibs/types.h>

#include "supervise/cause.h"
#include "supervise/life.h"
#include "supervise/proc.h"
#include "supervise/warn.h"

#define FINISH	       "./finish"
#define FINISH_GAVE_UP 125
#define LOOK_MS	       100 /* at what must go and is not our child */
#define KILLED_CODE    256 /* where an exit code is expected */

/* The orphans of an adopted service are not ours; its session tells. */
static bool
left_something(struct service const *service)
{
	siginfo_t info;

	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
		return true;
	return service->last_session && kill(-service->last_session, 0) == 0;
}

/* How many are left; with kill-mode all they get a KILL each. */
static int
look_at_leftovers(struct service *service)
{
	bool all = service->options.kill_mode == KILL_ALL;

	if (!left_something(service))
		return 0;
	return proc_leftovers(service->last_session, 0, all ? SIGKILL : 0);
}

static void
cleared_unless(struct service *service, int left)
{
	if (left > 0 && service->options.kill_mode == KILL_ALL)
		service_arm(service, TIMER_RETRY, LOOK_MS);
	else
		service_feed(service, EVENT_CLEARED);
}

/* A program that puts itself into the background looks like this. */
static bool
went_into_background(struct facts const *facts)
{
	return facts->end == END_EXITED && facts->end_code == 0 &&
	       facts->leftovers > 0;
}

void
after_run(struct service *service)
{
	struct facts *facts = &service->facts;
	int left = look_at_leftovers(service);
	char words[FACTS_END_MAX];

	facts->leftovers = left > 0 ? (unsigned int)left : 0;
	facts_end_words(words, sizeof words, facts);
	if (went_into_background(facts) &&
	    strcmp(service->last_end, words) != 0)
		warn_text(service->name, words);
	memcpy(service->last_end, words, sizeof words);
	cleared_unless(service, left);
}

void
after_ask_cleared(struct service *service)
{
	if (service->state.phase == PHASE_CLEARING)
		cleared_unless(service, look_at_leftovers(service));
}

static char const *
base_name(char const *path)
{
	char const *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

void
after_finish(struct service *service)
{
	struct facts const *facts = &service->facts;
	char code[UINT_FMT], number[UINT_FMT], group[PID_FMT];
	char const *const argv[] = {
	    FINISH, code, number, base_name(service->path), group, NULL};
	struct child_plan plan = {
	    .argv = argv, .own_session = true, .notify_fd = -1};
	int error;
	bool exited = facts->end == END_EXITED;
	bool killed = facts->end == END_KILLED;

	if (access(FINISH, F_OK) == -1 && errno == ENOENT) {
		service_feed(service, EVENT_FINISHED);
		return;
	}
	code[uint_fmt(code, exited ? facts->end_code : KILLED_CODE)] = 0;
	number[uint_fmt(number, killed ? facts->end_code : 0)] = 0;
	group[pid_fmt(group, service->last_group)] = 0;
	switch (life_fork(service, &plan, &error)) {
	case CHILD_EXECUTED:
		if (service->options.timeout_finish_ms)
			service_arm(service, TIMER_FINISH,
			    service->options.timeout_finish_ms);
		break;
	case CHILD_NOT_EXECUTED:
		life_failed(
		    service, "execute " FINISH, error, cause_of(FINISH, error));
		life_ended(service, NULL);
		break;
	case CHILD_NOT_FORKED:
		life_failed(service, "fork for " FINISH, error, "");
		service_arm(service, TIMER_RETRY, RETRY_MS);
		break;
	}
}

void
after_finish_ended(struct service *service, int const *wait_status)
{
	bool gave_up = wait_status && WIFEXITED(*wait_status) &&
		       WEXITSTATUS(*wait_status) == FINISH_GAVE_UP;

	child_forget(&service->child);
	service_disarm(service, TIMER_FINISH);
	service_feed(service, gave_up ? EVENT_GAVE_UP : EVENT_FINISHED);
}
