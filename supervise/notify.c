/*
 * The service gets the FIFO for reading and writing, so that a word said while
 * no supervise lives neither kills it nor is lost.  Datagrams carry the pid of
 * their sender, vouched for by the kernel (unix(7), SCM_CREDENTIALS);
 * descriptors that come along are closed.
 */
#include "supervise/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/posixplz.h>
#include <skalibs/types.h>

#include "supervise/linux.h"

#define DATAGRAM_MAX 4096

/* supervise/ may belong to another user, and ./run gets this descriptor. */
static int
open_fifo(int flags)
{
	int fd = open2(NOTIFY_FIFO, flags | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd == -1 || (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode)))
		return fd;
	fd_close(fd);
	errno = EINVAL;
	return -1;
}

int
notify_take_fifo(struct notify *notify)
{
	notify->fifo = open_fifo(O_RDONLY | O_NONBLOCK);
	return notify->fifo == -1 ? -1 : 0;
}

int
notify_make_fifo(struct notify *notify)
{
	unlink_void(NOTIFY_FIFO);
	/* On a full disk the old one, if it is still there, will do. */
	if (mkfifo(NOTIFY_FIFO, 0600) == -1 && errno != EEXIST)
		return -1;
	if (notify_take_fifo(notify) == -1)
		return -1;
	notify->fifo_end = open_fifo(O_RDWR);
	return notify->fifo_end == -1 ? -1 : 0;
}

/*
 * The path in full, because the service may be anywhere.  Where that is too
 * long for an address (unix(7)), a name in the abstract namespace, which nobody
 * can have taken before, and no other container that shares the network has.
 */
static int
choose_name(char name[REPORT_SOCKET_MAX])
{
	static char const file[] = "/" NOTIFY_SOCKET, abstract[] = "@upkeep/";
	uint64_t random[2];
	size_t len = sizeof abstract - 1;

	if (getcwd(name, REPORT_SOCKET_MAX - sizeof file)) {
		memcpy(name + strlen(name), file, sizeof file);
		return 0;
	}
	name[0] = 0;
	if (getentropy(random, sizeof random) == -1)
		return -1;
	memcpy(name, abstract, len);
	for (int i = 0; i < 2; i++)
		len += uint640_xfmt(name + len, random[i], 16);
	name[len] = 0;
	return 0;
}

static int
bind_socket(int fd, char const *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t len = sizeof address;
	int on = 1;

	memcpy(address.sun_path, name, strlen(name) + 1);
	if (name[0] == '@') {
		address.sun_path[0] = 0;
		len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				  strlen(name));
	} else {
		unlink_void(NOTIFY_SOCKET);
	}
	/* Everybody may send, as the umask is 0; ready.c checks the sender. */
	if (bind(fd, (struct sockaddr *)&address, len) == -1)
		return -1;
	return setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
}

int
notify_make_socket(struct notify *notify, char name[REPORT_SOCKET_MAX])
{
	int fd;

	if (name[0] != '@' && choose_name(name) == -1)
		return -1;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	if (bind_socket(fd, name) == -1) {
		fd_close(fd);
		return -1;
	}
	notify->socket = fd;
	return 0;
}

static void
close_one(int *fd)
{
	if (*fd != -1)
		fd_close(*fd);
	*fd = -1;
}

void
notify_close_fifo_end(struct notify *notify)
{
	close_one(&notify->fifo_end);
}

void
notify_close(struct notify *notify)
{
	close_one(&notify->fifo);
	close_one(&notify->fifo_end);
	close_one(&notify->socket);
}

bool
notify_read_fifo(struct notify *notify)
{
	char text[DATAGRAM_MAX];
	ssize_t n = fd_read(notify->fifo, text, sizeof text);
	bool newline = n > 0 && memchr(text, '\n', (size_t)n);

	/* Ready, or at end of file: there is nothing more to read. */
	if (newline || n == 0)
		close_one(&notify->fifo);
	return newline;
}

static struct notify_sender
look_at_ancillary(struct msghdr *message)
{
	struct notify_sender sender = {.pid = 0};

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c;
	     c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_RIGHTS)
			for (size_t at = CMSG_LEN(0);
			     at + sizeof(int) <= c->cmsg_len;
			     at += sizeof(int)) {
				int fd;

				memcpy(&fd, (char *)c + at, sizeof fd);
				fd_close(fd);
			}
		if (c->cmsg_type == SCM_CREDENTIALS) {
			struct ucred credentials;

			memcpy(&credentials, CMSG_DATA(c), sizeof credentials);
			sender.pid = credentials.pid;
			sender.uid = credentials.uid;
		}
	}
	return sender;
}

int
notify_read_socket(
    struct notify *notify, struct notice *notice, struct notify_sender *sender)
{
	char text[DATAGRAM_MAX];
	union {
		struct cmsghdr align;
		char space[256];
	} control;
	struct iovec piece = {text, sizeof text};
	struct msghdr message = {
	    .msg_iov = &piece,
	    .msg_iovlen = 1,
	    .msg_control = control.space,
	    .msg_controllen = sizeof control.space,
	};
	ssize_t n;

	do
		n = recvmsg(notify->socket, &message, MSG_CMSG_CLOEXEC);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return errno == EAGAIN ? 0 : -1;
	*sender = look_at_ancillary(&message);
	notify_parse(notice, text, (size_t)n);
	return 1;
}

static bool
is(char const *line, size_t len, char const *word)
{
	return strlen(word) == len && memcmp(line, word, len) == 0;
}

static void
copy_status(struct notice *notice, char const *text, size_t len)
{
	size_t n = len < NOTICE_STATUS_MAX ? len : NOTICE_STATUS_MAX - 1;

	notice->has_status = true;
	for (size_t i = 0; i < n; i++)
		notice->status[i] =
		    (unsigned char)text[i] < ' ' || text[i] == 127 ? '?'
								   : text[i];
	notice->status[n] = 0;
}

void
notify_parse(struct notice *notice, char const *text, size_t len)
{
	static char const status[] = "STATUS=";
	size_t status_len = sizeof status - 1;

	memset(notice, 0, sizeof *notice);
	while (len) {
		char const *newline = memchr(text, '\n', len);
		size_t n = newline ? (size_t)(newline - text) : len;

		if (is(text, n, "READY=1"))
			notice->ready = true;
		else if (is(text, n, "STOPPING=1"))
			notice->stopping = true;
		else if (is(text, n, "RELOADING=1"))
			notice->reloading = true;
		else if (is(text, n, "WATCHDOG=1"))
			notice->watchdog = true;
		else if (n >= status_len &&
			 memcmp(text, status, status_len) == 0)
			copy_status(notice, text + status_len, n - status_len);
		text += n + (newline != NULL);
		len -= n + (newline != NULL);
	}
}
