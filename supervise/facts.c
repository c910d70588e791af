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
now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time;
}

static uint64_t
ms_of(struct timespec const *time)
{
	return (uint64_t)time->tv_sec * 1000 +
	       (uint64_t)time->tv_nsec / 1000000;
}

uint64_t
facts_clock_ms(void)
{
	struct timespec time = now(CLOCK_MONOTONIC);

	return ms_of(&time);
}

void
facts_begin(struct facts *facts)
{
	ssize_t n;

	memset(facts, 0, sizeof *facts);
	facts->since = now(CLOCK_REALTIME);
	n = openreadnclose_nb(BOOT_ID, facts->boot, sizeof facts->boot - 1);
	facts->boot[n > 0 ? n : 0] = 0;
	facts->boot[strcspn(facts->boot, "\n")] = 0;
}

void
facts_executed(struct facts *facts)
{
	facts->since = now(CLOCK_REALTIME);
	facts->ran_from = now(CLOCK_MONOTONIC);
	facts->starts++;
	facts->error[0] = 0;
	facts->status_text[0] = 0;
}

void
facts_ready(struct facts *facts)
{
	facts->ready_since = now(CLOCK_REALTIME);
}

void
facts_died(struct facts *facts, int const *wait_status)
{
	facts->ran_ms = facts_clock_ms() - ms_of(&facts->ran_from);
	facts->since = now(CLOCK_REALTIME);
	facts->deaths++;
	facts->end_code = 0;
	facts->leftovers = 0;
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

static void
append_number(char *to, size_t size, unsigned int number)
{
	char text[UINT_FMT];

	text[uint_fmt(text, number)] = 0;
	append(to, size, text);
}

void
facts_end_words(char *words, size_t size, struct facts const *facts)
{
	words[0] = 0;
	switch (facts->end) {
	case END_NONE:
		return;
	case END_UNKNOWN:
		append(words, size, "ended, unknown how");
		break;
	case END_EXITED:
		append(words, size, "exited ");
		append_number(words, size, facts->end_code);
		break;
	case END_KILLED:
		append(words, size, "killed by signal ");
		append_number(words, size, facts->end_code);
		break;
	}
	if (!facts->leftovers)
		return;
	append(words, size, " and left ");
	append_number(words, size, facts->leftovers);
	append(words, size,
	    facts->leftovers == 1 ? " process behind" : " processes behind");
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

static enum status_run
run_of(enum phase phase)
{
	switch (phase) {
	case PHASE_UP:
		return STATUS_RUNNING;
	case PHASE_CLEARING:
	case PHASE_FINISHING:
		return STATUS_FINISHING;
	case PHASE_DOWN:
	case PHASE_WAITING:
	case PHASE_STARTING:
		break;
	}
	return STATUS_DOWN;
}

struct status
facts_status(struct facts const *facts, struct state const *state,
    struct process const *child)
{
	/* Starting is not up: it may turn out that it cannot be executed. */
	bool up = state->phase == PHASE_UP;

	return (struct status){
	    .since = facts->since,
	    .pid = up ? (uint32_t)child->pid : 0,
	    .paused = up && state->paused,
	    .want = want_byte(state->want),
	    .term_sent = up && state->term_sent,
	    .run = run_of(state->phase),
	};
}

static void
report_end(struct report *report, struct facts const *facts)
{
	char end[FACTS_END_MAX];

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
	report_number(report, "leftovers", facts->leftovers);
	facts_end_words(end, sizeof end, facts);
	report_text(report, "end", end);
}

void
facts_report(struct report *report, struct facts const *facts,
    struct state const *state, struct process const *child)
{
	report->len = 0;
	report_text(report, "state", state_word(state));
	report_number(report, "pid", (uint64_t)child->pid);
	report_time(report, "since", &facts->since);
	if (state->ready)
		report_time(report, "ready_since", &facts->ready_since);
	else
		report_text(report, "ready_since", "");
	report_text(report, "want", state_want_word(state->want));
	report_number(report, "starts", facts->starts);
	report_number(report, "deaths", facts->deaths);
	report_end(report, facts);
	report_text(report, "error", facts->error);
	report_text(report, "status_text", facts->status_text);
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

static void
time_in(struct timespec *time, char const *report, char const *name)
{
	char text[UINT64_FMT + 10];
	uint64_t sec;
	uint32_t nsec;
	size_t n;

	if (!report_get(report, name, text, sizeof text))
		return;
	n = uint64_scan(text, &sec);
	if (!n || text[n] != '.' || !uint320_scan(text + n + 1, &nsec) ||
	    nsec > 999999999)
		return;
	time->tv_sec = (time_t)sec;
	time->tv_nsec = nsec;
}

bool
facts_left(
    struct facts_left *left, char const *report, struct facts const *facts)
{
	char boot[FACTS_BOOT_MAX], state[16], ready[4];
	uint64_t pid = number_in(report, "pid");

	if (pid == 0 || pid > INT32_MAX ||
	    !report_get(report, "boot", boot, sizeof boot) ||
	    strcmp(boot, facts->boot) != 0 ||
	    !report_get(report, "state", state, sizeof state))
		return false;
	left->pid = (pid_t)pid;
	left->born = number_in(report, "born");
	left->finishing = strcmp(state, "finishing") == 0;
	left->starting = strcmp(state, "starting") == 0;
	left->ready =
	    report_get(report, "ready_since", ready, sizeof ready) && ready[0];
	return want_in(&left->want, report, "want");
}

void
facts_continue(struct facts *facts, char const *report)
{
	struct timespec real = now(CLOCK_REALTIME);

	time_in(&facts->since, report, "since");
	time_in(&facts->ready_since, report, "ready_since");
	report_get(report, "status_text", facts->status_text,
	    sizeof facts->status_text);
	/* As long ago on the clock that only goes forward. */
	facts->ran_from = now(CLOCK_MONOTONIC);
	if (facts->since.tv_sec < real.tv_sec)
		facts->ran_from.tv_sec -= real.tv_sec - facts->since.tv_sec;
}

void
facts_count(struct facts *facts, char const *report)
{
	facts->starts = number_in(report, "starts");
	facts->deaths = number_in(report, "deaths");
}

bool
facts_resume(enum want *want, char const *report)
{
	return want_in(want, report, "resume");
}
