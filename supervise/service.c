/*
 * The machine's actions as system calls.  Two orderings carry the promise that
 * nothing runs twice: who the child is is published before it may execute, and
 * whatever an earlier supervise has published is looked for before anything is
 * started.
 */
#include "supervise/service.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "supervise/cause.h"
#include "supervise/status.h"
#include "supervise/warn.h"

#define RUN	     "./run"
#define RESTART_SECS 1 /* from one start to the next */
#define RETRY_SECS   1 /* until what failed is tried again */

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

void
service_publish(struct service *service)
{
	struct status status =
	    facts_status(&service->facts, &service->state, &service->child);
	char record[STATUS_SIZE];
	struct report report;
	bool report_out, status_out;

	if (!service->changed)
		return;
	facts_report(
	    &report, &service->facts, &service->state, &service->child);
	status_pack(record, &status);
	/* The report first: who sees a new status finds its explanation. */
	report_out =
	    publish_one(service, &service->report, report.text, report.len);
	status_out =
	    publish_one(service, &service->status, record, sizeof record);
	service->changed = !report_out || !status_out;
	if (service->changed)
		tain_addsec_g(&service->retry_at, RETRY_SECS);
}

/* Said once for every reason in a row, not once a second. */
static void
failed(struct service *service, char const *verb, int error, char const *cause)
{
	char before[FACTS_ERROR_MAX];

	memcpy(before, service->facts.error, sizeof before);
	facts_failed(&service->facts, verb, error, cause);
	if (strcmp(before, service->facts.error) != 0)
		warn_text(service->name, service->facts.error);
	service->changed = true;
}

static void
start(struct service *service)
{
	bool own_session = access("no-setsid", F_OK) == -1;

	tain_now_g();
	tain_addsec_g(&service->rested_at, RESTART_SECS);
	if (child_start(&service->child, RUN, own_session, service->lock_fd) ==
	    -1) {
		failed(service, "fork for " RUN, errno, "");
		service_feed(service, EVENT_FORK_FAILED);
		return;
	}
	/* A successor must find the process before it can execute anything. */
	service_publish(service);
	child_go(&service->child);
}

static void
signal_child(struct service *service, int signal)
{
	static warn_memory trouble;

	if (child_signal(&service->child, signal) == 0 || errno == ESRCH)
		trouble = 0;
	else
		warn_once(&trouble, errno, "signal", service->name, RUN);
}

static void
perform(struct service *service, struct action const *action)
{
	switch (action->kind) {
	case ACTION_START:
		start(service);
		break;
	case ACTION_SIGNAL:
		signal_child(service, action->signal);
		break;
	case ACTION_EXIT:
		service_publish(service);
		service->over = true;
		break;
	}
}

void
service_feed(struct service *service, enum event event)
{
	struct step step;

	if (service->over)
		return;
	step = state_step(service->state, event);
	service->state = step.state;
	service->changed = true;
	for (int i = 0; i < step.actions_len; i++)
		perform(service, &step.actions[i]);
}

void
service_ask_link(struct service *service)
{
	int error;

	if (service->child.link == -1)
		return;
	switch (child_executed(&service->child, &error)) {
	case CHILD_PENDING:
		break;
	case CHILD_EXECUTED:
		facts_executed(&service->facts);
		service_feed(service, EVENT_EXECUTED);
		break;
	case CHILD_FAILED:
		failed(service, "execute " RUN, error, cause_of(RUN, error));
		break;
	}
}

void
service_died(struct service *service, int const *wait_status)
{
	service_ask_link(service);
	if (service->state.phase == PHASE_UP)
		facts_died(&service->facts, wait_status);
	child_forget(&service->child);
	service_feed(service, EVENT_DIED);
}

void
service_ask_adopted(struct service *service)
{
	if (service->child.adopted && !child_lives(&service->child))
		service_died(service, NULL);
}

/* Nobody tells of the death of an adopted process that has no pidfd. */
static bool
must_ask(struct service const *service)
{
	return service->child.adopted && service->child.pidfd == -1;
}

tain const *
service_deadline(struct service const *service, tain *deadline)
{
	bool timed = false;

	*deadline = tain_infinite;
	if (!service->state.rested) {
		*deadline = service->rested_at;
		timed = true;
	}
	if ((service->changed || must_ask(service)) &&
	    tain_less(&service->retry_at, deadline)) {
		*deadline = service->retry_at;
		timed = true;
	}
	return timed ? deadline : NULL;
}

void
service_pass_time(struct service *service)
{
	if (!service->state.rested && !tain_future(&service->rested_at))
		service_feed(service, EVENT_RESTED);
	if (must_ask(service) && !tain_future(&service->retry_at)) {
		tain_addsec_g(&service->retry_at, RETRY_SECS);
		service_ask_adopted(service);
	}
}

/* 1 adopted, 0 nothing there to adopt, -1 errno */
static int
adopt(struct service *service, char const *report)
{
	struct facts_left left;
	struct status status;
	int found;

	if (!facts_left(&left, report, &service->facts))
		return 0;
	found = child_adopt(&service->child, left.pid, left.born);
	if (found != 1)
		return found;
	service->state = state_begin(left.want);
	service_feed(service, EVENT_ADOPTED);
	if (status_read(&status) == 0 && status.pid == (uint32_t)left.pid) {
		service->facts.since = status.since;
		service->state.paused = status.paused;
		service->state.term_sent = status.term_sent;
	}
	return 1;
}

int
service_begin(
    struct service *service, char const *name, bool down_file, int lock_fd)
{
	char report[REPORT_MAX + 1] = "";
	enum want want = down_file ? WANT_DOWN : WANT_UP;
	int adopted;

	*service = (struct service){
	    .name = name, .lock_fd = lock_fd, .child = CHILD_NONE};
	facts_begin(&service->facts);
	report_read(report);
	facts_continue(&service->facts, report);
	facts_resume(&want, report);
	adopted = adopt(service, report);
	if (adopted == -1)
		return -1;
	if (!adopted)
		service->state = state_begin(want);
	publish_open(&service->report, REPORT_FILE, REPORT_FILE ".new");
	publish_open(&service->status, STATUS_FILE, STATUS_FILE ".new");
	service->changed = true;
	service_publish(service);
	return 0;
}

void
service_start_first(struct service *service)
{
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
