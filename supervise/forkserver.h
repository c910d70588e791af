/*
 * supervise --fork-server: executed once by svscan, it forks one supervise
 * after the other.  A fork costs a fraction of an exec, and what none of them
 * writes to is in memory once.
 *
 * What is asked for, each in one message on descriptor 0, a socket of type
 * SOCK_SEQPACKET: two strings, each with its NUL, the directory to change to
 * first (empty: none) and the argument of supervise; and three descriptors
 * (SCM_RIGHTS, unix(7)), its 0, 1 and 2.  The answer, before the next message
 * is read: a pid_t, or a negative errno.  At the end of file the server exits.
 */
#ifndef SUPERVISE_FORKSERVER_H
#define SUPERVISE_FORKSERVER_H

#include <limits.h>

#define FORKSERVER_OPTION	"--fork-server"
#define FORKSERVER_ARGUMENT_MAX (NAME_MAX + sizeof "./")

/*
 * Serve.  argv is that of main: supervise, the option, and a long argument that
 * gives room for others, as ps(1) shows them.
 *
 * 1 in each child, which is a child of our parent, in a process group of its
 * own: argument is what a supervise has got that was executed.  0 in the server
 * when there is nothing more to do.  -1 errno in either.
 */
int forkserver_serve(char *const *argv, char argument[FORKSERVER_ARGUMENT_MAX]);

#endif
