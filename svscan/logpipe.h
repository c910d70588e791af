/*
 * The pipe between a service and its logger: the FIFO supervise/logpipe in the
 * service's directory, which svscan holds open as long as it knows the service,
 * so that the death of either side loses nothing; and which has a name, so that
 * the next svscan opens the very same pipe, with what is still in it.
 */
#ifndef SVSCAN_LOGPIPE_H
#define SVSCAN_LOGPIPE_H

#include <stdbool.h>

struct logpipe {
	int writer;  /* open for reading and writing: the service's output */
	int reader;  /* open for reading alone: it sees the end of the input */
	int unnamed; /* 0, or the errno for which it is a pipe with no name */
};

#define LOGPIPE_CLOSED                                   \
	{                                                \
		.writer = -1, .reader = -1, .unnamed = 0 \
	}

/*
 * Open the pipe of the service in directory name for writing, made if it is not
 * there; one without a name where the FIFO cannot be had.  0; -1 errno.
 */
int logpipe_open(struct logpipe *logpipe, char const *name);

/* Is that still the pipe to open?  Not after the directory was made anew. */
bool logpipe_is_current(struct logpipe const *logpipe, char const *name);

/* Open the reader of a pipe that is open for writing.  0; -1 errno. */
int logpipe_open_reader(struct logpipe *logpipe, char const *name);

/* Close it, but for a pipe that has no name to open it again by. */
void logpipe_close_reader(struct logpipe *logpipe);

/* Let the reader see the end when everybody else has closed it, too; and keep a
 * reader, so that nothing in it is lost. */
void logpipe_end_writing(struct logpipe *logpipe, char const *name);

/* After logpipe_end_writing: will a reader get anything yet?  Not when it is
 * empty and nobody writes to it. */
bool logpipe_is_used(struct logpipe const *logpipe);

/* How many bytes are in it. */
int logpipe_unread(struct logpipe const *logpipe);

void logpipe_close(struct logpipe *logpipe);

#endif
