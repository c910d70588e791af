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

static int
path_of(struct entry const *logger, char path[TABLE_PATH_MAX])
{
	return table_path(logger, CONTROL_LOGPIPE, path);
}

/* supervise/ has mode 0755 whatever our umask is, which is the services' and
 * therefore put back. */
static int
make_directory(struct entry const *logger)
{
	char path[TABLE_PATH_MAX];
	mode_t mask = umask(022);
	int result;

	snprintf(path, sizeof path, "%s%s", logger->name,
	    logger->kind == KIND_LOGGER ? "/log" : "");
	result = setup_directory(path);
	umask(mask);
	return result;
}

static int
open_named(struct entry *logger)
{
	char path[TABLE_PATH_MAX];
	int at = path_of(logger, path), fd;

	/* By name, as a path is needed; elsewhere it does no harm. */
	if (logger->wanted && make_directory(logger) == -1)
		return -1;
	if (mkfifoat(at, path, 0600) == -1 && errno != EEXIST)
		return -1;
	fd = files_open_fifo(at, path, O_RDWR);
	/* It is kept: the reserve is for what must not fail. */
	if (fd != -1 && files_reserve() == -1) {
		close(fd);
		files_reserve();
		errno = EMFILE;
		return -1;
	}
	logger->pipe.writer = fd;
	return fd == -1 ? -1 : 0;
}

/* Not if the directory was made again. */
static bool
is_current(struct entry const *logger)
{
	char path[TABLE_PATH_MAX];
	int at = path_of(logger, path);

	if (logger->pipe.error)
		return logger_unread(logger) > 0;
	return files_is(at, path, &logger->pipe.id);
}

/* The same pipe again, after logger_end_writing().  0; -1 errno. */
static int
begin_writing(struct entry *logger)
{
	struct logpipe *pipe = &logger->pipe;

	pipe->writer = logger_end(logger, O_RDWR | O_NONBLOCK);
	if (pipe->writer == -1)
		return -1;
	close(pipe->reader);
	pipe->reader = -1;
	return files_reserve();
}

int
logger_open(struct entry *logger)
{
	struct logpipe *pipe = &logger->pipe;
	int said = pipe->error, ends[2];

	/* A pipe that somebody still uses is kept, whatever its name is. */
	if (pipe->writer != -1 &&
	    (logger->kind == KIND_LOG_SERVICE || logger->pid ||
		logger->writers || is_current(logger)))
		return 0;
	if (pipe->writer == -1 && pipe->reader != -1)
		return logger->leaving ? 0 : begin_writing(logger);
	logger_close(logger);
	pipe->error = 0;
	if (open_named(logger) == 0) {
		pipe->id = files_identity(pipe->writer);
		return 0;
	}
	/* A shortage passes, and so does a directory's absence; a name once
	 * given up would be missed for good. */
	if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
	    errno == ENOENT)
		return -1;
	pipe->error = errno;
	if (pipe->error != said)
		message_warn(&(struct message){.verb = "make a named pipe for",
		    .name = logger->name,
		    .rest = table_log(logger),
		    .error = pipe->error});
	if (pipecoe(ends) == -1)
		return -1;
	pipe->reader = ends[0];
	pipe->writer = ends[1];
	return 0;
}

/* Where its name leads elsewhere now, or it has none. */
static int
open_again(int fd, int flags)
{
	char path[sizeof "/proc/self/fd/" + UINT_FMT];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return files_open(AT_FDCWD, path, flags);
}

int
logger_end(struct entry const *logger, int flags)
{
	struct logpipe const *pipe = &logger->pipe;
	bool writes = (flags & O_ACCMODE) == O_WRONLY;
	int held = pipe->writer == -1 || (pipe->error && !writes)
		       ? pipe->reader
		       : pipe->writer;
	char path[TABLE_PATH_MAX];
	struct identity id;
	int fd = -1;

	/* Who opens a FIFO that nobody writes to any more is not told by
	 * poll(2) of its end. */
	if (pipe->writer == -1 && flags == O_RDONLY)
		return fcntl(held, F_DUPFD_CLOEXEC, 3);
	if (!pipe->error) {
		fd = files_open_fifo(path_of(logger, path), path, flags);
		id = files_identity(fd);
		if (fd != -1 && !table_is_same(&id, &pipe->id)) {
			files_close(fd);
			fd = -1;
		}
	}
	if (fd == -1)
		fd = open_again(held, flags);
	if (fd == -1 && pipe->error)
		return fcntl(held, F_DUPFD_CLOEXEC, 3);
	if (fd == -1 || (flags & O_NONBLOCK) || ndelay_off(fd) == 0)
		return fd;
	files_close(fd);
	return -1;
}

void
logger_end_writing(struct entry *logger)
{
	struct logpipe *pipe = &logger->pipe;

	/* Where it cannot be had, those of the logger have to do. */
	if (pipe->reader == -1)
		pipe->reader = logger_end(logger, O_RDONLY);
	close(pipe->writer);
	pipe->writer = -1;
	files_reserve();
}

bool
logger_is_used(struct entry const *logger)
{
	struct pollfd x = {.fd = logger->pipe.reader, .events = POLLIN};

	return x.fd != -1 && (poll(&x, 1, 0) != 1 || (x.revents & POLLIN));
}

int
logger_unread(struct entry const *logger)
{
	struct logpipe const *pipe = &logger->pipe;
	int fd = pipe->reader == -1 ? pipe->writer : pipe->reader;
	int bytes = 0;

	if (fd == -1 || ioctl(fd, FIONREAD, &bytes) == -1)
		return 0;
	return bytes;
}

void
logger_close(struct entry *logger)
{
	struct logpipe *pipe = &logger->pipe;

	if (pipe->writer != -1)
		close(pipe->writer);
	if (pipe->reader != -1)
		close(pipe->reader);
	pipe->writer = pipe->reader = -1;
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
