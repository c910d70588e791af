/*
 * How to talk to a supervise: the FIFOs beside its other files and the
 * alphabet it understands, one byte a command.  daemontools' names and
 * letters; q 1 2 b are runit's and daemontools-encore's.
 */
#ifndef SUPERVISE_CONTROL_H
#define SUPERVISE_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#include "supervise/state.h"

#define SUPERVISE_DIR "supervise"
#define CONTROL_FIFO  SUPERVISE_DIR "/control"
#define CONTROL_OK    SUPERVISE_DIR "/ok"

/* Prefixes of one letter: its signal is for the process group, or for the
 * process alone; daemontools-encore's. */
#define CONTROL_GROUP	'+'
#define CONTROL_PROCESS '='

/* One command: what the byte means to the state machine. */
struct control {
	char letter;
	struct event event;
	char const *help;
};

/* The alphabet, in the order of svc's usage; ends with letter 0. */
extern struct control const control_alphabet[];

/* The row of a letter, or null. */
struct control const *control_find(char letter);

/*
 * A descriptor of the current directory to come back to it, close-on-exec, the
 * caller's to close; -1 errno.
 */
int control_directory(void);

/*
 * Make a service directory the current one.  A name without a slash that is
 * not here is looked up in $SVDIR.  0; -1 errno, and the current directory is
 * any.
 */
int control_enter(char const *service);

/*
 * Is a supervise running on the service directory that is the current
 * directory?  1 yes; 0 no, it was once; -1 errno (ENOENT: it never was, EPROTO:
 * supervise/ok is not a FIFO).
 */
int control_alive(void);

/*
 * Open supervise/ok in the current directory: poll(2) gives POLLERR for the
 * descriptor, which is the caller's to close, when supervise is gone.
 * -1 errno: ENXIO it is gone already, otherwise as control_alive.
 */
int control_lifeline(void);

/*
 * Open the control FIFO of the service in the current directory, non-blocking
 * and close-on-exec.  The descriptor, which is the caller's to close; -1 errno,
 * ENXIO when no supervise reads it, EPROTO when it is not a FIFO.
 */
int control_open(void);

/*
 * Send letters in one piece, n at most PIPE_BUF; never blocks.  0; -1 errno,
 * EAGAIN when the FIFO has no room, EPIPE (SIGPIPE must be ignored) when
 * supervise is gone.
 */
int control_send(int fd, char const *letters, size_t n);

#endif
