/*
 * The alphabet of supervise/control as one table, and the client's side of the
 * two FIFOs.  supervise holds both open for reading, so a FIFO that can be
 * opened for writing without waiting is a supervise that lives.
 */
#include "supervise/control.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <skalibs/allreadwrite.h>

/* clang-format off */
struct control const control_alphabet[] = {
    {'u', {EVENT_UP, 0}, "up: start it, restart it when it ends"},
    {'d', {EVENT_DOWN, 0}, "down: TERM and CONT, do not restart it"},
    {'o', {EVENT_ONCE, 0}, "once: start it, do not restart it"},
    {'p', {EVENT_SIGNAL, SIGSTOP}, "pause: STOP"},
    {'c', {EVENT_SIGNAL, SIGCONT}, "continue: CONT"},
    {'h', {EVENT_SIGNAL, SIGHUP}, "HUP"},
    {'a', {EVENT_SIGNAL, SIGALRM}, "ALRM"},
    {'i', {EVENT_SIGNAL, SIGINT}, "INT"},
    {'t', {EVENT_SIGNAL, SIGTERM}, "TERM"},
    {'k', {EVENT_SIGNAL, SIGKILL}, "KILL"},
    {'x', {EVENT_EXIT, 0}, "exit: supervise leaves when it is down"},
    {'q', {EVENT_SIGNAL, SIGQUIT}, "QUIT"},
    {'1', {EVENT_SIGNAL, SIGUSR1}, "USR1"},
    {'2', {EVENT_SIGNAL, SIGUSR2}, "USR2"},
    {'b', {EVENT_SIGNAL, SIGABRT}, "ABRT"},
    {'r', {EVENT_RESTART, 0}, "restart: stop it, then start it"},
    {0, {EVENT_NONE, 0}, NULL},
};
/* clang-format on */

struct control const *
control_find(char letter)
{
	for (struct control const *c = control_alphabet; c->letter; c++)
		if (c->letter == letter)
			return c;
	return NULL;
}

/* A directory that can be entered need not be readable. */
#ifndef O_PATH
#define O_PATH O_RDONLY
#endif

int
control_directory(void)
{
	return open2(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int
control_enter(char const *service)
{
	char const *svdir = getenv("SVDIR");

	if (chdir(service) == 0)
		return 0;
	/* A file of that name here is no service: the program, perhaps. */
	if ((errno != ENOENT && errno != ENOTDIR) || !*service ||
	    strchr(service, '/') || !svdir || !*svdir)
		return -1;
	return chdir(svdir) == -1 ? -1 : chdir(service);
}

/* A plain file in the place of a FIFO opens just as well, and says nothing. */
static int
open_fifo(char const *path)
{
	struct stat st;
	int fd = openc_write(path);

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1 || !S_ISFIFO(st.st_mode)) {
		fd_close(fd);
		errno = EPROTO;
		return -1;
	}
	return fd;
}

int
control_lifeline(void)
{
	return open_fifo(CONTROL_OK);
}

int
control_alive(void)
{
	int fd = control_lifeline();

	if (fd == -1)
		return errno == ENXIO ? 0 : -1;
	fd_close(fd);
	return 1;
}

int
control_open(void)
{
	return open_fifo(CONTROL_FIFO);
}

int
control_send(int fd, char const *letters, size_t n)
{
	/* At most PIPE_BUF bytes go in whole or not at all: pipe(7). */
	return fd_write(fd, letters, n) == -1 ? -1 : 0;
}
