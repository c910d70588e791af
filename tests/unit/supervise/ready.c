/*
 * The words of sd_notify(3), however they arrive; and a service that never
 * stops talking does not keep supervise from the rest.
 */
#include "supervise/ready.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define FLOOD 1000 /* after so many datagrams the test gives up */

static struct service service;
static int received;

/* Instead of that of the C library: there is always one more datagram. */
ssize_t
recvmsg(int fd, struct msghdr *message, int flags)
{
	static char const text[] = "STATUS=still here\nWATCHDOG=1";
	struct ucred sender = {.pid = getpid()};
	struct cmsghdr *header = CMSG_FIRSTHDR(message);

	(void)fd, (void)flags;
	errno = EAGAIN;
	if (received == FLOOD)
		return -1;
	received++;
	CHECK(message->msg_controllen == CMSG_SPACE(sizeof sender));
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_CREDENTIALS;
	header->cmsg_len = CMSG_LEN(sizeof sender);
	memcpy(CMSG_DATA(header), &sender, sizeof sender);
	memcpy(message->msg_iov->iov_base, text, sizeof text - 1);
	return sizeof text - 1;
}

static void
begin(void)
{
	service = (struct service){.name = "s"};
	service.notify = NOTIFY_NONE;
	service.state.phase = PHASE_UP;
	received = 0;
}

static void
test_datagrams(void)
{
	begin();
	service.notify.socket = 1000;
	CHECK(ready_listen(&service).kind == EVENT_NONE);
	CHECK(received > 0 && received <= 64);
	CHECK_STR(service.facts.report.status_text, "still here");
	unit_done("ready: a flood of datagrams is read a few at a time");
}

/* A pipe that is full; a newline is seen, however much is before it. */
static void
test_fifo(void)
{
	char const text[1024] = {0};
	int ends[2], before, left, turns = 0;

	begin();
	CHECK(pipe(ends) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 &&
	      fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
	while (write(ends[1], text, sizeof text) == sizeof text)
		;
	CHECK(ioctl(ends[0], FIONREAD, &before) == 0);
	service.notify.fifo = ends[0];
	CHECK(ready_listen(&service).kind == EVENT_NONE);
	CHECK(ioctl(ends[0], FIONREAD, &left) == 0);
	CHECK(left > 0 && left < before);
	while (write(ends[1], "\n", 1) != 1 && turns++ < FLOOD)
		CHECK(ready_listen(&service).kind == EVENT_NONE);
	while (ready_listen(&service).kind == EVENT_NONE && turns++ < FLOOD)
		;
	CHECK(turns < FLOOD);
	CHECK(service.facts.report.ready_since.tv_sec != 0);
	close(ends[1]);
	unit_done("ready: and so is a flood without a newline");
}

static char said[REPORT_TEXT_MAX];

static struct notice
parse(char const *text)
{
	strcpy(said, "unsaid");
	return ready_parse(said, text, strlen(text));
}

static void
test_words(void)
{
	struct notice n = parse("READY=1");

	CHECK(n.ready && !n.unready && !n.watchdog);
	CHECK(parse("STOPPING=1\n").unready);
	CHECK(parse("RELOADING=1").unready);
	CHECK(parse("WATCHDOG=1").watchdog);
	CHECK_STR(said, "unsaid");
	n = parse("MAINPID=7\n\nREADY=1\nSTATUS=all is well\nWATCHDOG=1\n");
	CHECK(n.ready && n.watchdog);
	CHECK_STR(said, "all is well");
	CHECK(!parse("READY=0").ready);
	CHECK(!parse("READY=11").ready);
	CHECK(!parse("READY").ready);
	CHECK(!parse("xREADY=1").ready);
	CHECK(!parse("STATUS=READY=1").ready);
	CHECK(!parse("").ready);
	CHECK(!parse("\n\n\n").ready);
	CHECK(!parse("WATCHDOG=trigger").watchdog);
	CHECK(!parse("STATUS").ready);
	CHECK_STR(said, "unsaid");
	unit_done("ready: the words, alone and together");
}

static void
test_status(void)
{
	char long_status[1000] = "STATUS=";

	parse("STATUS=");
	CHECK_STR(said, "");
	parse("STATUS=a\tb\x1b[31m\x7f");
	CHECK_STR(said, "a?b?[31m?");
	parse("STATUS=one\nSTATUS=two");
	CHECK_STR(said, "two");
	memset(long_status + 7, 'x', sizeof long_status - 8);
	parse(long_status);
	CHECK(strlen(said) == REPORT_TEXT_MAX - 1);
	ready_parse(said, "STATUS=a\0b", 10);
	CHECK_STR(said, "a?b");
	unit_done("ready: a status is one printable line");
}

int
main(void)
{
	test_datagrams();
	test_fifo();
	test_words();
	test_status();
	return unit_exit();
}
