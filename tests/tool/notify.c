/*
 * notify TEXT [gone]: sends TEXT as one datagram to the socket in
 * NOTIFY_SOCKET, as sd_notify(3) would, and waits like sd_notify_barrier(3)
 * until it has been read, or, with a second argument, exits at once; \n in
 * TEXT is a newline.
 */
#include <stddef.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static size_t
unescape(char *text)
{
	char *to = text;

	for (char *from = text; *from; from++)
		if (from[0] == '\\' && from[1] == 'n') {
			*to++ = '\n';
			from++;
		} else {
			*to++ = *from;
		}
	return (size_t)(to - text);
}

/* The other end of the pipe is closed by whoever reads this. */
static int
barrier(int fd, struct sockaddr_un *address, socklen_t len)
{
	int pipe_fds[2];
	char text[] = "BARRIER=1";
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
			 .cmsg_level = SOL_SOCKET,
			 .cmsg_type = SCM_RIGHTS}};
	struct iovec piece = {text, sizeof text - 1};
	struct msghdr message = {.msg_name = address,
	    .msg_namelen = len,
	    .msg_iov = &piece,
	    .msg_iovlen = 1,
	    .msg_control = control.space,
	    .msg_controllen = sizeof control.space};
	struct pollfd closed;

	if (pipe(pipe_fds) == -1)
		return -1;
	memcpy(CMSG_DATA(&control.header), &pipe_fds[1], sizeof(int));
	if (sendmsg(fd, &message, 0) == -1)
		return -1;
	close(pipe_fds[1]);
	closed.fd = pipe_fds[0];
	closed.events = 0;
	return poll(&closed, 1, 10000) == 1 ? 0 : -1;
}

int
main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char const *path = getenv("NOTIFY_SOCKET");
	size_t path_len = path ? strlen(path) : 0;
	socklen_t len;
	int fd;

	if (argc < 2 || !path || path_len >= sizeof address.sun_path)
		return 100;
	memcpy(address.sun_path, path, path_len);
	if (path[0] == '@')
		address.sun_path[0] = 0;
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path_len);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd == -1 || sendto(fd, argv[1], unescape(argv[1]), 0,
			    (struct sockaddr *)&address, len) == -1)
		return 111;
	if (argc > 2)
		return 0;
	return barrier(fd, &address, len) == -1 ? 111 : 0;
}
