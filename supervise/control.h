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
