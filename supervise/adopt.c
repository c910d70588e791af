/*
 * A process that may be another by now is not touched, and where it cannot be
 * told nothing is started: process.h sees to that.
 */
#include "supervise/adopt.h"

#include <unistd.h>

#include "supervise/run.h"
#include "supervise/status.h"

/* 1 adopted, 0 nothing there to adopt, -1 errno */
static int
adopt(struct service *service, struct report const *report)
{
	struct facts_left left;
	struct status status;
	int found;

	if (!facts_left(&left, report, &service->facts))
		return 0;
	found = process_adopt(&service->process, left.pid, left.born);
	/* A run that has ended unseen has ended all the same. */
	service->ended_unseen = found == 0 && !left.finishing;
	if (found != 1 && !service->ended_unseen)
		return found;
	service->state = state_begin(left.want);
	service->state = state_step(service->state,
	    (struct event){
		.kind = left.finishing ? EVENT_ADOPTED_FINISH : EVENT_ADOPTED})
			     .state;
	if (left.starting)
		facts_executed(&service->facts);
	else
		facts_continue(&service->facts, report);
	service->state.ready = left.ready && !left.finishing;
	if (!left.starting && status_read(&status) == 0 &&
	    status.pid == (uint32_t)left.pid) {
		service->state.paused = status.paused;
		service->state.term_sent = status.term_sent;
	}
	run_resume(service);
	return 1;
}

static enum want
first_want(struct setup const *setup, struct report const *report)
{
	enum want want = WANT_UP;

	if (setup->down_file)
		want = WANT_DOWN;
	else if (access("once", F_OK) == 0)
		want = WANT_ONCE;
	facts_want(&want, report->resume);
	return want;
}

int
adopt_all(struct service *service)
{
	struct report report;
	int adopted;

	if (report_read(&report) == -1)
		report = (struct report){0};
	service->facts.report.starts = report.starts;
	service->facts.report.deaths = report.deaths;
	adopted = adopt(service, &report);
	if (adopted == -1)
		return -1;
	if (!adopted)
		service->state =
		    state_begin(first_want(&service->setup, &report));
	return 0;
}
