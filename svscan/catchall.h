/*
 * The log service: it reads what svscan and all it starts print, but what has a
 * logger of its own or is the log service itself.
 */
#ifndef SVSCAN_CATCHALL_H
#define SVSCAN_CATCHALL_H

#include "svscan/care.h"
#include "svscan/table.h"

/*
 * Our descriptors 1 and 2 become the pipe to the service; what they were is for
 * its own messages, and ours where the pipe is full.  0; -1 errno.
 */
int catchall_begin(struct care *care, struct service *service);

/* Our messages go where they went before, so that the pipe can end. */
void catchall_end(struct care *care);

#endif
