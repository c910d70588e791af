/*
 * Diagnostics: one line, one write, the words that scripts match.  A name can
 * neither break the line nor send a command to a terminal.
 */
#ifndef SUPERVISE_MESSAGE_H
#define SUPERVISE_MESSAGE_H

#include <stddef.h>

/* "unable to VERB NAME/REST: WORDS" */
struct message {
	char const *verb;
	char const *name; /* of a service, unescaped; may be null */
	char const *rest; /* a file below it; null or "" if none */
	int error;	  /* errno; 0: no words */
};

/*
 * Copy a name with every byte that is not a printable ASCII character, and the
 * backslash, as \xNN; NUL-terminated, cut to size.  Its length.
 */
size_t message_show(char *to, size_t size, char const *name);

/*
 * Concatenate strings; cut to size, NUL-terminated.  The length.
 * message_pieces() has them in an array that ends with a null.
 */
#define message_join(to, size, ...) \
	message_pieces(to, size, (char const *[]){__VA_ARGS__, NULL})
size_t message_pieces(char *to, size_t size, char const *const *pieces);

/*
 * A likely cause why execve(2) failed for a file of the current directory, such
 * as "interpreter missing" for ENOENT; "" if the file looks all right.
 */
char const *message_cause(char const *program, int exec_error);

/* "PROG: fatal: unable to ..." */
void message_fatal(struct message const *message);

/* "PROG: warning: unable to ..."; dropped if standard error would block. */
void message_warn(struct message const *message);

/*
 * The same for trouble that may last: only if the error differs from *last, the
 * error of the previous call.  Error 0 means that the trouble is over.
 */
void message_warn_once(int *last, struct message const *message);

/* "PROG: warning: NAME/REST: TEXT"; dropped if standard error would block. */
void message_say(char const *name, char const *rest, char const *text);

/*
 * While standard error would block, write to this descriptor instead; -1: to
 * that of the call before, which is returned.
 */
int message_otherwise(int fd);

#endif
