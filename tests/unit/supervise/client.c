/* What svc and svstat both do. */
#include "supervise/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static void
fails(int got, int want_errno)
{
	int error = errno;

	CHECK(got == -1);
	CHECK(error == want_errno);
}

static void
test_ok(void)
{
	struct pollfd x = {.events = 0};
	int reader;

	errno = 0;
	fails(client_open_ok(), ENOENT);
	CHECK(mkfifo(CONTROL_OK, 0600) == 0);
	fails(client_open_ok(), ENXIO);
	reader = open(CONTROL_OK, O_RDONLY | O_NONBLOCK);
	x.fd = client_open_ok();
	CHECK(reader != -1 && x.fd != -1);
	CHECK(client_ask_ok(x.fd) == 1);
	CHECK(poll(&x, 1, 0) == 0);
	close(reader);
	CHECK(client_ask_ok(x.fd) == 0);
	CHECK(poll(&x, 1, 0) == 1 && x.revents & POLLERR);
	close(x.fd);
	unlink(CONTROL_OK);
	close(open(CONTROL_OK, O_WRONLY | O_CREAT, 0600));
	x.fd = client_open_ok();
	fails(client_ask_ok(x.fd), EPROTO);
	close(x.fd);
	unlink(CONTROL_OK);
	unit_done("client: alive while somebody reads a FIFO, no plain file");
}

static void
test_send(void)
{
	char got[16] = "";
	int reader, fd;

	fails(client_open_control(), ENOENT);
	CHECK(mkfifo(CONTROL_FIFO, 0600) == 0);
	fails(client_open_control(), ENXIO);
	reader = open(CONTROL_FIFO, O_RDONLY | O_NONBLOCK);
	fd = client_open_control();
	CHECK(fd != -1);
	CHECK(client_send(fd, "dux", 3) == 0);
	CHECK(read(reader, got, sizeof got) == 3);
	CHECK_STR(got, "dux");
	while (client_send(fd, "u", 1) == 0)
		;
	CHECK(errno == EAGAIN);
	close(reader);
	fails(client_send(fd, "u", 1), EPIPE);
	close(fd);
	unlink(CONTROL_FIFO);
	close(open(CONTROL_FIFO, O_WRONLY | O_CREAT, 0600));
	fails(client_open_control(), EPROTO);
	unlink(CONTROL_FIFO);
	unit_done("client: letters arrive whole; a full FIFO does not block");
}

/* In the directory that client_enter leads to: is there this file? */
static bool
leads_to(char const *service, char const *file)
{
	struct client client;
	bool there;

	CHECK(client_begin(&client) == 0 && client.home > 2);
	there = client_enter(&client, service) == 0 && access(file, F_OK) == 0;
	CHECK(client_return(&client) == 0);
	close(client.home);
	return there;
}

static void
test_enter(void)
{
	CHECK(mkdir("here", 0700) == 0 && mkdir("here/is-here", 0700) == 0);
	CHECK(mkdir("sv", 0700) == 0 && mkdir("sv/here", 0700) == 0);
	CHECK(mkdir("sv/there", 0700) == 0 && mkdir("sv/file", 0700) == 0);
	CHECK(mkdir("sv/there/is-there", 0700) == 0);
	CHECK(mkdir("sv/file/is-there", 0700) == 0);
	close(open("file", O_WRONLY | O_CREAT, 0600));
	unsetenv("SVDIR");
	CHECK(leads_to("here", "is-here"));
	CHECK(!leads_to("there", "."));
	setenv("SVDIR", "", 1);
	CHECK(!leads_to("there", "."));
	setenv("SVDIR", "sv", 1);
	CHECK(leads_to("here", "is-here"));
	CHECK(leads_to("there", "is-there"));
	CHECK(leads_to("file", "is-there"));
	CHECK(!leads_to("./there", "."));
	CHECK(!leads_to("", "."));
	CHECK(!leads_to("nowhere", "."));
	unsetenv("SVDIR");
	CHECK(rmdir("sv/there/is-there") == 0 && rmdir("sv/there") == 0);
	CHECK(rmdir("sv/file/is-there") == 0 && rmdir("sv/file") == 0);
	CHECK(rmdir("sv/here") == 0 && rmdir("sv") == 0);
	CHECK(rmdir("here/is-here") == 0 && rmdir("here") == 0);
	CHECK(unlink("file") == 0);
	unit_done("client: a plain name that is not here is sought in SVDIR");
}

static void
write_file(char const *name, char const *data, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd != -1 && write(fd, data, len) == (ssize_t)len);
	close(fd);
}

static void
test_read(void)
{
	struct status one = {.since = {1795262400, 500000000}, .pid = 7};
	struct report report = {.state = "down", .want = "up"};
	char record[STATUS_SIZE], text[REPORT_MAX];
	struct status s;

	fails(client_read(&s, &report, 2), ENOENT);
	status_pack(record, &one);
	write_file(STATUS_FILE, record, 17);
	fails(client_read(&s, &report, 2), EPROTO);
	write_file(STATUS_FILE, record, sizeof record);
	CHECK(client_read(&s, &report, 2) == 0 && s.pid == 7);
	CHECK_STR(report.state, "");
	report = (struct report){.state = "down", .want = "up", .starts = 9};
	report.since = one.since;
	write_file(REPORT_FILE, text, report_format(text, &report));
	CHECK(client_read(&s, &report, 2) == 0 && s.pid == 7);
	CHECK(strcmp(report.state, "down") == 0 && report.starts == 9);
	report.since.tv_nsec++;
	write_file(REPORT_FILE, text, report_format(text, &report));
	CHECK(client_read(&s, &report, 2) == 1 && s.pid == 7);
	CHECK_STR(report.state, "");
	unlink(STATUS_FILE);
	unlink(REPORT_FILE);
	unit_done(
	    "client: a report is taken only with the status it goes with");
}

int
main(void)
{
	char dir[] = "/tmp/upkeep.unit.XXXXXX";

	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(dir) || chdir(dir) == -1 || mkdir(SUPERVISE_DIR, 0700))
		return 1;
	test_ok();
	test_send();
	test_enter();
	test_read();
	if (rmdir(SUPERVISE_DIR) == -1 || chdir("/") == -1 || rmdir(dir) == -1)
		return 1;
	return unit_exit();
}
