/*
 * supervise is a subreaper (prctl(2)): whatever a service forks, however it
 * hides, becomes a child of ours when its parent dies.
 */
#include "supervise/finish.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <skalibs/types.h>

#include "supervise/message.h"
#include "supervise/run.h"

#define CODE_GAVE_UP 125 /* of ./finish */
#define CODE_KILLED  256 /* where an exit code is expected */
#define LOOK_MS	     100 /* at what must go and is not our child */

/* The orphans of an adopted service are not ours; its session tells. */
static bool
left_something(struct service const *service)
{
	pid_t session = (pid_t)service->facts.report.session;
	siginfo_t info;

	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
		return true;
	return session && kill(-session, 0) == 0;
}

/* How many are left; with kill-mode all they get a KILL each. */
static int
look_at_leftovers(struct service *service)
{
	bool all = service->options.kill_mode == KILL_ALL;

	if (!left_something(service))
		return 0;
	return process_leftovers(
	    (pid_t)service->facts.report.session, all ? SIGKILL : 0);
}

static struct event
cleared_unless(struct service *service, int left)
{
	if (left <= 0 || service->options.kill_mode != KILL_ALL)
		return (struct event){.kind = EVENT_CLEARED};
	timer_arm(&service->timers, TIMER_RETRY, LOOK_MS);
	return (struct event){EVENT_NONE};
}

struct event
finish_clear(struct service *service)
{
	struct report *report = &service->facts.report;
	int left = look_at_leftovers(service);
	char words[REPORT_END_MAX];

	report->leftovers = left > 0 ? (uint64_t)left : 0;
	report_end_words(words, report);
	/* A program that puts itself into the background looks like this. */
	if (report->end == END_EXITED && report->end_code == 0 && left > 0 &&
	    strcmp(service->end, words) != 0)
		message_say(service->name, NULL, words);
	memcpy(service->end, words, sizeof words);
	return cleared_unless(service, left);
}

struct event
finish_ask_cleared(struct service *service)
{
	if (service->state.phase != PHASE_CLEARING)
		return (struct event){EVENT_NONE};
	return cleared_unless(service, look_at_leftovers(service));
}

static char const *
base_name(char const *path)
{
	char const *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

struct event
finish_start(struct service *service)
{
	struct report const *report = &service->facts.report;
	uint32_t limit_ms = service->options.timeout_finish_ms;
	char code[UINT_FMT], number[UINT_FMT], group[PID_FMT];
	char const *const argv[] = {SERVICE_FINISH, code, number,
	    base_name(service->path), group, NULL};
	struct process_plan plan = {
	    .argv = argv, .own_session = true, .notify_fd = -1};
	pid_t session = (pid_t)service->facts.report.session;
	int error;
	bool exited = report->end == END_EXITED;
	bool killed = report->end == END_KILLED;

	if (access(SERVICE_FINISH, F_OK) == -1 && errno == ENOENT)
		return (struct event){.kind = EVENT_FINISHED};
	code[uint_fmt(code, exited ? report->end_code : CODE_KILLED)] = 0;
	number[uint_fmt(number, killed ? report->end_code : 0)] = 0;
	group[pid_fmt(group, session ? session : getpgrp())] = 0;
	switch (run_fork(service, &plan, &error)) {
	case START_EXECUTED:
		if (limit_ms)
			timer_arm(&service->timers, TIMER_FINISH, limit_ms);
		return (struct event){EVENT_NONE};
	case START_NOT_EXECUTED:
		run_failed(service, "execute " SERVICE_FINISH, error,
		    message_cause(SERVICE_FINISH, error));
		return finish_ended(service, NULL);
	case START_NOT_FORKED:
		break;
	}
	run_failed(service, "fork for " SERVICE_FINISH, error, "");
	timer_arm(&service->timers, TIMER_RETRY, SERVICE_RETRY_MS);
	return (struct event){EVENT_NONE};
}

struct event
finish_ended(struct service *service, int const *wait_status)
{
	bool gave_up = wait_status && WIFEXITED(*wait_status) &&
		       WEXITSTATUS(*wait_status) == CODE_GAVE_UP;

	process_forget(&service->process);
	timer_disarm(&service->timers, TIMER_FINISH);
	if (!gave_up)
		return (struct event){.kind = EVENT_FINISHED};
	message_join(service->given_up, sizeof service->given_up,
	    (char const *[]){SERVICE_FINISH " exited 125", NULL});
	return (struct event){.kind = EVENT_GAVE_UP};
}
