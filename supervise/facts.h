/*
 * What supervise knows about its service beyond the state machine (since when,
 * how often, how it ended, why it does not start), and how that, the state and
 * the process become the status and the report.
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
	struct report report; /* facts_report() fills in the rest */
	uint64_t ran_from_ms; /* of facts_clock_ms() */
};

/* ./run has just been executed. */
void facts_executed(struct facts *facts);

/* It has just ended, with this status of wait(2); null if that is unknown. */
void facts_died(struct facts *facts, int const *wait_status);

/* How long ./run has run. */
uint64_t facts_ran_ms(struct facts const *facts);

/* Milliseconds of the monotonic clock. */
uint64_t facts_clock_ms(void);

/*
 * Report "unable to VERBOBJECT: WORDS (CAUSE)" as the error; the last two may
 * be "".
 */
void facts_failed(struct facts *facts, char const *verb, char const *object,
    int error, char const *cause);

struct status facts_status(struct facts const *facts, struct state const *state,
    struct process const *child);

/* Bring the report up to date and format it.  Its length. */
size_t facts_report(char text[REPORT_LONGEST], struct facts *facts,
    struct state const *state, struct process const *child);

#endif
