/*
 * From a status and a report to a view, and from two views to an answer.
 *
 * Commands are obeyed some time after they were sent, so a service that is
 * where it should be may be so only for the moment: "restarted" and, where
 * something was to be started, "down" ask for a start or a death that was not
 * there before.  With a report these are counted.  Without one, it is the time
 * of the last change of pid that has to be another.
 */
#include "svc/goal.h"

#include <string.h>

/* clang-format off */
struct goal_letter const goal_alphabet[] = {
    {'u', GOAL_UP,              "up"},
    {'U', GOAL_READY,           "up and ready"},
    {'d', GOAL_DOWN,            "down"},
    {'D', GOAL_FINISHED,        "down and finished"},
    {'r', GOAL_RESTARTED,       "restarted"},
    {'R', GOAL_RESTARTED_READY, "restarted and ready"},
    {0, GOAL_NONE, NULL},
};
/* clang-format on */

enum goal
goal_find(char letter)
{
	for (struct goal_letter const *g = goal_alphabet; g->letter; g++)
		if (g->letter == letter)
			return g->goal;
	return GOAL_NONE;
}

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
	v.process = !v.finishing && report->pid;
	v.failed = is(state, "failed");
	v.staying = !v.process && (v.failed || is(state, "down") ||
				      (v.finishing && !is(report->want, "up")));
	v.starts = report->starts;
	v.deaths = report->deaths;
	return v;
}

enum goal_wish
goal_wish(char const *letters, size_t len)
{
	enum goal_wish wish = WISH_NONE;

	for (size_t i = 0; i < len; i++) {
		if (letters[i] == 'd')
			wish = WISH_DOWN;
		else if (memchr("uor", letters[i], 3))
			wish = WISH_START;
	}
	return wish;
}

static bool
same_time(struct timespec const *a, struct timespec const *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool
has_started(struct goal_view const *before, struct goal_view const *now)
{
	if (before->detailed && now->detailed)
		return now->starts != before->starts;
	return now->process && !same_time(&now->since, &before->since);
}

static bool
has_died(struct goal_view const *before, struct goal_view const *now)
{
	if (before->detailed && now->detailed)
		return now->deaths != before->deaths;
	return (!now->process || before->process) &&
	       !same_time(&now->since, &before->since);
}

static bool
is_down(enum goal_wish wish, struct goal_view const *before,
    struct goal_view const *now)
{
	switch (wish) {
	case WISH_DOWN:
		return now->staying;
	case WISH_START:
		return !now->process && has_died(before, now);
	case WISH_NONE:
		break;
	}
	return now->staying || has_died(before, now);
}

bool
goal_reached(enum goal goal, enum goal_wish wish,
    struct goal_view const *before, struct goal_view const *now)
{
	/* Between the report's replacement and the status's: wait for that. */
	if (before->detailed && !now->detailed)
		return false;
	switch (goal) {
	case GOAL_NONE:
		return true;
	case GOAL_UP:
		return now->up;
	case GOAL_READY:
		return now->ready;
	case GOAL_DOWN:
		return is_down(wish, before, now);
	case GOAL_FINISHED:
		return is_down(wish, before, now) && !now->finishing;
	case GOAL_RESTARTED:
		return now->up && has_started(before, now);
	case GOAL_RESTARTED_READY:
		return now->ready && has_started(before, now);
	}
	return false;
}

bool
goal_is_up(enum goal goal)
{
	switch (goal) {
	case GOAL_UP:
	case GOAL_READY:
	case GOAL_RESTARTED:
	case GOAL_RESTARTED_READY:
		return true;
	case GOAL_NONE:
	case GOAL_DOWN:
	case GOAL_FINISHED:
		break;
	}
	return false;
}

bool
goal_hopeless(
    enum goal goal, struct goal_view const *before, struct goal_view const *now)
{
	/* Failed already, it may not have seen the command yet. */
	return goal_is_up(goal) && now->failed &&
	       (!before->failed || has_died(before, now));
}
