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

#include "supervise/process.h"
#include "supervise/publish.h"
#include "supervise/state.h"
#include "supervise/status.h"

#define FACTS_ERROR_MAX	 200
#define FACTS_STATUS_MAX 200
#define FACTS_END_MAX	 80
#define FACTS_BOOT_MAX	 37 /* a UUID and a NUL */

enum facts_end { END_NONE, END_EXITED, END_KILLED, END_UNKNOWN };

struct facts {
	struct timespec since;	     /* Unix time of the last change of pid */
	struct timespec ready_since; /* while it is ready */
	struct timespec ran_from;    /* CLOCK_MONOTONIC */
	uint64_t starts;
	uint64_t deaths;
	enum facts_end end;	     /* of the last run */
	unsigned int end_code;	     /* exit code or signal number */
	uint64_t ran_ms;	     /* how long the last run took */
	unsigned int leftovers;	     /* processes the last run left behind */
	char error[FACTS_ERROR_MAX]; /* why it could not be started, or "" */
	char status_text[FACTS_STATUS_MAX]; /* what it says of itself */
	char boot[FACTS_BOOT_MAX]; /* identifies the boot born counts from */
};

/* Nothing has happened yet, since now. */
void facts_begin(struct facts *facts);

/* ./run has been executed now. */
void facts_executed(struct facts *facts);

/* It ended now, with this status of wait(2), or null if nobody can tell. */
void facts_died(struct facts *facts, int const *wait_status);

/* It says that it is ready now. */
void facts_ready(struct facts *facts);

/* The last end in words: "exited 0 and left 2 processes behind". */
void facts_end_words(char *words, size_t size, struct facts const *facts);

/* Milliseconds of a clock that only goes forward. */
uint64_t facts_clock_ms(void);

/* "unable to VERB: WORDS (cause)" for the report; cause may be "". */
void facts_failed(
    struct facts *facts, char const *verb, int error, char const *cause);

struct status facts_status(struct facts const *facts, struct state const *state,
    struct process const *child);

void facts_report(struct report *report, struct facts const *facts,
    struct state const *state, struct process const *child);

/* What an earlier supervise's report says of a process. */
struct facts_left {
	pid_t pid;
	uint64_t born;
	enum want want;
	bool starting;	/* that ./run was executed is not counted yet */
	bool finishing; /* it is ./finish */
	bool ready;
};

/* False if it had none, or the machine has been booted since. */
bool facts_left(
    struct facts_left *left, char const *report, struct facts const *facts);

/* Go on counting starts and deaths where that report stopped. */
void facts_count(struct facts *facts, char const *report);

/* Go on with the run that it says is under way: since when, how ready. */
void facts_continue(struct facts *facts, char const *report);

/* The wish that a supervise which was replaced has left; false: none. */
bool facts_resume(enum want *want, char const *report);

#endif
