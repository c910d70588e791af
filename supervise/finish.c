/*
 * supervise is a subreaper (prctl(2)): when a process dies, its children become
 * children of supervise, in whatever session they are.
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

#define MOVED "it moved itself to another session: use no-setsid"

#define CODE_GAVE_UP 125 /* of ./finish */
#define CODE_KILLED  256 /* where an exit code is expected */
#define LOOK_MS	     100 /* between looks at what must go */

/* A program that puts itself into the background does so at its start. */
#define MOVES_WITHIN_MS 5000

/* 0; -1: nobody can tell, and that is said. */
static int
look(struct service *service, struct leftovers *found, int signal)
{
	static int trouble;
	pid_t session = (pid_t)service->facts.report.session;
	siginfo_t info;
	int error;

	*found = (struct leftovers){
	    .notes = &service->notes,
	    .session = session,
	    .except = service->process.pid,
	    .all = service->options.kill_mode == KILL_ALL,
	    .since = service->run_born,
	};
	/* The orphans of an adopted service are not our children: its session
	 * tells, and what was noted. */
	if (!service->process.pid && !service->notes.len &&
	    waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == -1 &&
	    (!session || (kill(-session, 0) == -1 && errno != EPERM)))
		return 0;
	setup_spend(&service->setup);
	error = process_leftovers(found, signal) == 0 ? 0 : errno;
	setup_regain(&service->setup);
	/* Who was not seen is told the next time. */
	service->told = service->told || (signal && !error);
	run_trouble(service, &trouble, "look at what is left of", NULL, error);
	/* Where there is no /proc there is nothing to wait for. */
	return error && error != ENOENT ? -1 : 0;
}

void
finish_tell_all(struct service *service, int signal)
{
	struct leftovers found;

	if (service->options.kill_mode == KILL_ALL)
		look(service, &found, signal);
}

/* Processes are left that need not be stopped: warn, or give the service up. */
static struct event
leave_behind(struct service *service, struct leftovers const *found)
{
	struct report const *report = &service->facts.report;
	/* As it looks when a program puts itself into the background. */
	bool early = report->session && report->end == END_EXITED &&
		     report->end_code == 0 && report->ran_ms < MOVES_WITHIN_MS;
	bool away = early && found->away;
	char words[REPORT_END_MAX], text[REPORT_TEXT_MAX];

	/* The child may not have called setsid(2) yet: look once more. */
	if (early && !away && !service->looks_again) {
		service->looks_again = true;
		timer_arm(&service->timers, TIMER_RETRY, LOOK_MS);
		return state_event(EVENT_NONE);
	}
	service->looks_again = false;
	report_end_words(words, report);
	message_join(text, sizeof text, words, " (",
	    away ? MOVED : "does run use exec?", ")");
	if (!service->leftovers_said &&
	    (!away || service->state.want != WANT_UP))
		message_say(service->name, NULL, text);
	service->leftovers_said = true;
	if (away)
		service->given_up = MOVED;
	return state_event(away ? EVENT_MOVED_AWAY : EVENT_CLEARED);
}

/* With kill-mode all: stop signal, time to stop, then KILL until all are gone.
 */
struct event
finish_clear(struct service *service)
{
	struct report *report = &service->facts.report;
	uint32_t ms = service->options.timeout_kill_ms;
	bool all = service->options.kill_mode == KILL_ALL;
	int signal = service->killing ? SIGKILL
		     : service->told  ? 0
				      : (int)service->options.stop_signal;
	struct leftovers found;
	int looked;

	if (service->state.phase != PHASE_CLEARING ||
	    (service->looks_again && service->timers.due[TIMER_RETRY]))
		return state_event(EVENT_NONE);
	looked = look(service, &found, all ? signal : 0);
	if (report->leftovers < (uint64_t)found.count)
		report->leftovers = (uint64_t)found.count;
	if (all && (looked == -1 || found.left)) {
		if (!service->killing)
			timer_arm_once(&service->timers, TIMER_KILL,
			    ms ? ms : SERVICE_KILL_MS);
		if (looked == 0)
			timer_arm(&service->timers, TIMER_RETRY, LOOK_MS);
		return state_event(EVENT_NONE);
	}
	if (found.denied && found.denied != service->denied) {
		char number[PID_FMT], text[100];

		service->denied = found.denied;
		number[pid_fmt(number, found.denied)] = 0;
		message_join(text, sizeof text, "process ", number,
		    " was left behind, and may not be signalled");
		message_say(service->name, NULL, text);
	}
	service->timers.due[TIMER_KILL] = 0;
	if (found.count)
		return leave_behind(service, &found);
	service->looks_again = service->leftovers_said = false;
	return state_event(EVENT_CLEARED);
}

struct event
finish_start(struct service *service)
{
	struct report const *report = &service->facts.report;
	uint32_t limit_ms = service->options.timeout_finish_ms;
	char code[UINT_FMT], number[UINT_FMT], group[PID_FMT];
	char const *slash = strrchr(service->name, '/');
	char const *const argv[] = {SERVICE_FINISH, code, number,
	    slash ? slash + 1 : service->name, group, NULL};
	struct process_plan plan = {
	    .argv = argv, .own_session = true, .notify_fd = -1};
	pid_t session = (pid_t)service->facts.report.session;
	bool exited = report->end == END_EXITED;
	bool killed = report->end == END_KILLED;
	bool executed;

	if (access(SERVICE_FINISH, F_OK) == -1 && errno == ENOENT)
		return state_event(EVENT_FINISHED);
	code[uint_fmt(code, exited ? report->end_code : CODE_KILLED)] = 0;
	number[uint_fmt(number, killed ? report->end_code : 0)] = 0;
	group[pid_fmt(group, session ? session : getpgrp())] = 0;
	executed = run_fork(service, &plan);
	if (!executed && plan.forked)
		return finish_ended(service, NULL);
	if (!executed)
		timer_arm(&service->timers, TIMER_RETRY, SERVICE_RETRY_MS);
	else if (limit_ms)
		timer_arm(&service->timers, TIMER_KILL, limit_ms);
	return state_event(EVENT_NONE);
}

struct event
finish_ended(struct service *service, int const *wait_status)
{
	bool gave_up = wait_status && WIFEXITED(*wait_status) &&
		       WEXITSTATUS(*wait_status) == CODE_GAVE_UP;

	process_forget(&service->process);
	service->timers.due[TIMER_KILL] = 0;
	service->facts.report.unsent_group = 0;
	if (!gave_up)
		return state_event(EVENT_FINISHED);
	service->given_up = SERVICE_FINISH " exited 125";
	return state_event(EVENT_GAVE_UP);
}
