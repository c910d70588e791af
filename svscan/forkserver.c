/*
 * A fork server that fails us in any way is killed, and the supervise executed.
 * Should one that we do not know have been forked, one of the two gets the
 * lock, and the other is waited for: takeover.h.
 */
#include "svscan/forkserver.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "svscan/directory.h"
#include "svscan/moment.h"

#define FEW	   8 /* starts in a row, which are not worth it */
#define LINGER_MS  1000
#define ANSWER_SEC 2 /* the longest wait for an answer */

void
forkserver_begin(struct forkserver *server)
{
	*server = (struct forkserver){.socket = -1, .end = tain_infinite};
#ifndef __linux__
	server->useless = true;
#endif
}

static void
leave(struct forkserver *server)
{
	if (server->socket != -1)
		fd_close(server->socket);
	server->socket = -1;
	/* It has nothing to lose, and may be hung. */
	if (server->pid > 0)
		kill(server->pid, SIGKILL);
}

void
forkserver_end(struct forkserver *server)
{
	leave(server);
	server->starts = 0;
	server->failed = false;
	server->end = tain_infinite;
}

void
forkserver_died(struct forkserver *server, pid_t pid)
{
	if (pid != server->pid)
		return;
	server->pid = 0;
	leave(server);
}

void
forkserver_retire(struct forkserver *server)
{
	forkserver_end(server);
	server->useless = true;
}

bool
forkserver_is_child(struct forkserver const *server)
{
	return server->pid > 0;
}

/* The names that it is given are those of where it was started. */
static int
note_directory(struct forkserver *server)
{
	struct stat st;

	if (stat(".", &st) == -1)
		return -1;
	server->directory =
	    (struct scan_id){.dev = st.st_dev, .ino = st.st_ino};
	return 0;
}

static void
enter(struct forkserver *server, struct spawn const *like)
{
	struct timeval longest = {.tv_sec = ANSWER_SEC};
	struct spawn spawn = {
	    .name = "",
	    .log = "",
	    .output = -1,
	    .errors = -1,
	    .slot = like->slot,
	    .descriptors = like->descriptors,
	    .fork_server = true,
	};
	pid_t pid = -1;
	int pair[2];

	if (note_directory(server) == -1 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == -1)
		return;
	spawn.input = pair[1];
	if (coe(pair[0]) == 0 && coe(pair[1]) == 0 &&
	    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &longest,
		sizeof longest) == 0)
		pid = spawn_supervise(&spawn);
	fd_close(pair[1]);
	if (pid == -1) {
		fd_close(pair[0]);
		return;
	}
	server->pid = pid;
	server->socket = pair[0];
}

static int
ask(struct forkserver const *server, struct spawn const *spawn)
{
	int const fds[] = {
	    spawn->input == -1 ? 0 : spawn->input,
	    spawn->output == -1 ? 1 : spawn->output,
	    spawn->errors == -1 ? 2 : spawn->errors,
	};
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof fds)];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof fds),
			 .cmsg_level = SOL_SOCKET,
			 .cmsg_type = SCM_RIGHTS}};
	char argument[SPAWN_ARGUMENT_MAX];
	char const *directory = *spawn->log ? spawn->name : "";
	struct iovec text[] = {
	    {(char *)(uintptr_t)directory, strlen(directory) + 1},
	    {argument, spawn_argument(spawn, argument) + 1},
	};
	struct msghdr message = {.msg_iov = text,
	    .msg_iovlen = 2,
	    .msg_control = &control,
	    .msg_controllen = sizeof control};

	memcpy(CMSG_DATA(&control.header), fds, sizeof fds);
	return sendmsg(server->socket, &message, MSG_NOSIGNAL) == -1 ? -1 : 0;
}

/* 0 and *pid, or what is no pid if it could not be forked; -1 errno. */
static int
hear(struct forkserver const *server, pid_t *pid)
{
	ssize_t n;

	do
		n = recv(server->socket, pid, sizeof *pid, 0);
	while (n == -1 && errno == EINTR);
	return n == sizeof *pid ? 0 : -1;
}

static void
count_start(struct forkserver *server, struct spawn const *spawn)
{
	/* Not later and later: a new supervise may have been installed. */
	if (server->socket == -1)
		moment_in(&server->end, LINGER_MS);
	if (server->starts < FEW)
		server->starts++;
	else if (server->socket == -1 && !server->useless && !server->failed)
		enter(server, spawn);
}

pid_t
forkserver_spawn(struct forkserver *server, struct spawn const *spawn)
{
	pid_t pid = 0;
	bool asked;

	server->unsure = false;
	/* Who waits for another to leave does so before it is executed. */
	if (spawn->wait)
		return spawn_supervise(spawn);
	if (server->socket != -1 && !directory_has(".", &server->directory))
		leave(server);
	count_start(server, spawn);
	if (server->socket == -1)
		return spawn_supervise(spawn);
	asked = ask(server, spawn) == 0;
	if (asked && hear(server, &pid) == 0) {
		server->answers = true;
	} else {
		leave(server);
		server->failed = true;
		server->unsure = asked;
		server->useless |= !server->answers;
	}
	return pid > 0 ? pid : spawn_supervise(spawn);
}
