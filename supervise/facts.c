/*
 * What happens to a service, as its status and report tell it.
 */
#include "supervise/facts.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervise/error.h"
#include "supervise/message.h"

uint64_t
facts_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void
facts_executed(struct facts *facts)
{
	clock_gettime(CLOCK_REALTIME, &facts->report.since);
	facts->ran_from_ms = facts_clock_ms();
	facts->report.starts++;
	facts->report.error[0] = 0;
	facts->report.status_text[0] = 0;
}

uint64_t
facts_ran_ms(struct facts const *facts)
{
	return facts_clock_ms() - facts->ran_from_ms;
}

void
facts_died(struct facts *facts, int const *wait_status)
{
	struct report *r = &facts->report;

	r->ran_ms = facts_ran_ms(facts);
	clock_gettime(CLOCK_REALTIME, &r->since);
	r->deaths++;
	r->end_code = 0;
	r->leftovers = 0;
	if (!wait_status) {
		r->end = END_UNKNOWN;
	} else if (WIFSIGNALED(*wait_status)) {
		r->end = END_KILLED;
		r->end_code = (unsigned int)WTERMSIG(*wait_status);
	} else {
		r->end = END_EXITED;
		r->end_code = (unsigned int)WEXITSTATUS(*wait_status);
	}
}

void
facts_failed(struct facts *facts, char const *verb, char const *object,
    int error, char const *cause)
{
	message_join(facts->report.error, REPORT_TEXT_MAX,
	    (char const *[]){"unable to ", verb, object, ": ",
		error_words(error), *cause ? " (" : "", cause,
		*cause ? ")" : "", NULL});
}

struct status
facts_status(struct facts const *facts, struct state const *state,
    struct process const *child)
{
	/* A starting service is not up: perhaps ./run cannot be executed. */
	bool up = state->phase == PHASE_UP;
	bool ended =
	    state->phase == PHASE_CLEARING || state->phase == PHASE_FINISHING;

	return (struct status){
	    .since = facts->report.since,
	    .pid = up ? (uint32_t)child->pid : 0,
	    .paused = up && state->paused,
	    .want = state->want == WANT_UP     ? 'u'
		    : state->want == WANT_DOWN ? 'd'
					       : 0,
	    .term_sent = up && state->term_sent,
	    .run = up	   ? STATUS_RUNNING
		   : ended ? STATUS_FINISHING
			   : STATUS_DOWN,
	};
}

static void
set_word(char to[REPORT_WORD_MAX], char const *word)
{
	memcpy(to, word, strlen(word) + 1);
}

size_t
facts_report(char text[REPORT_LONGEST], struct facts *facts,
    struct state const *state, struct process const *child)
{
	struct report *r = &facts->report;

	set_word(r->state, state_word(state));
	set_word(r->want, state_want_word(state->want));
	set_word(r->next, state_next_word(state, child->pid != 0));
	set_word(r->resume, state->leave == LEAVE_REPLACE ? r->next : "");
	r->pid = (uint64_t)child->pid;
	r->born = child->born;
	if (!state->ready)
		r->ready_since = (struct timespec){0};
	return report_format(text, r);
}
