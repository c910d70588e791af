#ifndef MULTILOG_RESERVE_H
#define MULTILOG_RESERVE_H

#include <stddef.h>

#include "multilog/logdir.h"

/* Makes sure that want more bytes will fit into current, if that is possible.
   Returns how many do, want at most; if they are fewer, d->trouble says why. */
size_t reserve_room(struct logdir *d, size_t want);

/* Gives back what is reserved behind the end of current. */
void reserve_release(struct logdir *d);

#endif
