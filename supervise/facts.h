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
#include "supervise/report.h"
#include "supervise/state.h"
#include "supervise/status.h"

struct facts {
	struct report report; /* up to date but for what facts_report() fills */
	struct timespec ran_from; /* CLOCK_MONOTONIC */
};

/* Nothing has happened yet, since now. */
void facts_begin(struct facts *facts);

/* ./run has been executed now. */
void facts_executed(struct facts *facts);

/* It ended now, with this status of wait(2), or null if nobody can tell. */
void facts_died(struct facts *facts, int const *wait_status);

/* It says that it is ready now. */
void facts_ready(struct facts *facts);

/* Milliseconds of a clock that only goes forward. */
uint64_t facts_clock_ms(void);

/* "unable to VERB: WORDS (cause)" for the report; cause may be "". */
void facts_failed(
    struct facts *facts, char const *verb, int error, char const *cause);

struct status facts_status(struct facts const *facts, struct state const *state,
    struct process const *child);

/* The lines of the report as of now.  Their length. */
size_t facts_report(char text[REPORT_LONGEST], struct facts *facts,
    struct state const *state, struct process const *child);

#endif
