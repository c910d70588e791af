/*
 * supervise has both of its FIFOs open for reading, so if one can be opened for
 * writing without waiting, supervise is running.
 */
#include "supervise/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <skalibs/djbunix.h>

#include "supervise/linux.h"

int
client_begin(struct client *client)
{
	/* A directory that can be entered need not be readable. */
	do
		client->home = open2(".", O_PATH | O_DIRECTORY);
	while (client->home != -1 && client->home < 3);
	client->away = false;
	return client->home == -1 ? -1 : 0;
}

int
client_return(struct client *client)
{
	if (client->away && fchdir(client->home) == -1)
		return -1;
	client->away = false;
	return 0;
}

int
client_enter(struct client *client, char const *service)
{
	char const *svdir = getenv("SVDIR");

	if (service[0] != '/' && client_return(client) == -1)
		return -1;
	client->away = true;
	if (chdir(service) == 0)
		return 0;
	/* A file of that name, perhaps the program, is not a service. */
	if ((errno != ENOENT && errno != ENOTDIR) || !*service ||
	    strchr(service, '/') || !svdir || !*svdir)
		return -1;
	return chdir(svdir) == -1 ? -1 : chdir(service);
}

int
client_open_ok(void)
{
	return open2(CONTROL_OK, O_WRONLY | O_NONBLOCK);
}

int
client_ask_ok(int fd)
{
	struct pollfd x = {.fd = fd, .events = POLLIN};

	if (poll(&x, 1, 0) == -1)
		return -1;
	/* A plain file can always be read, the writing end of a FIFO never. */
	if (!(x.revents & POLLIN))
		return !x.revents;
	errno = EPROTO;
	return -1;
}

int
client_open_control(void)
{
	struct stat st;
	int fd = open2(CONTROL_FIFO, O_WRONLY | O_NONBLOCK);

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
client_send(int fd, char const *letters, size_t n)
{
	/* At most PIPE_BUF bytes go in whole or not at all: pipe(7). */
	return fd_write(fd, letters, n) == -1 ? -1 : 0;
}

int
client_read(struct status *status, struct report *report, int tries)
{
	int result = 1;

	for (; tries > 0 && result == 1; tries--) {
		if (status_read(status) == -1)
			return -1;
		if (report_read(report) == -1)
			result = 0;
		else if (report_belongs(report, status))
			return 0;
	}
	/* Without a report, a service that is up counts as ready. */
	*report = (struct report){.since = status->since};
	if (status->pid && status->run != STATUS_FINISHING)
		report->ready_since = status->since;
	return result;
}
