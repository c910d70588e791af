/*
 * The names of the report are an interface: supervise-status(5).  They are
 * written here and read back here, and by svc and svstat with report_get().
 */
#include "supervise/facts.h"

#include <string.h>
#include <sys/wait.h>
#include <skalibs/djbunix.h>
#include <skalibs/types.h>

#include "supervise/words.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static struct timespec
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return time;
}

void
facts_begin(struct facts *facts)
{
	ssize_t n;

	memset(facts, 0, sizeof *facts);
	facts->since = now();
	n = openreadnclose_nb(BOOT_ID, facts->boot, sizeof facts->boot - 1);
	facts->boot[n > 0 ? n : 0] = 0;
	facts->boot[strcspn(facts->boot, "\n")] = 0;
}

void
facts_executed(struct facts *facts)
{
	facts->since = now();
	facts->starts++;
	facts->error[0] = 0;
}

static uint64_t
ms_between(struct timespec const *from, struct timespec const *to)
{
	int64_t ms = (int64_t)(to->tv_sec - from->tv_sec) * 1000 +
		     (to->tv_nsec - from->tv_nsec) / 1000000;

	return ms > 0 ? (uint64_t)ms : 0;
}

void
facts_died(struct facts *facts, int const *wait_status)
{
	struct timespec end = now();

	facts->ran_ms = ms_between(&facts->since, &end);
	facts->since = end;
	facts->deaths++;
	facts->end_code = 0;
	if (!wait_status) {
		facts->end = END_UNKNOWN;
	} else if (WIFSIGNALED(*wait_status)) {
		facts->end = END_KILLED;
		facts->end_code = (unsigned int)WTERMSIG(*wait_status);
	} else {
		facts->end = END_EXITED;
		facts->end_code = (unsigned int)WEXITSTATUS(*wait_status);
	}
}

/* Append to a string in a buffer of this size, cut. */
static void
append(char *to, size_t size, char const *text)
{
	size_t len = strlen(to);
	size_t n = strlen(text);

	n = n < size - len ? n : size - len - 1;
	memcpy(to + len, text, n);
	to[len + n] = 0;
}

void
facts_failed(
    struct facts *facts, char const *verb, int error, char const *cause)
{
	char *to = facts->error;

	to[0] = 0;
	append(to, FACTS_ERROR_MAX, "unable to ");
	append(to, FACTS_ERROR_MAX, verb);
	append(to, FACTS_ERROR_MAX, ": ");
	append(to, FACTS_ERROR_MAX, words(error));
	if (!*cause)
		return;
	append(to, FACTS_ERROR_MAX, " (");
	append(to, FACTS_ERROR_MAX, cause);
	append(to, FACTS_ERROR_MAX, ")");
}

static char
want_byte(enum want want)
{
	switch (want) {
	case WANT_UP:
		return 'u';
	case WANT_DOWN:
		return 'd';
	case WANT_ONCE:
		break;
	}
	return 0;
}

struct status
facts_status(struct facts const *facts, struct state const *state,
    struct child const *child)
{
	/* Starting is not up: it may turn out that it cannot be executed. */
	bool up = state->phase == PHASE_UP;

	return (struct status){
	    .since = facts->since,
	    .pid = up ? (uint32_t)child->pid : 0,
	    .paused = up && state->paused,
	    .want = want_byte(state->want),
	    .term_sent = up && state->term_sent,
	    .run = up ? STATUS_RUNNING : STATUS_DOWN,
	};
}

static void
report_end(struct report *report, struct facts const *facts)
{
	switch (facts->end) {
	case END_NONE:
		report_text(report, "exit_code", "");
		report_number(report, "exit_signal", 0);
		break;
	case END_UNKNOWN:
		report_text(report, "exit_code", "unknown");
		report_text(report, "exit_signal", "unknown");
		break;
	case END_EXITED:
		report_number(report, "exit_code", facts->end_code);
		report_number(report, "exit_signal", 0);
		break;
	case END_KILLED:
		report_text(report, "exit_code", "");
		report_number(report, "exit_signal", facts->end_code);
		break;
	}
	report_number(report, "ran_ms", facts->ran_ms);
}

void
facts_report(struct report *report, struct facts const *facts,
    struct state const *state, struct child const *child)
{
	report->len = 0;
	report_text(report, "state", state_word(state));
	report_number(report, "pid", (uint64_t)child->pid);
	report_time(report, "since", &facts->since);
	if (state->phase == PHASE_UP)
		report_time(report, "ready_since", &facts->since);
	else
		report_text(report, "ready_since", "");
	report_text(report, "want", state_want_word(state->want));
	report_number(report, "starts", facts->starts);
	report_number(report, "deaths", facts->deaths);
	report_end(report, facts);
	report_text(report, "error", facts->error);
	report_number(report, "born", child->born);
	report_text(report, "boot", facts->boot);
	if (state->leave == LEAVE_REPLACE)
		report_text(report, "resume", state_want_word(state->want));
}

static uint64_t
number_in(char const *report, char const *name)
{
	char text[UINT64_FMT];
	uint64_t value;

	if (!report_get(report, name, text, sizeof text))
		return 0;
	return uint640_scan(text, &value) ? value : 0;
}

static bool
want_in(enum want *want, char const *report, char const *name)
{
	static enum want const wants[] = {WANT_UP, WANT_ONCE, WANT_DOWN};
	char word[8];

	if (!report_get(report, name, word, sizeof word))
		return false;
	for (size_t i = 0; i < sizeof wants / sizeof *wants; i++)
		if (strcmp(word, state_want_word(wants[i])) == 0) {
			*want = wants[i];
			return true;
		}
	return false;
}

bool
facts_left(
    struct facts_left *left, char const *report, struct facts const *facts)
{
	char boot[FACTS_BOOT_MAX];
	uint64_t pid = number_in(report, "pid");

	if (pid == 0 || pid > INT32_MAX ||
	    !report_get(report, "boot", boot, sizeof boot) ||
	    strcmp(boot, facts->boot) != 0)
		return false;
	left->pid = (pid_t)pid;
	left->born = number_in(report, "born");
	return want_in(&left->want, report, "want");
}

void
facts_continue(struct facts *facts, char const *report)
{
	facts->starts = number_in(report, "starts");
	facts->deaths = number_in(report, "deaths");
}

bool
facts_resume(enum want *want, char const *report)
{
	return want_in(want, report, "resume");
}
