#ifndef MULTILOG_PROCESSOR_H
#define MULTILOG_PROCESSOR_H

#include <sys/types.h>

/* The files a processor works on. */
struct processor_files {
	int previous;  /* its 0 */
	int processed; /* its 1 */
	int state;     /* its 4 */
	int newstate;  /* its 5 */
};

/* Starts /bin/sh -c command in the directory dir.  Returns its pid, or -1 with
   errno.  The descriptors remain the caller's. */
pid_t processor_start(
    char const *command, int dir, struct processor_files const *f);

#endif
