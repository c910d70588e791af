/* The alphabet, and the client's side of the FIFOs. */
#include "supervise/control.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static void
test_alphabet(void)
{
	char letters[EVENT_COUNT + 1] = "";
	bool used[EVENT_COUNT + 1] = {false};
	size_t n = 0;

	for (struct control const *c = control_alphabet; c->letter; c++) {
		CHECK(n < EVENT_COUNT);
		CHECK(!strchr(letters, c->letter));
		CHECK(c->event < EVENT_COUNT);
		CHECK(!used[c->event]);
		used[c->event] = true;
		CHECK(c->help && c->help[0]);
		CHECK(control_find(c->letter) == c);
		letters[n++] = c->letter;
	}
	CHECK(strncmp(letters, "udopchaitkxq12b", 15) == 0);
	CHECK(control_find('u')->event == EVENT_UP);
	CHECK(control_find('t')->event == EVENT_TERM);
	CHECK(control_find('1')->event == EVENT_USR1);
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
	if (rmdir(SUPERVISE_DIR) == -1 || chdir("/") == -1 || rmdir(dir) == -1)
		return 1;
	return unit_exit();
}
