/*
 * Only where a child can be given to our parent, which is to know of its death.
 */
#include "supervise/forkserver.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#endif

/* These have other orders of arguments, or another way to tell the child. */
#if defined __linux__ && defined SYS_clone && !defined __s390__ && \
    !defined __sparc__ && !defined __cris__

#define DESCRIPTORS 3

struct request {
	char text[2 * FORKSERVER_ARGUMENT_MAX];
	int fds[DESCRIPTORS];
	size_t fds_len;
};

/* 1; 0 nobody is there any more; -1 errno */
static int
receive(struct request *request)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof request->fds)];
	} control;
	struct iovec text = {request->text, sizeof request->text - 2};
	struct msghdr message = {.msg_iov = &text,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = CMSG_LEN(sizeof request->fds)};
	size_t len;
	ssize_t n;

	memset(request, 0, sizeof *request);
	do
		n = recvmsg(0, &message, MSG_CMSG_CLOEXEC);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		return n == 0 || errno == ECONNRESET ? 0 : -1;
	if (message.msg_controllen < CMSG_LEN(0) ||
	    control.header.cmsg_type != SCM_RIGHTS)
		return 1;
	len = control.header.cmsg_len - CMSG_LEN(0);
	memcpy(request->fds, CMSG_DATA(&control.header), len);
	request->fds_len = len / sizeof *request->fds;
	return 1;
}

static void
close_received(struct request const *request)
{
	for (size_t i = 0; i < request->fds_len; i++)
		close(request->fds[i]);
}

static pid_t
fork_sibling(void)
{
	return (pid_t)syscall(
	    SYS_clone, CLONE_PARENT | SIGCHLD, 0UL, 0UL, 0UL, 0UL);
}

/* True in the child. */
static bool
answer(struct request const *request)
{
	pid_t pid = -EMFILE;

	if (request->fds_len == DESCRIPTORS)
		pid = fork_sibling();
	if (pid == 0)
		return true;
	if (pid == -1)
		pid = -errno;
	close_received(request);
	/* Who waits for an answer must not wait for ever. */
	if (send(0, &pid, sizeof pid, MSG_NOSIGNAL) == -1)
		shutdown(0, SHUT_RDWR);
	return false;
}

/*
 * Over the arguments in memory, where ps(1) finds them: as setproctitle(3) of
 * other systems has it, one string, and no NUL at the end of the room, by which
 * the kernel knows.
 */
static void
show(char *const *argv, char const *argument)
{
	char *from = strchr(argv[0], 0);
	char *end = strchr(argv[2], 0);
	size_t len = strlen(argument);

	if (argv[1] != from + 1 || argv[2] != strchr(argv[1], 0) + 1 ||
	    len + 2 > (size_t)(end - from))
		return;
	*from = ' ';
	memcpy(from + 1, argument, len + 1);
	*end = '.';
}

static int
become_supervise(struct request const *request, char *const *argv,
    char argument[FORKSERVER_ARGUMENT_MAX])
{
	char const *directory = request->text;
	char const *name = directory + strlen(directory) + 1;
	size_t size = strlen(name) + 1;

	errno = ENAMETOOLONG;
	if (size > FORKSERVER_ARGUMENT_MAX)
		return -1;
	memcpy(argument, name, size);
	show(argv, argument);
	setpgid(0, 0);
	for (int i = 0; i < DESCRIPTORS; i++)
		if (dup2(request->fds[i], i) == -1)
			return -1;
	close_received(request);
	if (*directory && chdir(directory) == -1)
		return -1;
	return 1;
}

int
forkserver_serve(char *const *argv, char argument[FORKSERVER_ARGUMENT_MAX])
{
	struct request request;
	int result;

	while ((result = receive(&request)) == 1)
		if (answer(&request))
			return become_supervise(&request, argv, argument);
	return result;
}

#else

int
forkserver_serve(char *const *argv, char argument[FORKSERVER_ARGUMENT_MAX])
{
	(void)argv;
	(void)argument;
	errno = ENOSYS;
	return -1;
}

#endif
