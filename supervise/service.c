/*
 * One row per action, one per timer.  Time is the monotonic clock's; the wall
 * clock is for facts that are shown.
 */
#include "supervise/service.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <skalibs/posixplz.h>
#include <skalibs/types.h>

#include "supervise/after.h"
#include "supervise/control.h"
#include "supervise/inherit.h"
#include "supervise/life.h"
#include "supervise/status.h"
#include "supervise/warn.h"

#define FINAL_FILE   SUPERVISE_DIR "/final"
#define KILL_SOON_MS 5000
#define SHOW_MS	     1000

static bool
armed(struct service const *service, enum timer timer)
{
	return tain_less(&service->due[timer], &tain_infinite);
}

static bool
publish_one(struct service *service, struct published *file, char const *text,
    size_t len)
{
	if (publish(file, text, len) == 0) {
		file->trouble = 0;
		return true;
	}
	warn_once(&file->trouble, errno, "write", service->name, file->name);
	return false;
}

bool
service_publish_report(struct service *service)
{
	struct report report;

	facts_report(
	    &report, &service->facts, &service->state, &service->child);
	return publish_one(service, &service->report, report.text, report.len);
}

static bool
publish_status(struct service *service)
{
	struct status status =
	    facts_status(&service->facts, &service->state, &service->child);
	char record[STATUS_SIZE];

	status_pack(record, &status);
	return publish_one(service, &service->status, record, sizeof record);
}

/*
 * Most services are gone in less time than it takes to write that they are
 * about to be.  When all go at once the status says so only if it lasts; the
 * report does at once, for a successor goes by that.
 */
static bool
is_brief(struct service const *service)
{
	return armed(service, TIMER_SHOW) && service->state.phase == PHASE_UP;
}

void
service_publish(struct service *service)
{
	bool report_out, status_out;

	if (!service->changed)
		return;
	/* The report first: who sees a new status finds its explanation. */
	report_out = service_publish_report(service);
	status_out = is_brief(service) || publish_status(service);
	service->changed = !report_out || !status_out;
	if (service->changed)
		service_arm(service, TIMER_RETRY, RETRY_MS);
}

void
service_arm(struct service *service, enum timer timer, uint64_t ms)
{
	tain *due = &service->due[timer];

	tain_now_g();
	tain_from_millisecs(due, (int)(ms < INT32_MAX ? ms : INT32_MAX));
	tain_add_g(due, due);
}

void
service_disarm(struct service *service, enum timer timer)
{
	service->due[timer] = tain_infinite;
}

/* A second request to stop does not put off the first one's end. */
static void
kill_later(struct service *service, uint64_t ms)
{
	if (ms && !armed(service, TIMER_KILL))
		service_arm(service, TIMER_KILL, ms);
}

/* What svscan asks for when an essential service is down for good. */
static int
write_final(struct facts const *facts)
{
	char text[UINT_FMT + 1];
	unsigned int code = facts->end_code;
	size_t n;

	if (facts->end == END_KILLED)
		code += 128;
	else if (facts->end != END_EXITED)
		code = 111;
	n = uint_fmt(text, code);
	text[n++] = '\n';
	return publish_once(FINAL_FILE, FINAL_FILE ".new", text, n);
}

void
service_final(struct service *service)
{
	if (!service->final)
		return;
	if (write_final(&service->facts) == -1) {
		warn_once(&service->final_trouble, errno, "write",
		    service->name, FINAL_FILE);
		service_arm(service, TIMER_RETRY, RETRY_MS);
		return;
	}
	service_publish(service);
	service->over = true;
}

static void
perform(struct service *service, struct action const *action)
{
	uint64_t kill_ms = service->options.timeout_kill_ms;

	switch (action->kind) {
	case ACTION_START:
		service->final = false;
		life_start(service);
		break;
	case ACTION_SIGNAL:
		life_signal(service, action->signal);
		break;
	case ACTION_STOP:
		life_signal(service, service->options.stop_signal);
		break;
	case ACTION_KILL_LATER:
		kill_later(service, kill_ms);
		break;
	case ACTION_KILL_SOON:
		kill_later(service, kill_ms ? kill_ms : KILL_SOON_MS);
		break;
	case ACTION_REST:
		service_arm(service, TIMER_REST, service->rest_ms);
		break;
	case ACTION_CLEAR:
		after_run(service);
		break;
	case ACTION_FINISH:
		after_finish(service);
		break;
	case ACTION_KILL_FINISH:
		child_signal(&service->child, SIGKILL, true);
		break;
	case ACTION_FINAL:
		service->final = service->options.essential;
		service_final(service);
		break;
	case ACTION_EXIT:
		service_publish(service);
		service->over = true;
		break;
	}
}

/* Is there anything in it to publish? */
static bool
shows(struct state const *before, struct state after)
{
	/* What was asked to end is stopping if it is to leave as well. */
	if (before->leave == LEAVE_NO && after.leave == LEAVE_EXIT &&
	    !before->term_sent)
		after.leave = LEAVE_NO;
	return memcmp(before, &after, sizeof after) != 0;
}

void
service_feed(struct service *service, enum event event)
{
	struct step step;

	if (service->over)
		return;
	step = state_step(service->state, event);
	if (shows(&service->state, step.state))
		service->changed = true;
	service->state = step.state;
	for (int i = 0; i < step.actions_len; i++)
		perform(service, &step.actions[i]);
}

void
service_shut_down(struct service *service)
{
	if (service->state.leave == LEAVE_NO)
		service_arm(service, TIMER_SHOW, SHOW_MS);
	service_feed(service, EVENT_DOWN);
	service_feed(service, EVENT_EXIT);
}

static enum event
event_of(struct service *service, struct control const *row)
{
	switch ((int)row->event) {
	case EVENT_UP:
		if (access("once", F_OK) == 0)
			return EVENT_ONCE;
		/* fallthrough */
	case EVENT_ONCE:
	case EVENT_RESTART:
		if (service->state.failed)
			policy_reset(service->policy);
	}
	return row->event;
}

void
service_obey(struct service *service, char letter)
{
	struct control const *row = control_find(letter);

	if (row && row->event != EVENT_COUNT)
		service_feed(service, event_of(service, row));
	service->target = letter == CONTROL_GROUP     ? TARGET_GROUP
			  : letter == CONTROL_PROCESS ? TARGET_PROCESS
						      : TARGET_DEFAULT;
}

tain const *
service_deadline(struct service const *service, tain *deadline)
{
	*deadline = tain_infinite;
	for (int i = 0; i < TIMER_COUNT; i++)
		if (tain_less(&service->due[i], deadline))
			*deadline = service->due[i];
	return tain_less(deadline, &tain_infinite) ? deadline : NULL;
}

static void
fire(struct service *service, enum timer timer)
{
	switch (timer) {
	case TIMER_REST:
		service_feed(service, EVENT_RESTED);
		break;
	case TIMER_KILL:
		service_feed(service, EVENT_KILL_DUE);
		break;
	case TIMER_FINISH:
		service_feed(service, EVENT_FINISH_DUE);
		break;
	case TIMER_READY:
		service_feed(service, EVENT_READY_DUE);
		break;
	case TIMER_WATCHDOG:
		service_feed(service, EVENT_WATCHDOG_DUE);
		break;
	case TIMER_SHOW:
		service->changed = true;
		break;
	case TIMER_RETRY:
		life_retry(service);
		break;
	case TIMER_COUNT:
		break;
	}
}

void
service_pass_time(struct service *service)
{
	for (int i = 0; i < TIMER_COUNT; i++) {
		enum timer timer = (enum timer)i;

		if (!armed(service, timer) || tain_future(&service->due[i]))
			continue;
		service_disarm(service, timer);
		fire(service, timer);
	}
}

int
service_reserve(struct service *service)
{
	service->room = child_room();
	service->policy = calloc(1, sizeof *service->policy);
	return service->room && service->policy ? 0 : -1;
}

int
service_begin(struct service *service, char const *name, char const *path,
    struct setup const *setup)
{
	service->name = name;
	service->path = path;
	service->setup = setup;
	service->child = CHILD_NONE;
	service->notify = NOTIFY_NONE;
	for (int i = 0; i < TIMER_COUNT; i++)
		service_disarm(service, (enum timer)i);
	facts_begin(&service->facts);
	publish_open(&service->report, REPORT_FILE, REPORT_FILE ".new", NULL);
	publish_open(&service->status, STATUS_FILE, STATUS_FILE ".new",
	    service->status_text);
	if (inherit_all(service) == -1)
		return -1;
	unlink_void(FINAL_FILE);
	service->changed = true;
	return 0;
}

void
service_start_first(struct service *service)
{
	if (service->ended_unseen) {
		life_ended(service, NULL);
		return;
	}
	if (service->state.phase != PHASE_DOWN)
		return;
	switch (service->state.want) {
	case WANT_UP:
		service_feed(service, EVENT_UP);
		break;
	case WANT_ONCE:
		service_feed(service, EVENT_ONCE);
		break;
	case WANT_DOWN:
		break;
	}
}
