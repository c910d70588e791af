/*
 * What a program says of its troubles: one line, in one write, in words that
 * scripts know.  A name in it cannot break the line or command a terminal, and
 * no program here waits for somebody to read what it says.
 */
#ifndef SUPERVISE_MESSAGE_H
#define SUPERVISE_MESSAGE_H

#include <stddef.h>

/* "unable to VERB NAME/REST: WORDS" */
struct message {
	char const *verb;
	char const *name; /* of a service, as it is; may be null */
	char const *rest; /* a file below it, or so; null or "": none */
	int error;	  /* errno; 0: no words */
};

/*
 * errno in the words of daemontools ("file does not exist"), strerror(3)'s for
 * those that it has no words for.  Never null; valid until the next call.
 */
char const *message_words(int error);

/*
 * Copy a name with every byte that is not a printable ASCII character, and the
 * backslash, as \xNN; NUL-terminated, cut to size.  Its length.
 */
size_t message_show(char *to, size_t size, char const *name);

/* Put strings together, the last of which is null; cut to size. */
void message_join(char *to, size_t size, char const *const *pieces);

/*
 * Why execve(2) has failed for a file of the current directory, as far as
 * looking at it can tell; "" when there is nothing to add to the errno, as
 * with "file does not exist" when it is the interpreter that does not.
 */
char const *message_cause(char const *program, int exec_error);

/* "PROG: fatal: unable to ..." */
void message_fatal(struct message const *message);

/* "PROG: warning: unable to ..."; not said if standard error would block. */
void message_warn(struct message const *message);

/*
 * The same for a trouble that may last: said only if its errno is not *last,
 * the errno of the last time.  Error 0 says that the trouble is over.
 */
void message_warn_once(int *last, struct message const *message);

/* "PROG: warning: NAME/REST: TEXT"; not said if standard error would block. */
void message_say(char const *name, char const *rest, char const *text);

/* From now on, write to this descriptor while standard error would block. */
void message_otherwise(int fd);

#endif
