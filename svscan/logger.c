/*
 * svscan's own descriptor of a FIFO is open for reading and writing: an open
 * that never waits, and one descriptor that keeps the service from SIGPIPE and
 * the logger from the end of file.  The service gets one that can only be
 * written to, as a program may take output that it can read for a connection
 * that has been closed; the service's supervise therefore holds a reader, too.
 *
 * The service may own the directory, and may have put anything in that place:
 * nothing but a FIFO is taken, links are not followed, and no open waits.
 */
#include "svscan/logger.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/types.h>

#include "supervise/control.h"
#include "supervise/message.h"
#include "supervise/setup.h"
#include "svscan/files.h"

/* By name, as a path is needed to make supervise/; that has mode 0755 whatever
 * our umask is, which is the services' and therefore put back.  -1 errno. */
static int
open_named(struct entry const *logger)
{
	char path[TABLE_PATH_MAX];
	int result = 0, at;
	mode_t mask;

	if (logger->wanted) {
		snprintf(path, sizeof path, "%s%s", logger->name,
		    logger->kind == KIND_LOGGER ? "/log" : "");
		mask = umask(022);
		result = setup_directory(path);
		umask(mask);
	}
	at = table_path(logger, CONTROL_LOGPIPE, path);
	if (result == -1 || (mkfifoat(at, path, 0600) == -1 && errno != EEXIST))
		return -1;
	return files_open_fifo(at, path, O_RDWR);
}

/* Not if the directory was made again. */
static bool
is_current(struct entry const *logger)
{
	char path[TABLE_PATH_MAX];
	int at = table_path(logger, CONTROL_LOGPIPE, path);

	if (logger->pipe.error)
		return logger_unread(logger) > 0;
	return files_is(at, path, &logger->pipe.id);
}

static int
open_again(int fd, int flags)
{
	char path[sizeof "/proc/self/fd/" + UINT_FMT];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return files_open(AT_FDCWD, path, flags);
}

/* To be had as if it were a FIFO. */
static int
open_nameless(void)
{
	int ends[2], fd;

	if (pipecoe(ends) == -1)
		return -1;
	fd = open_again(ends[0], O_RDWR);
	files_close(ends[0]);
	files_close(ends[1]);
	return fd;
}

/* Have that descriptor of the pipe instead. */
static void
change(struct logpipe *pipe, int fd, bool ending)
{
	if (pipe->fd != -1)
		close(pipe->fd);
	pipe->fd = fd;
	pipe->ending = ending;
	files_reserve();
}

int
logger_open(struct entry *logger)
{
	struct logpipe *pipe = &logger->pipe;
	int said = pipe->error, fd;

	/* A pipe that somebody still uses is kept, whatever its name is. */
	if (pipe->fd != -1 &&
	    (pipe->ending || logger->kind == KIND_LOG_SERVICE ||
		table_runs(logger) || logger->writers || is_current(logger))) {
		if (!pipe->ending || logger->leaving)
			return 0;
		fd = logger_end(logger, O_RDWR | O_NONBLOCK);
		if (fd != -1)
			change(pipe, fd, false);
		return fd == -1 ? -1 : 0;
	}
	logger_close(logger);
	pipe->error = 0;
	fd = open_named(logger);
	/* A shortage passes, and so does a directory's absence; a name once
	 * given up would be missed for good. */
	if (fd == -1 && errno != EMFILE && errno != ENFILE && errno != ENOMEM &&
	    errno != ENOENT) {
		pipe->error = errno;
		if (pipe->error != said)
			message_warn(
			    &(struct message){.verb = "make a named pipe for",
				.name = logger->name,
				.rest = table_log(logger),
				.error = pipe->error});
		fd = open_nameless();
	}
	if (fd == -1)
		return -1;
	change(pipe, fd, false);
	/* It is kept: the reserve is for what must not fail. */
	if (files_reserve() == -1) {
		logger_close(logger);
		errno = EMFILE;
		return -1;
	}
	pipe->id = files_identity(fd);
	return 0;
}

int
logger_end(struct entry const *logger, int flags)
{
	struct logpipe const *pipe = &logger->pipe;
	struct identity id;
	int fd = -1;

	/* Who opens a FIFO that nobody writes to any more is not told by
	 * poll(2) of its end. */
	if (pipe->ending && flags == O_RDONLY)
		return fcntl(pipe->fd, F_DUPFD_CLOEXEC, 3);
	if (!pipe->error) {
		char path[TABLE_PATH_MAX];
		int at = table_path(logger, CONTROL_LOGPIPE, path);

		fd = files_open_fifo(at, path, flags);
		id = files_identity(fd);
		if (fd != -1 && !table_is_same(&id, &pipe->id)) {
			files_close(fd);
			fd = -1;
		}
	}
	/* Where its name leads elsewhere now, or it has none. */
	if (fd == -1)
		fd = open_again(pipe->fd, flags);
	if (fd == -1 || (flags & O_NONBLOCK) || ndelay_off(fd) == 0)
		return fd;
	files_close(fd);
	return -1;
}

void
logger_end_writing(struct entry *logger)
{
	/* If there is no other, those of the logger have to do. */
	change(&logger->pipe, logger_end(logger, O_RDONLY), true);
}

bool
logger_is_used(struct entry const *logger)
{
	struct pollfd x = {.fd = logger->pipe.fd, .events = POLLIN};

	return logger->pipe.ending && x.fd != -1 &&
	       (poll(&x, 1, 0) != 1 || (x.revents & POLLIN));
}

int
logger_unread(struct entry const *logger)
{
	int bytes = 0;

	if (ioctl(logger->pipe.fd, FIONREAD, &bytes) == -1)
		return 0;
	return bytes;
}

void
logger_close(struct entry *logger)
{
	change(&logger->pipe, -1, false);
}

int
logger_begin_own(struct log_service *own, struct entry *service)
{
	int fd;

	if (logger_open(service) == -1)
		return -1;
	/* The services' descriptors of the pipe block, ours must not. */
	fd = logger_end(service, O_WRONLY | O_NONBLOCK);
	if (fd == -1)
		return -1;
	own->service = service;
	own->output = fcntl(1, F_DUPFD_CLOEXEC, 3);
	own->errors = fcntl(2, F_DUPFD_CLOEXEC, 3);
	if (own->output == -1 || own->errors == -1 || dup2(fd, 1) == -1 ||
	    dup2(fd, 2) == -1)
		return -1;
	files_close(fd);
	/* Written back into the pipe, a message of the log service would go
	 * round for ever. */
	message_otherwise(own->errors);
	return 0;
}

void
logger_end_own(struct log_service const *own)
{
	/* dup2 to a descriptor that is open cannot fail for lack of any. */
	dup2(own->output, 1);
	dup2(own->errors, 2);
}
