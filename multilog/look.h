#ifndef MULTILOG_LOOK_H
#define MULTILOG_LOOK_H

#include "multilog/logdir.h"

/* Learns d->facts from the directory; closes current if it was open.  0, or -1
   with d->trouble. */
int look_around(struct logdir *d);

#endif
