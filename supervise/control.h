/*
 * How to talk to a supervise: the FIFOs beside its other files and the
 * alphabet it understands, one byte a command.  daemontools' names and
 * letters; q 1 2 b are runit's and daemontools-encore's.
 */
#ifndef SUPERVISE_CONTROL_H
#define SUPERVISE_CONTROL_H

#include "supervise/state.h"

#define SUPERVISE_DIR "supervise"
#define CONTROL_FIFO  SUPERVISE_DIR "/control"
#define CONTROL_OK    SUPERVISE_DIR "/ok"

/* What svscan writes to the FIFO: leave when the service ends; stop it, and
 * leave; kill it, and leave. */
#define CONTROL_LEAVE "x"
#define CONTROL_STOP  "dx"
#define CONTROL_KILL  "kx"

/* The pipe to a logger, in the logger's directory: svscan makes it. */
#define CONTROL_LOGPIPE SUPERVISE_DIR "/logpipe"

/* The exit code of an essential service that is down for good, for svscan. */
#define CONTROL_FINAL SUPERVISE_DIR "/final"

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

#endif
