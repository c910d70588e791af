/*
 * A service that does not notify is ready as soon as it has been executed.  A
 * datagram counts if its sender belongs to the service: its process, a
 * descendant of that, or a descendant of supervise, as all orphans are.  The
 * kernel vouches for the sender (unix(7), SCM_CREDENTIALS).
 *
 * The service gets the FIFO for reading and writing, so that a word said while
 * no supervise lives neither kills it nor is lost.
 */
#include "supervise/ready.h"

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
#include "supervise/message.h"

#define NOTIFY_FIFO   SUPERVISE_DIR "/notify"
#define NOTIFY_SOCKET SUPERVISE_DIR "/notify-socket"

/* Read at a time. */
#define READ_MAX      4096
#define DATAGRAMS_MAX 64

/* supervise/ may belong to another user, and ./run gets such a descriptor. */
static int
open_fifo(int flags)
{
	int fd = open2(NOTIFY_FIFO, flags | O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd == -1 || (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode)))
		return fd;
	fd_close(fd);
	errno = EINVAL;
	return -1;
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
	char *end = name + sizeof abstract - 1;
	uint64_t random;

	if (getcwd(name, REPORT_SOCKET_MAX - sizeof file)) {
		memcpy(name + strlen(name), file, sizeof file);
		return 0;
	}
	name[0] = 0;
	if (getentropy(&random, sizeof random) == -1)
		return -1;
	memcpy(name, abstract, sizeof abstract);
	end[uint640_xfmt(end, random, 16)] = 0;
	return 0;
}

/*
 * The socket of this name: a path, or what begins with @ in the abstract
 * namespace.  An empty name is chosen here; with one that an adopted service
 * has been told it is made anew.
 */
static int
make_socket(char name[REPORT_SOCKET_MAX])
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int on = 1, fd;
	size_t len;

	if (!name[0] && choose_name(name) == -1)
		return -1;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	len = message_join(address.sun_path, sizeof address.sun_path,
	    name[0] == '@' ? name : NOTIFY_SOCKET);
	if (name[0] == '@')
		address.sun_path[0] = 0;
	len += offsetof(struct sockaddr_un, sun_path);
	unlink_void(NOTIFY_SOCKET);
	/* Everybody may send, as the umask is 0; believes() checks who did, of
	 * the first one, too. */
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0 &&
	    bind(fd, (struct sockaddr *)&address, (socklen_t)len) == 0)
		return fd;
	fd_close(fd);
	return -1;
}

static bool
says_ready(struct options const *options)
{
	return options->notification_fd || options->notify_socket;
}

int
ready_reopen(struct service *service, char const **file)
{
	struct options const *options = &service->options;
	struct notify *notify = &service->notify;
	char *name = service->facts.report.notify_socket;

	*file = NOTIFY_SOCKET;
	if ((options->notify_socket || options->watchdog_ms) &&
	    notify->socket == -1 && (notify->socket = make_socket(name)) == -1)
		return -1;
	*file = NOTIFY_FIFO;
	if (options->notification_fd && !service->state.ready &&
	    notify->fifo == -1 && (notify->fifo = open_fifo(O_NONBLOCK)) == -1)
		return -1;
	return 0;
}

int
ready_open(struct service *service, struct process_plan *plan)
{
	int as = (int)service->options.notification_fd;
	char const *file;

	service->facts.report.notify_socket[0] = 0;
	if (as) {
		/* A FIFO that no earlier process has open. */
		unlink_void(NOTIFY_FIFO);
		/* On a full disk the old one, if it is still there, will do. */
		if (mkfifo(NOTIFY_FIFO, 0600) == -1 && errno != EEXIST)
			return -1;
	}
	if (ready_reopen(service, &file) == -1 ||
	    (as && (plan->notify_fd = open_fifo(0)) == -1))
		return -1;
	plan->notify_as = as;
	if (service->notify.socket != -1)
		plan->notify_socket = service->facts.report.notify_socket;
	plan->watchdog_ms = service->options.watchdog_ms;
	return 0;
}

/* Start the time of the watchdog; without a socket, nothing would be heard. */
static void
watch(struct service *service)
{
	uint32_t watchdog_ms = service->options.watchdog_ms;

	if (watchdog_ms && service->notify.socket != -1)
		timer_arm(&service->timers, TIMER_WATCHDOG, watchdog_ms);
}

void
ready_watch(struct service *service)
{
	if (service->timers.due[TIMER_WATCHDOG])
		watch(service);
}

static struct event
is_ready(struct service *service)
{
	struct timespec *since = &service->facts.report.ready_since;

	if (service->state.ready)
		return state_event(EVENT_NONE);
	clock_gettime(CLOCK_REALTIME, since);
	/* 0 says that it is not; and there are machines without a clock. */
	if (!since->tv_sec)
		since->tv_sec = 1;
	service->timers.due[TIMER_READY] = 0;
	watch(service);
	return state_event(EVENT_READY);
}

struct event
ready_watchdog(struct service *service)
{
	bool paused = service->state.paused;
	char state = process_state(service->process.pid);

	watch(service);
	if (!service->process.adopted)
		return state_event(EVENT_WATCHDOG_DUE);
	if (!state)
		return state_event(EVENT_NONE);
	/* Nobody tells us that an adopted process has stopped, or goes on. */
	if ((state == 'T') != paused)
		return state_event(paused ? EVENT_CONTINUED : EVENT_STOPPED);
	return state_event(EVENT_WATCHDOG_DUE);
}

struct event
ready_await(struct service *service)
{
	struct options const *options = &service->options;
	uint64_t ran_ms = timer_now() - service->facts.ran_from_ms;
	uint64_t ms = options->ready_after_ms;
	/* A word for the socket may have been said to nobody. */
	bool heard = !service->deaf &&
		     !(service->process.adopted && options->notify_socket);

	if (service->state.ready)
		watch(service);
	else if (!says_ready(options) && ran_ms >= ms)
		return is_ready(service);
	else if (!says_ready(options))
		timer_arm(&service->timers, TIMER_READY, ms - ran_ms);
	else if (heard)
		timer_arm_once(
		    &service->timers, TIMER_READY, options->timeout_ready_ms);
	return state_event(EVENT_NONE);
}

struct event
ready_due(struct service *service)
{
	if (says_ready(&service->options))
		return state_event(EVENT_READY_DUE);
	return is_ready(service);
}

static bool
is_word(char const *line, size_t len, char const *word)
{
	return strlen(word) == len && memcmp(line, word, len) == 0;
}

static void
copy_status(char status[REPORT_TEXT_MAX], char const *text, size_t len)
{
	if (len >= REPORT_TEXT_MAX)
		len = REPORT_TEXT_MAX - 1;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		status[i] = c < ' ' || c == 127 ? '?' : text[i];
	}
	status[len] = 0;
}

struct notice
ready_parse(char status[REPORT_TEXT_MAX], char const *text, size_t len)
{
	static char const name[] = "STATUS=";
	size_t name_len = sizeof name - 1;
	struct notice notice = {.ready = false};

	while (len) {
		char const *newline = memchr(text, '\n', len);
		size_t n = newline ? (size_t)(newline - text) : len;

		notice.ready |= is_word(text, n, "READY=1");
		notice.unready |= is_word(text, n, "STOPPING=1") ||
				  is_word(text, n, "RELOADING=1");
		notice.watchdog |= is_word(text, n, "WATCHDOG=1");
		if (n >= name_len && memcmp(text, name, name_len) == 0)
			copy_status(status, text + name_len, n - name_len);
		n += newline != NULL;
		text += n;
		len -= n;
	}
	return notice;
}

/* The next datagram.  Its length; -1: none.  Pid 0: it cannot be told whose. */
static ssize_t
receive(int fd, char text[READ_MAX], struct ucred *sender)
{
	/* No room for descriptors: those that come along are closed, unix(7).
	 */
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec piece = {text, READ_MAX};
	struct msghdr message = {.msg_iov = &piece,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof control.space};
	ssize_t n = recvmsg(fd, &message, 0);
	struct cmsghdr *header = n == -1 ? NULL : CMSG_FIRSTHDR(&message);

	*sender = (struct ucred){.pid = 0};
	if (header && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_CREDENTIALS)
		memcpy(sender, CMSG_DATA(header), sizeof *sender);
	return n;
}

/*
 * A helper may have exited before its message is read.  Then the user it ran as
 * must be root, that of supervise or that of ./run, who could send it anyway.
 */
static bool
believes(struct service const *service, struct ucred const *sender)
{
	pid_t pid = service->process.pid;
	int is = process_is_below(sender->pid, pid);
	uid_t uid;

	if (is != -1)
		return is;
	return sender->uid == 0 || sender->uid == geteuid() ||
	       (process_user(pid, &uid) == 0 && sender->uid == uid);
}

static struct event
heed(struct service *service, char const *text, size_t len)
{
	struct notice notice =
	    ready_parse(service->facts.report.status_text, text, len);

	if (notice.watchdog)
		watch(service);
	if (notice.ready)
		return is_ready(service);
	if (notice.unready)
		return state_event(EVENT_UNREADY);
	/* Somebody else may have let it go on. */
	if (service->state.paused && service->process.adopted)
		return ready_watchdog(service);
	return state_event(EVENT_NONE);
}

static void
close_one(int *fd)
{
	if (*fd != -1)
		fd_close(*fd);
	*fd = -1;
}

struct event
ready_listen(struct service *service)
{
	struct event event = state_event(EVENT_NONE);
	struct notify *notify = &service->notify;
	int datagrams = notify->socket == -1 ? 0 : DATAGRAMS_MAX;
	char text[READ_MAX];
	struct ucred sender;
	ssize_t n;

	/* Nothing from before ./run was executed counts. */
	if (service->state.phase != PHASE_UP)
		return event;
	n = notify->fifo == -1 ? 0 : fd_read(notify->fifo, text, READ_MAX);
	if (n > 0 && memchr(text, '\n', (size_t)n)) {
		close_one(&notify->fifo);
		return is_ready(service);
	}
	while (event.kind == EVENT_NONE && datagrams-- > 0 &&
	       (n = receive(notify->socket, text, &sender)) != -1)
		if (believes(service, &sender))
			event = heed(service, text, (size_t)n);
	return event;
}

void
ready_over(struct service *service)
{
	close_one(&service->notify.fifo);
	close_one(&service->notify.socket);
	service->timers.due[TIMER_READY] = 0;
	service->timers.due[TIMER_WATCHDOG] = 0;
	service->deaf = false;
}
