/* The alphabet, and the client's side of the FIFOs. */
#include "supervise/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static void
test_alphabet(void)
{
	char letters[EVENT_COUNT + 1] = "";
	bool used[EVENT_COUNT + NSIG] = {false};
	size_t at, n = 0;

	for (struct control const *c = control_alphabet; c->letter; c++) {
		CHECK(n < EVENT_COUNT);
		CHECK(!strchr(letters, c->letter));
		CHECK(c->event.kind < EVENT_COUNT);
		at = c->event.kind == EVENT_SIGNAL
			 ? EVENT_COUNT + (size_t)c->event.signal
			 : (size_t)c->event.kind;
		CHECK(!used[at]);
		used[at] = true;
		CHECK(c->help && c->help[0]);
		CHECK(control_find(c->letter) == c);
		letters[n++] = c->letter;
	}
	CHECK(strncmp(letters, "udopchaitkxq12br", 16) == 0);
	CHECK(control_find('u')->event.kind == EVENT_UP);
	CHECK(control_find('t')->event.signal == SIGTERM);
	CHECK(control_find('1')->event.signal == SIGUSR1);
	CHECK(control_find('Z') == NULL);
	CHECK(control_find(0) == NULL);
	unit_done("control: every letter once, with an event and a help");
}

static void
fails(int got, int want_errno)
{
	int error = errno;

	CHECK(got == -1);
	CHECK(error == want_errno);
}

static void
test_alive(void)
{
	int reader;

	errno = 0;
	fails(control_alive(), ENOENT);
	CHECK(mkfifo(CONTROL_OK, 0600) == 0);
	CHECK(control_alive() == 0);
	reader = open(CONTROL_OK, O_RDONLY | O_NONBLOCK);
	CHECK(reader != -1);
	CHECK(control_alive() == 1);
	close(reader);
	CHECK(control_alive() == 0);
	unlink(CONTROL_OK);
	close(open(CONTROL_OK, O_WRONLY | O_CREAT, 0600));
	fails(control_alive(), EPROTO);
	unlink(CONTROL_OK);
	unit_done("control: alive while somebody reads a FIFO, no plain file");
}

static void
test_send(void)
{
	char got[16] = "";
	int reader, fd;

	fails(control_open(), ENOENT);
	CHECK(mkfifo(CONTROL_FIFO, 0600) == 0);
	fails(control_open(), ENXIO);
	reader = open(CONTROL_FIFO, O_RDONLY | O_NONBLOCK);
	fd = control_open();
	CHECK(fd != -1);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK(control_send(fd, "dux", 3) == 0);
	CHECK(read(reader, got, sizeof got) == 3);
	CHECK_STR(got, "dux");
	while (control_send(fd, "u", 1) == 0)
		;
	CHECK(errno == EAGAIN);
	close(reader);
	fails(control_send(fd, "u", 1), EPIPE);
	close(fd);
	unlink(CONTROL_FIFO);
	close(open(CONTROL_FIFO, O_WRONLY | O_CREAT, 0600));
	fails(control_open(), EPROTO);
	unlink(CONTROL_FIFO);
	unit_done("control: letters arrive whole; a full FIFO does not block");
}

static void
test_lifeline(void)
{
	struct pollfd x = {.events = 0};
	int reader;

	CHECK(mkfifo(CONTROL_OK, 0600) == 0);
	fails(control_lifeline(), ENXIO);
	reader = open(CONTROL_OK, O_RDONLY | O_NONBLOCK);
	x.fd = control_lifeline();
	CHECK(x.fd != -1);
	CHECK(poll(&x, 1, 0) == 0);
	close(reader);
	CHECK(poll(&x, 1, 0) == 1 && x.revents & POLLERR);
	close(x.fd);
	unlink(CONTROL_OK);
	unit_done("control: a lifeline tells when the reader is gone");
}

/* In the directory that control_enter leads to: is there this file? */
static bool
leads_to(char const *service, char const *file)
{
	int back = control_directory();
	bool there;

	CHECK(back != -1);
	there = control_enter(service) == 0 && access(file, F_OK) == 0;
	CHECK(fchdir(back) == 0);
	close(back);
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
	CHECK(control_enter("there") == -1 && errno == ENOENT);
	setenv("SVDIR", "", 1);
	CHECK(control_enter("there") == -1 && errno == ENOENT);
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
	unit_done("control: a plain name that is not here is sought in SVDIR");
}

int
main(void)
{
	char dir[] = "/tmp/upkeep.unit.XXXXXX";

	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(dir) || chdir(dir) == -1 || mkdir(SUPERVISE_DIR, 0700))
		return 1;
	test_alphabet();
	test_alive();
	test_send();
	test_lifeline();
	test_enter();
	if (rmdir(SUPERVISE_DIR) == -1 || chdir("/") == -1 || rmdir(dir) == -1)
		return 1;
	return unit_exit();
}
