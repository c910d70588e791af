/*
 * What svc and svstat have in common: answer --help and die (as supervise does
 * too), go to a service directory, ask whether supervise is running there, and
 * read what it publishes.
 *
 * Neither executes anything, so descriptors are not close-on-exec: with musl,
 * that takes a second system call.
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

/* The directory that the names of services are relative to. */
struct client {
	int home;
	bool away; /* the current directory may be another */
};

/*
 * Remember the current directory.  If a standard stream is closed, occupy its
 * descriptor, so that no message goes to a FIFO of supervise.  0; -1 errno.
 */
int client_begin(struct client *client);

/* Go back to that directory.  0; -1 errno. */
int client_return(struct client *client);

/*
 * Make a service directory the current directory.  A name without a slash that
 * is not in home is looked up in $SVDIR.  0; -1 errno.
 */
int client_enter(struct client *client, char const *service);

/*
 * Open supervise/ok in the current directory.  A descriptor for the caller to
 * close, for which poll(2) reports POLLERR when supervise exits; -1 errno:
 * ENOENT if no supervise ever ran here, ENXIO if none is running now.
 */
int client_open_ok(void);

/* Is the supervise behind client_open_ok() running?  1; 0; -1 errno, EPROTO if
 * it is not a FIFO. */
int client_ask_ok(int fd);

/*
 * Open the control FIFO in the current directory, non-blocking.  A descriptor
 * for the caller to close; -1 errno: ENXIO if no supervise reads it, EPROTO if
 * it is not a FIFO.
 */
int client_open_control(void);

/*
 * Send all letters or none, at most PIPE_BUF; never blocks.  0; -1 errno:
 * EAGAIN if the FIFO is full, EPIPE (SIGPIPE must be ignored) if supervise has
 * exited.
 */
int client_send(int fd, char const *letters, size_t n);

/* Enough to read what is being replaced. */
enum { CLIENT_TRIES = 20 };

/*
 * Read the status of the service in the current directory, and its report.  If
 * there is no report, as with daemontools and runit, its state is "" and its
 * times are those of the status.  0; -1 as status_read().
 *
 * The two files are replaced one after the other, the report first.  If they do
 * not belong together, try again, that many times in all; then 1, as without a
 * report: they never will, if another supervise has left the report.
 */
int client_read(struct status *status, struct report *report, int tries);

/* Print "PROG: fatal: unable to VERB[ NAME/REST]: WORDS" and exit. */
static _Noreturn inline void
client_die(char const *verb, char const *name, char const *rest)
{
	message_fatal(&(struct message){verb, name, rest, errno});
	_exit(111);
}

/* If the only argument is --help or --version: answer and exit. */
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
