#ifndef MULTILOG_MESSAGE_H
#define MULTILOG_MESSAGE_H

#include <stdbool.h>

/* What could not be done: "unable to VERB PATH[/NAME]: ERROR". */
struct message_trouble {
	char const *verb; /* null: nothing is wrong */
	char const *path;
	char const *name; /* may be null */
	int error;
};

/* Writes "multilog: KIND: WORDS[: error in words]" to standard error as one
   line of at most 4096 bytes.  words end with a null; error 0 adds nothing.  A
   standard error that would block gets nothing. */
void message_line(char const *kind, int error, char const *const *words);

#define message_warning(error, ...) \
	message_line("warning", (error), (char const *const[]){__VA_ARGS__, 0})
#define message_fatal(error, ...) \
	message_line("fatal", (error), (char const *const[]){__VA_ARGS__, 0})

/* Says that t is fatal.  Returns -1. */
int message_die(struct message_trouble const *t);

/* Warns of t unless *told is the same trouble; then it is. */
void message_once(
    struct message_trouble *told, struct message_trouble const *t);

#endif
