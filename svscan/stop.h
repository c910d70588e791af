/*
 * The other ways, besides signals, to deal with a supervise that runs.
 */
#ifndef SVSCAN_STOP_H
#define SVSCAN_STOP_H

#include <stdbool.h>
#include <sys/types.h>

/* Does a supervise listen on the control FIFO of the service in NAMELOG? */
bool stop_is_listened(char const *name, char const *log);

/* Write letters to that FIFO, without waiting.  0; -1 errno. */
int stop_send(char const *name, char const *log, char const *letters);

/* Kill a child of ours and then, where the system says which, its children. */
void stop_kill(pid_t pid);

#endif
