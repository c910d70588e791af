#ifndef MULTILOG_PLACE_H
#define MULTILOG_PLACE_H

#include "multilog/logdir.h"

/* Opens and locks the directory, making it if there is none.  0, or -1 with
   d->trouble. */
int place_open(struct logdir *d);

/* Makes sure that the directory still is somewhere; makes it anew if it was
   removed, and d->known false.  0, or -1 with d->trouble. */
int place_find(struct logdir *d);

#endif
