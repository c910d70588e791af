/*
 * From a status and a report to a view, and from two views to a verdict.
 *
 * supervise obeys a letter some time after it was sent, so the service may be
 * in the right state only because it has not obeyed yet.  "restarted", "down"
 * after a letter that starts, and a failed start therefore require something
 * that had not happened before: a start, a death, an attempt.  The report
 * counts these; without a report, the time of the last change of pid must
 * differ.
 */
#include "svc/goal.h"

#include <string.h>

static bool
is(char const *word, char const *other)
{
	return strcmp(word, other) == 0;
}

struct goal_view
goal_view(struct status const *status, struct report const *report)
{
	struct goal_view v = {.report = *report};
	char const *state = report->state;
	bool starting = is(state, "starting");

	if (!*state) {
		v.finishing = status->run == STATUS_FINISHING;
		v.process = status->pid != 0 && !v.finishing;
		v.up = v.process && !status->term_sent && status->want != 'd';
		v.ready = v.up;
		v.staying = !v.process && status->want != 'u';
		return v;
	}
	v.up = status->pid != 0 && (is(state, "running") || is(state, "ready"));
	v.ready = v.up && report->ready_since.tv_sec;
	v.finishing = is(state, "finishing");
	/* After a failed exec the child reports pid 0, still starting. */
	v.process = !v.finishing && (report->pid || starting);
	v.staying = !v.process && (is(state, "failed") || is(state, "down") ||
				      (v.finishing && !is(report->want, "up")));
	return v;
}

/* Has the time of the last change of pid changed? */
static bool
is_other_time(struct report const *before, struct report const *now)
{
	return now->since.tv_sec != before->since.tv_sec ||
	       now->since.tv_nsec != before->since.tv_nsec;
}

static bool
has_started(struct goal_view const *before, struct goal_view const *now)
{
	struct report const *a = &before->report, *b = &now->report;

	if (a->state[0] && b->state[0])
		return b->starts != a->starts;
	return now->process && is_other_time(a, b);
}

static bool
has_died(struct goal_view const *before, struct goal_view const *now)
{
	struct report const *a = &before->report, *b = &now->report;

	if (a->state[0] && b->state[0])
		return b->deaths != a->deaths;
	return (!now->process || before->process) && is_other_time(a, b);
}

/*
 * Has an attempt failed that was made after the look before?  One that somebody
 * stopped has not.
 */
static bool
start_has_failed(struct goal_view const *before, struct goal_view const *now)
{
	struct report const *a = &before->report, *b = &now->report;

	/* An attempt was under way, failed, and there will be no other. */
	if (is(a->state, "starting") && now->staying)
		return b->failed_attempt >= a->attempts;
	return a->state[0] && b->failed_attempt > a->attempts;
}

bool
goal_was_down(struct goal_view const *before, struct goal_view const *now)
{
	return !before->process || has_died(before, now);
}

static bool
is_reached(char wait, char last, struct goal_view const *before,
    struct goal_view const *now)
{
	bool died = has_died(before, now);
	bool down = last == 'd' ? now->staying
		    : last	? died && !now->process
				: died || now->staying;

	switch (wait) {
	case 'u':
		return now->up;
	case 'U':
		return now->ready;
	case 'd':
		return down;
	case 'D':
		return down && !now->finishing;
	case 'r':
		return now->up && has_started(before, now);
	case 'R':
		return now->ready && has_started(before, now);
	}
	return true;
}

enum goal_verdict
goal_judge(struct request const *request, struct goal_view const *before,
    struct goal_view const *now)
{
	bool failed = is(now->report.state, "failed");
	char last = request_wish(request);
	bool starts = last && last != 'd';

	/* supervise has replaced the report, but not yet the status. */
	if (before->report.state[0] && !now->report.state[0])
		return GOAL_WAITS;
	if (is_reached(request->wait, last, before, now))
		return GOAL_REACHED;
	if (starts && start_has_failed(before, now))
		return failed ? GOAL_FAILED : GOAL_NOT_STARTED;
	/* Perhaps the letter that starts it has not been obeyed yet. */
	if (starts ? now->report.attempts == before->report.attempts
		   : !request_is_for_up(request))
		return GOAL_WAITS;
	if (failed)
		return GOAL_FAILED;
	return request->letters_len && now->staying ? GOAL_DOWN : GOAL_WAITS;
}
