/*
 * How a service says that it is ready: a newline on a descriptor (the FIFO
 * supervise/notify), or datagrams in the words of sd_notify(3) on the socket
 * supervise/notify-socket.  Both have names, so that a supervise that takes
 * over an unready service hears it too.
 */
#ifndef SUPERVISE_NOTIFY_H
#define SUPERVISE_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "supervise/control.h"
#include "supervise/report.h"

#define NOTIFY_FIFO   SUPERVISE_DIR "/notify"
#define NOTIFY_SOCKET SUPERVISE_DIR "/notify-socket"

#define NOTICE_STATUS_MAX 200

/* What one datagram says; several at once are possible. */
struct notice {
	bool ready;
	bool stopping;
	bool reloading;
	bool watchdog;
	bool has_status;
	char status[NOTICE_STATUS_MAX]; /* printable, one line */
};

/* Who has sent a datagram, vouched for by the kernel. */
struct notify_sender {
	pid_t pid; /* 0: not of our pid namespace, or the system cannot tell */
	uid_t uid;
};

struct notify {
	int fifo;     /* read by us; -1 none */
	int fifo_end; /* the service's end until it is started; -1 none */
	int socket;   /* -1 none */
};

#define NOTIFY_NONE ((struct notify){.fifo = -1, .fifo_end = -1, .socket = -1})

/*
 * For a new process: a FIFO that no earlier process has open.
 * 0; -1 errno.
 */
int notify_make_fifo(struct notify *notify);

/* For a process that was adopted: the FIFO it has.  0; -1 errno. */
int notify_take_fifo(struct notify *notify);

/*
 * Make the socket that the service is told of as this name: a path, or what
 * begins with @ in the abstract namespace.  An empty name is chosen here; with
 * one that an adopted service has been told it is made anew.  0; -1 errno.
 */
int notify_make_socket(struct notify *notify, char name[REPORT_SOCKET_MAX]);

void notify_close_fifo_end(struct notify *notify);
void notify_close(struct notify *notify);

/* Has a newline arrived?  Reads once: a service may write without an end. */
bool notify_read_fifo(struct notify *notify);

/* Next datagram.  1; 0 none is there; -1 errno. */
int notify_read_socket(
    struct notify *notify, struct notice *notice, struct notify_sender *sender);

/* Pure: understand the text of a datagram. */
void notify_parse(struct notice *notice, char const *text, size_t len);

#endif
