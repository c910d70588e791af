/*
 * By its FIFO where a letter says more than a signal, and else by signals.
 */
#include "svscan/order.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

#include <skalibs/types.h>

#include "supervise/control.h"
#include "svscan/files.h"

static int
open_control(struct service const *s)
{
	char path[TABLE_PATH_MAX];
	int at = table_path(s, CONTROL_FIFO, path);

	return files_open_fifo(at, path, O_WRONLY);
}

bool
order_can_be_given(struct service const *s)
{
	int fd = open_control(s);

	if (fd != -1)
		files_close(fd);
	return fd != -1;
}

void
order_kill(struct service const *s)
{
	int fd;

	if (!s->pid)
		return;
	/* By letters, as there is no signal for it; and by a signal for one
	 * that has not come to listening yet, or waits for another's lock. */
	fd = open_control(s);
	if (fd != -1) {
		if (write(fd, CONTROL_KILL, sizeof CONTROL_KILL - 1) == -1)
			errno = 0;
		files_close(fd);
	}
	kill(s->pid, SIGTERM);
}

/* Kill all children of pid that /proc tells of.  The list is of any length. */
static void
kill_children(pid_t pid)
{
	char path[64], list[4096];
	pid_t child = 0;
	ssize_t len;
	int fd;

	snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)pid,
	    (long)pid);
	fd = files_open(AT_FDCWD, path, O_RDONLY);
	if (fd == -1)
		return;
	while ((len = read(fd, list, sizeof list)) > 0)
		for (ssize_t i = 0; i < len; i++) {
			if (list[i] >= '0' && list[i] <= '9') {
				child = child * 10 + (list[i] - '0');
				continue;
			}
			if (child > 1)
				kill(child, SIGKILL);
			child = 0;
		}
	files_close(fd);
}

void
order_kill_all(struct service const *s)
{
	if (!s->pid)
		return;
	/* It must not start another one between our look and its death; and
	 * what it leaves becomes ours, so that no pid is used again before we
	 * have waited for it. */
	kill(s->pid, SIGSTOP);
	kill_children(s->pid);
	kill(s->pid, SIGKILL);
}

bool
order_take_final(struct service const *s, int *code)
{
	char path[TABLE_PATH_MAX], text[UINT_FMT + 1];
	int at = table_path(s, CONTROL_FINAL, path);
	int fd = files_open(at, path, O_RDONLY);
	unsigned int number;
	size_t digits;
	ssize_t len;

	if (fd == -1)
		return false;
	len = read(fd, text, sizeof text - 1);
	files_close(fd);
	if (len <= 0)
		return false;
	/* So that it counts once. */
	unlinkat(at, path, 0);
	text[len] = 0;
	digits = uint_scan(text, &number);
	if (!digits || text[digits] != '\n' || number > 255)
		return false;
	*code = (int)number;
	return true;
}
