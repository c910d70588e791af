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

/* What daemontools' 18 or runit's 20 bytes tell. */
static struct goal_view
classic_view(struct status const *s)
{
	struct goal_view v = {.since = s->since};

	v.finishing = s->run == STATUS_FINISHING;
	v.process = s->pid != 0 && !v.finishing;
	v.up = v.process && !s->term_sent && s->want != 'd';
	v.ready = v.up;
	v.staying = !v.process && s->want != 'u';
	return v;
}

struct goal_view
goal_view(struct status const *status, struct report const *report)
{
	struct goal_view v = classic_view(status);
	char const *state = report->state;

	if (!*state)
		return v;
	v.detailed = true;
	v.up = status->pid != 0 && (is(state, "running") || is(state, "ready"));
	v.ready = v.up && report->ready_since.tv_sec;
	v.finishing = is(state, "finishing");
	v.starting = is(state, "starting");
	/* After a failed exec the child reports pid 0, still starting. */
	v.process = !v.finishing && (report->pid || v.starting);
	v.failed = is(state, "failed");
	v.staying = !v.process && (v.failed || is(state, "down") ||
				      (v.finishing && !is(report->want, "up")));
	v.attempts = report->attempts;
	v.starts = report->starts;
	v.deaths = report->deaths;
	v.supervise = report->supervise;
	return v;
}

/* The last of the letters u, o, r and d that was given, or 0. */
static char
wish(char const *letters)
{
	char last = 0;

	for (; *letters; letters++)
		if (strchr("uord", *letters))
			last = *letters;
	return last;
}

static bool
is_other_time(struct goal_view const *before, struct goal_view const *now)
{
	return now->since.tv_sec != before->since.tv_sec ||
	       now->since.tv_nsec != before->since.tv_nsec;
}

static bool
has_started(struct goal_view const *before, struct goal_view const *now)
{
	if (before->detailed && now->detailed)
		return now->starts != before->starts;
	return now->process && is_other_time(before, now);
}

static bool
has_died(struct goal_view const *before, struct goal_view const *now)
{
	if (before->detailed && now->detailed)
		return now->deaths != before->deaths;
	return (!now->process || before->process) && is_other_time(before, now);
}

/* Has the first attempt after the look before failed? */
static bool
start_has_failed(struct goal_view const *before, struct goal_view const *now)
{
	if (!before->detailed || !now->detailed)
		return false;
	/* An attempt was under way, failed, and there will be no other. */
	if (before->starting && now->staying && now->starts == before->starts)
		return true;
	return now->attempts > before->attempts &&
	       (!now->process || now->attempts > before->attempts + 1);
}

bool
goal_was_down(struct goal_view const *before, struct goal_view const *now)
{
	return !before->process || has_died(before, now);
}

bool
goal_is_up(struct request const *request)
{
	return strchr("uUrR", request->wait) != NULL;
}

static bool
is_reached(char wait, char last, struct goal_view const *before,
    struct goal_view const *now)
{
	bool down = now->staying || has_died(before, now);

	if (last == 'd')
		down = now->staying;
	else if (last)
		down = !now->process && has_died(before, now);
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
	char last = wish(request->letters);

	/* supervise has replaced the report, but not yet the status. */
	if (before->detailed && !now->detailed)
		return GOAL_WAITS;
	if (is_reached(request->wait, last, before, now))
		return GOAL_REACHED;
	if (last && last != 'd')
		return start_has_failed(before, now) ? GOAL_NOT_STARTED
						     : GOAL_WAITS;
	if (!goal_is_up(request))
		return GOAL_WAITS;
	if (now->failed)
		return GOAL_FAILED;
	return request->letters_len && now->staying ? GOAL_DOWN : GOAL_WAITS;
}
