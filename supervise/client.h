/*
 * What svc and svstat both do: answer --help, die, go to a service directory,
 * ask whether a supervise runs there, and read what it has published.
 *
 * Neither executes anything, so no descriptor of theirs is close-on-exec; musl
 * needs a second system call for that.
 */
#ifndef SUPERVISE_CLIENT_H
#define SUPERVISE_CLIENT_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>

#include "supervise/message.h"
#include "supervise/report.h"
#include "supervise/status.h"

/* Where the names of services lead from. */
struct client {
	int home;  /* a descriptor of that directory */
	bool away; /* another one is the current directory */
};

/*
 * Remember the current directory.  Streams that are closed are occupied, so
 * that no message is written to a FIFO of supervise.  0; -1 errno.
 */
int client_begin(struct client *client);

/* Go back to that directory.  0; -1 errno. */
int client_return(struct client *client);

/*
 * Make a service directory the current one.  A name without a slash that is
 * not here is looked up in $SVDIR.  0; -1 errno, and the current directory is
 * any.
 */
int client_enter(struct client *client, char const *service);

/*
 * Open supervise/ok in the current directory.  A descriptor, which is the
 * caller's to close: poll(2) gives POLLERR for it when supervise is gone.
 * -1 errno: ENOENT no supervise ever was here, ENXIO none is here now.
 */
int client_open_ok(void);

/* Does a supervise read what client_open_ok() has opened?  1; 0 not any more;
 * -1 errno, EPROTO: it is not a FIFO. */
int client_ask_ok(int fd);

/*
 * Open the control FIFO of the service in the current directory, non-blocking.
 * The descriptor, which is the caller's to close; -1 errno, ENXIO when no
 * supervise reads it, EPROTO when it is not a FIFO.
 */
int client_open_control(void);

/*
 * Send letters in one piece, n at most PIPE_BUF; never blocks.  0; -1 errno,
 * EAGAIN when the FIFO has no room, EPIPE (SIGPIPE must be ignored) when
 * supervise is gone.
 */
int client_send(int fd, char const *letters, size_t n);

/*
 * Read the status of the service in the current directory, and the report that
 * goes with it.  Its state is "" if there is none, as with daemontools and
 * runit; its times are then those of the status.  0; -1 as status_read().
 */
int client_read(struct status *status, struct report *report);

/* "PROG: fatal: unable to VERB[ NAME/REST]: WORDS" of errno. */
static _Noreturn inline void
client_die(char const *verb, char const *name, char const *rest)
{
	message_fatal(&(struct message){verb, name, rest, errno});
	_exit(111);
}

/* If the only argument is --help or --version: answer that, and exit. */
static inline void
client_answer(int argc, char **argv, char const *help, char const *version)
{
	char const *text = NULL;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		text = help;
	else if (argc == 2 && strcmp(argv[1], "--version") == 0)
		text = version;
	else
		return;
	if (allwrite(1, text, strlen(text)) < strlen(text))
		client_die("write to stdout", NULL, NULL);
	_exit(0);
}

#endif
