/*
 * The pipe to a logger: the FIFO supervise/logpipe in the logger's directory,
 * whoever writes to it.  svscan holds it open as long as it knows the logger,
 * so that the death of either side loses nothing; and it has a name, so that
 * the next svscan opens the very same pipe, with what is still in it.
 */
#ifndef SVSCAN_LOGGER_H
#define SVSCAN_LOGGER_H

#include <stdbool.h>

#include "svscan/table.h"

/* Where svscan's own output went before it had a log service. */
struct log_service {
	struct entry *service; /* null: there is none */
	int output, errors;
};

/*
 * Have the pipe open; made if it is not there, and one without a name where the
 * FIFO cannot be had.  0; -1 errno.
 */
int logger_open(struct entry *logger);

/*
 * Another descriptor of a pipe that is open, with a status of its own: O_RDONLY
 * for the logger, O_WRONLY for who writes to it, perhaps with O_NONBLOCK.  To
 * be closed by files_close(); -1 errno.
 */
int logger_end(struct entry const *logger, int flags);

/* Let the logger see the end when everybody else has closed the pipe, too; a
 * reader is kept, so that nothing in it is lost. */
void logger_end_writing(struct entry *logger);

/* After logger_end_writing: will a reader get anything yet?  Not if the pipe is
 * empty and nobody writes to it. */
bool logger_is_used(struct entry const *logger);

/* How many bytes are in the pipe. */
int logger_unread(struct entry const *logger);

void logger_close(struct entry *logger);

/* svscan's own output goes to that service.  0; -1 errno. */
int logger_begin_own(struct log_service *own, struct entry *service);

/* svscan's own output goes where it went before, so that the pipe can end. */
void logger_end_own(struct log_service const *own);

#endif
