/*
 * What supervise knows about its service beyond the state machine: since when,
 * how often, how it ended, why it does not start; and how state, process and
 * facts become the status record and the report.
 */
#ifndef SUPERVISE_FACTS_H
#define SUPERVISE_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "supervise/child.h"
#include "supervise/publish.h"
#include "supervise/state.h"
#include "supervise/status.h"

#define FACTS_ERROR_MAX 200
#define FACTS_BOOT_MAX	64

enum facts_end { END_NONE, END_EXITED, END_KILLED, END_UNKNOWN };

struct facts {
	struct timespec since; /* Unix time of the last change of pid */
	uint64_t starts;
	uint64_t deaths;
	enum facts_end end;	     /* of the last run */
	unsigned int end_code;	     /* exit code or signal number */
	uint64_t ran_ms;	     /* how long the last run took */
	char error[FACTS_ERROR_MAX]; /* why it could not be started, or "" */
	char boot[FACTS_BOOT_MAX];   /* identifies the boot born counts from */
};

/* Nothing has happened yet, since now. */
void facts_begin(struct facts *facts);

/* ./run has been executed now. */
void facts_executed(struct facts *facts);

/* It ended now, with this status of wait(2), or null if nobody can tell. */
void facts_died(struct facts *facts, int const *wait_status);

/* "unable to VERB ./run: WORDS (cause)" for the report; cause may be "". */
void facts_failed(
    struct facts *facts, char const *verb, int error, char const *cause);

struct status facts_status(struct facts const *facts, struct state const *state,
    struct child const *child);

void facts_report(struct report *report, struct facts const *facts,
    struct state const *state, struct child const *child);

/*
 * What an earlier supervise's report says of a process that may still live.
 * False if it had none, or the machine has been booted since.
 */
struct facts_left {
	pid_t pid;
	uint64_t born;
	enum want want;
};
bool facts_left(
    struct facts_left *left, char const *report, struct facts const *facts);

/* Go on counting where that report stopped. */
void facts_continue(struct facts *facts, char const *report);

/* The wish that a supervise which was replaced has left; false: none. */
bool facts_resume(enum want *want, char const *report);

#endif
