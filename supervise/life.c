/*
 * Two orderings carry the promise that nothing runs twice: the child publishes
 * who it is before it executes anything, and what an earlier supervise has
 * published is looked for before anything is started (service_begin()).
 */
#include "supervise/life.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <skalibs/types.h>

#include "supervise/after.h"
#include "supervise/cause.h"
#include "supervise/ready.h"
#include "supervise/warn.h"

#define RUN    "./run"
#define FINISH "./finish"

void
life_failed(
    struct service *service, char const *verb, int error, char const *cause)
{
	char before[FACTS_ERROR_MAX];

	memcpy(before, service->facts.error, sizeof before);
	facts_failed(&service->facts, verb, error, cause);
	if (strcmp(before, service->facts.error) != 0)
		warn_text(service->name, service->facts.error);
	service->changed = true;
}

/* All that is wrong with the options, in one line, said when it changes. */
static void
complain(void *data, char const *file, char const *why)
{
	char *complaints = data;
	size_t len = strlen(complaints);
	char const *pieces[] = {len ? ", " : "ignored: ", file, " is ", why};

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		size_t n = strlen(pieces[i]);

		if (n >= COMPLAINTS_MAX - len)
			break;
		memcpy(complaints + len, pieces[i], n + 1);
		len += n;
	}
}

/* Null, or the name of the file that forbids a start. */
static char const *
read_options(struct service *service)
{
	char complaints[COMPLAINTS_MAX] = "";
	char const *refused =
	    options_read(&service->options, complain, complaints);

	if (*complaints && strcmp(service->complaints, complaints) != 0)
		warn_text(service->name, complaints);
	memcpy(service->complaints, complaints, sizeof complaints);
	return refused;
}

/* In the child: a successor must find it before it executes anything. */
static void
publish_child(void *data)
{
	service_publish_report(data);
}

enum child_start
life_fork(struct service *service, struct child_plan *plan, int *error)
{
	int report_fd = service->report.fd;
	enum child_start result;

	plan->room = service->room;
	plan->mask = service->setup->mask;
	plan->lock_fd = service->setup->lock_fd;
	plan->control_fd = service->setup->control_fd;
	plan->ok_fd = service->setup->ok_fd;
	plan->publish = publish_child;
	plan->data = service;
	result = child_start(&service->child, plan, error);
	publish_forked(&service->report, report_fd);
	service->changed = true;
	return result;
}

static enum child_start
start_run(struct service *service, int *error)
{
	static char const *const argv[] = {RUN, NULL};
	struct child_plan plan = {
	    .argv = argv,
	    .own_session = service->options.own_session,
	};
	enum child_start result;

	ready_plan(&plan, service);
	result = life_fork(service, &plan, error);
	notify_close_fifo_end(&service->notify);
	service->last_session = plan.own_session ? service->child.pid : 0;
	service->last_group = plan.own_session ? service->child.pid : getpgrp();
	return result;
}

/* It is tried again; nothing has run, so nothing is to be finished. */
static void
not_started(
    struct service *service, char const *verb, int error, char const *cause)
{
	life_failed(service, verb, error, cause);
	ready_died(service);
	service->rest_ms = RETRY_MS;
	service_feed(service, EVENT_FORK_FAILED);
}

void
life_start(struct service *service)
{
	char const *refused = read_options(service);
	int error;

	if (refused) {
		not_started(service, "start", ENOTSUP, refused);
		return;
	}
	if (ready_open(service) == -1) {
		not_started(service, "listen to " RUN, errno, "");
		return;
	}
	switch (start_run(service, &error)) {
	case CHILD_EXECUTED:
		facts_executed(&service->facts);
		service_feed(service, EVENT_EXECUTED);
		ready_executed(service);
		break;
	case CHILD_NOT_EXECUTED:
		life_failed(
		    service, "execute " RUN, error, cause_of(RUN, error));
		life_ended(service, NULL);
		break;
	case CHILD_NOT_FORKED:
		not_started(service, "fork for " RUN, error, "");
		break;
	}
}

void
life_resume(struct service *service)
{
	struct options const *options = &service->options;
	struct state const *state = &service->state;

	read_options(service);
	service->last_session = options->own_session ? service->child.pid : 0;
	service->last_group =
	    options->own_session ? service->child.pid : getpgrp();
	if (service->child.pidfd == -1)
		service_arm(service, TIMER_RETRY, RETRY_MS);
	if (state->phase == PHASE_FINISHING && options->timeout_finish_ms)
		service_arm(service, TIMER_FINISH, options->timeout_finish_ms);
	if (state->phase != PHASE_UP)
		return;
	ready_resume(service);
	if (state->term_sent && options->timeout_kill_ms)
		service_arm(service, TIMER_KILL, options->timeout_kill_ms);
}

static void
signal_child(struct service *service, int signal, bool group)
{
	static warn_memory trouble;

	if (child_signal(&service->child, signal, group) == 0 ||
	    errno == ESRCH) {
		trouble = 0;
		if (service->unsent == signal)
			service->unsent = 0;
		return;
	}
	warn_once(&trouble, errno, "signal", service->name, RUN);
	service->unsent = signal;
	service_arm(service, TIMER_RETRY, RETRY_MS);
}

void
life_paused(struct service *service, bool paused)
{
	service_feed(service, paused ? EVENT_STOPPED : EVENT_CONTINUED);
	ready_paused(service);
}

/* Nobody tells us that an adopted process has stopped, or goes on. */
static void
assume_obeyed(struct service *service, int signal)
{
	if (service->child.adopted && (signal == SIGSTOP || signal == SIGCONT))
		life_paused(service, signal == SIGSTOP);
}

void
life_signal(struct service *service, int signal)
{
	bool group = false;

	switch (service->target) {
	case TARGET_DEFAULT:
		group = service->options.kill_mode == KILL_GROUP;
		break;
	case TARGET_GROUP:
		group = true;
		break;
	case TARGET_PROCESS:
		break;
	}
	signal_child(service, signal, group);
	assume_obeyed(service, signal);
}

static void
run_ended(struct service *service, int const *wait_status)
{
	struct facts *facts = &service->facts;
	uint64_t ran_ms = 0;
	bool too_often;

	if (service->state.executed) {
		facts_died(facts, wait_status);
		ran_ms = facts->ran_ms;
	}
	too_often = policy_died(service->policy, &service->options,
	    facts_clock_ms(), ran_ms, service->state.term_sent);
	service->rest_ms = service->policy->delay_ms > ran_ms
			       ? service->policy->delay_ms - ran_ms
			       : 0;
	child_forget(&service->child);
	service->unsent = 0;
	ready_died(service);
	service_disarm(service, TIMER_KILL);
	service_disarm(service, TIMER_SHOW);
	service_feed(service, too_often ? EVENT_DIED_TOO_OFTEN : EVENT_DIED);
}

void
life_ended(struct service *service, int const *wait_status)
{
	if (service->state.phase == PHASE_FINISHING)
		after_finish_ended(service, wait_status);
	else
		run_ended(service, wait_status);
}

void
life_ask_adopted(struct service *service)
{
	if (service->child.adopted && !child_lives(&service->child))
		life_ended(service, NULL);
}

void
life_retry(struct service *service)
{
	struct child const *child = &service->child;

	if (service->state.phase == PHASE_FINISHING && !child->pid)
		after_finish(service);
	after_ask_cleared(service);
	service_final(service);
	if (service->unsent)
		life_signal(service, service->unsent);
	if (child->adopted && child->pidfd == -1)
		service_arm(service, TIMER_RETRY, RETRY_MS);
	life_ask_adopted(service);
}
