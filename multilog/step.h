#ifndef MULTILOG_STEP_H
#define MULTILOG_STEP_H

#include <stdint.h>

#include "multilog/logdir.h"

/* Does one step and brings d->facts up to date.  0, or -1 with d->trouble: the
   facts must then be learned anew. */
int step_perform(struct logdir *d, enum rotate_step step);

/* Makes names durable.  0, or -1 with d->trouble. */
int step_sync_names(struct logdir *d);

/* Takes the beginning of a line whose end is given up from current again: the
   next line must not be appended to it.  Returns how many bytes it had. */
int64_t step_cut_line(struct logdir *d);

#endif
