/*
 * The start and the end of ./run, and how what is known of it becomes the
 * report and the status.
 *
 * Two orderings carry the promise that nothing runs twice: the child publishes
 * who it is before it executes anything, and what an earlier supervise has
 * published is looked for before anything is started (adopt.c).
 */
#include "supervise/run.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <skalibs/types.h>

#include "supervise/error.h"
#include "supervise/message.h"
#include "supervise/ready.h"

void
run_failed(struct service *service, char const *verb, char const *object,
    int error, char const *cause)
{
	char *why = service->facts.report.error;
	char before[REPORT_TEXT_MAX];

	memcpy(before, why, sizeof before);
	message_join(why, sizeof before, "unable to ", verb, object, ": ",
	    error_words(error), *cause ? " (" : "", cause, *cause ? ")" : "");
	if (strcmp(before, why) != 0)
		message_say(service->name, NULL, why);
}

void
run_gave_up(struct service *service)
{
	char *error = service->facts.report.error;
	char const *why = service->given_up;
	char before[REPORT_TEXT_MAX];
	char deaths[UINT32_FMT], secs[UINT32_FMT];

	if (why && !*why)
		return;
	memcpy(before, error, sizeof before);
	deaths[uint32_fmt(deaths, service->options.limit_deaths)] = 0;
	secs[uint32_fmt(secs, service->options.limit_secs)] = 0;
	if (why)
		message_join(error, REPORT_TEXT_MAX, why);
	else
		message_join(error, REPORT_TEXT_MAX,
		    "restart limit reached: more than ", deaths, " deaths in ",
		    secs, " seconds", *before ? "; " : "", before);
	message_say(service->name, NULL, error);
	/* A new request starts a new count. */
	policy_reset(&service->policy);
}

void
run_trouble(struct service *service, int *last, char const *verb,
    char const *object, int error)
{
	message_warn_once(
	    last, &(struct message){verb, service->name, object, error});
	if (error)
		timer_arm(&service->timers, TIMER_RETRY, SERVICE_RETRY_MS);
}

bool
run_publish(struct service *service, struct published *file, char const *text,
    size_t len)
{
	int error = publish(file, text, len) == 0 ? 0 : errno;

	run_trouble(service, &file->trouble, "write", file->name, error);
	return !error;
}

#define set_word(to, word) message_join(to, REPORT_WORD_MAX, word)

static bool
publish_report(struct service *service)
{
	struct report *r = &service->facts.report;
	struct state const *state = &service->state;
	struct process const *child = &service->process;
	char text[REPORT_LONGEST];

	set_word(r->state, state_word(state));
	set_word(r->want, state_want_word(state->want));
	set_word(r->next, state_next_word(state, child->pid != 0));
	set_word(r->resume, state->leave == LEAVE_REPLACE ? r->next : "");
	r->pid = (uint64_t)child->pid;
	r->born = child->born;
	if (!state->ready)
		r->ready_since = (struct timespec){0};
	return run_publish(
	    service, &service->report, text, report_format(text, r));
}

void
run_publish_all(struct service *service)
{
	static char const wants[] = {
	    [WANT_UP] = 'u', [WANT_ONCE] = 0, [WANT_DOWN] = 'd'};
	struct state const *state = &service->state;
	/* A starting service is not up: perhaps ./run cannot be executed. */
	bool up = state->phase == PHASE_UP;
	bool ended =
	    state->phase == PHASE_CLEARING || state->phase == PHASE_FINISHING;
	struct status status = {
	    .since = service->facts.report.since,
	    .pid = up ? (uint32_t)service->process.pid : 0,
	    .paused = up && state->paused,
	    .want = wants[state->want],
	    .term_sent = up && state->term_sent,
	    .run = up	   ? STATUS_RUNNING
		   : ended ? STATUS_FINISHING
			   : STATUS_DOWN,
	};
	char record[STATUS_SIZE];

	publish_report(service);
	status_pack(record, &status);
	run_publish(service, &service->status, record, sizeof record);
}

/* In the child: the next supervise must find it in the report. */
static bool
publish_child(void *data)
{
	struct service *service = data;
	struct report *r = &service->facts.report;

	if (service->state.phase == PHASE_STARTING)
		r->session = service->options.no_setsid
				 ? 0
				 : (uint64_t)service->process.pid;
	return publish_report(service) && r->boot[0];
}

bool
run_fork(struct service *service, struct process_plan *plan)
{
	char const *program = plan->argv[0];
	int report_fd = service->report.fd, error;

	plan->setup = &service->setup;
	plan->publish = publish_child;
	plan->data = service;
	error = process_start(&service->process, plan);
	service->report.fd = report_fd;
	if (error)
		run_failed(service, plan->forked ? "execute " : "fork for ",
		    program, error,
		    plan->forked ? message_cause(program, error) : "");
	return !error;
}

/* Null, or the name of the file that forbids a start, and errno. */
static char const *
read_options(struct service *service)
{
	char *complaints = service->complaints;
	char before[OPTIONS_COMPLAINTS];
	char const *refused;

	memcpy(before, complaints, sizeof before);
	refused = options_read(&service->options, complaints);
	if (*complaints && strcmp(before, complaints) != 0)
		message_say(service->name, NULL, complaints);
	return refused;
}

void
run_executed(struct service *service)
{
	struct report *r = &service->facts.report;

	clock_gettime(CLOCK_REALTIME, &r->since);
	service->facts.ran_from_ms = timer_now();
	r->starts++;
	r->error[0] = r->status_text[0] = 0;
}

struct event
run_start(struct service *service)
{
	static char const *const argv[] = {SERVICE_RUN, NULL};
	char const *refused = read_options(service);
	uint32_t ms = service->options.restart_min_ms;
	struct process_plan plan = {
	    .argv = argv,
	    .own_session = !service->options.no_setsid,
	    .notify_fd = -1,
	};

	if (refused)
		run_failed(service, errno == ENOTSUP ? "start" : "read options",
		    "", errno, refused);
	service->facts.report.attempts++;
	service->excused = 0;
	service->told = service->killing = false;
	service->not_executed = true;
	service->notes.len = 0;
	service->timers.due[TIMER_KILL] = 0;
	service->may_start =
	    timer_after(ms < SERVICE_START_MS ? ms : SERVICE_START_MS);
	if (!refused && ready_open(service, &plan) == -1) {
		run_failed(service, "listen to ", SERVICE_RUN, errno, "");
	} else if (!refused) {
		service->not_executed = !run_fork(service, &plan);
		if (plan.notify_fd != -1)
			fd_close(plan.notify_fd);
	}
	if (!service->not_executed) {
		run_executed(service);
		return state_event(EVENT_EXECUTED);
	}
	if (plan.forked)
		return run_ended(service, NULL);
	/* There was no ./run, so there is no ./finish; retry later. */
	ready_over(service);
	service->facts.report.failed_attempt = service->facts.report.attempts;
	timer_arm(&service->timers, TIMER_REST, SERVICE_RETRY_MS);
	return state_event(EVENT_FORK_FAILED);
}

struct event
run_resume(struct service *service)
{
	static int read_trouble, listen_trouble;
	struct options const *options = &service->options;
	struct state const *state = &service->state;
	char const *file = read_options(service);
	int error = file && errno != ENOTSUP ? errno : 0;

	if (!service->process.pid)
		return state_event(EVENT_NONE);
	/* To look at it without a pidfd, and to send what is unsent. */
	timer_arm(&service->timers, TIMER_RETRY, SERVICE_RETRY_MS);
	run_trouble(service, &read_trouble, "read", file, error);
	service->deaf = error != 0;
	if (error)
		return state_event(EVENT_NONE);
	if (state->phase == PHASE_FINISHING)
		timer_arm_once(
		    &service->timers, TIMER_KILL, options->timeout_finish_ms);
	if (state->phase != PHASE_UP)
		return state_event(EVENT_NONE);
	process_note(&service->notes, service->process.pid);
	if (state->term_sent)
		timer_arm_once(
		    &service->timers, TIMER_KILL, options->timeout_kill_ms);
	error = ready_reopen(service, &file) == -1 ? errno : 0;
	run_trouble(service, &listen_trouble, "listen to", file, error);
	service->deaf = error != 0;
	return ready_await(service);
}

struct event
run_ended(struct service *service, int const *wait_status)
{
	struct report *r = &service->facts.report;
	uint64_t delay_ms, now_ms = timer_now(), ran_ms = 0;
	bool asked =
	    state_stopping(&service->state) || service->excused > now_ms;
	bool too_often;

	if (service->state.phase == PHASE_UP) {
		int status = wait_status ? *wait_status : 0;
		bool killed = WIFSIGNALED(status);

		r->end = killed	       ? END_KILLED
			 : wait_status ? END_EXITED
				       : END_UNKNOWN;
		r->end_code = (unsigned int)(killed ? WTERMSIG(status)
						    : WEXITSTATUS(status));
		r->deaths++;
		r->leftovers = 0;
		ran_ms = r->ran_ms = now_ms - service->facts.ran_from_ms;
		clock_gettime(CLOCK_REALTIME, &r->since);
	}
	too_often = policy_died(
	    &service->policy, &service->options, now_ms, ran_ms, asked);
	delay_ms = service->policy.delay_ms;
	if (asked) {
		service->timers.due[TIMER_REST] = service->may_start;
	} else {
		r->failed_attempt = r->attempts;
		timer_arm(&service->timers, TIMER_REST,
		    delay_ms > ran_ms ? delay_ms - ran_ms : 0);
	}
	if (service->options.kill_mode != KILL_ALL)
		service->timers.due[TIMER_KILL] = 0;
	service->run_born = service->process.born;
	process_forget(&service->process);
	r->unsent = r->unsent_group = 0;
	ready_over(service);
	if (!too_often)
		return state_event(EVENT_DIED);
	service->given_up = NULL;
	return state_event(EVENT_DIED_TOO_OFTEN);
}
