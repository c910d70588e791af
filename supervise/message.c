/*
 * Standard error may be a pipe that nobody reads.  A service matters more than
 * a message, so only a fatal message waits until it can be written.
 *
 * A line is written with one call, so that lines of several programs do not get
 * mixed up in a pipe that they share.
 */
#include "supervise/message.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>
#include <skalibs/uint32.h>

#include "supervise/error.h"

#define FATAL	": fatal: "
#define WARNING ": warning: "

/* Of a script: the kernel looks no further for an interpreter, execve(2). */
#define FIRST_LINE 256

size_t
message_pieces(char *to, size_t size, char const *const *pieces)
{
	size_t len = 0;

	for (; *pieces; pieces++) {
		size_t n = strlen(*pieces), left = size - 1 - len;

		n = n < left ? n : left;
		memcpy(to + len, *pieces, n);
		len += n;
	}
	to[len] = 0;
	return len;
}

size_t
message_show(char *to, size_t size, char const *name)
{
	size_t n = 0;

	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;
		bool plain = c >= ' ' && c < 0x7f && c != '\\';

		if (n + (plain ? 1 : 4) >= size)
			break;
		to[n++] = plain ? *name : '\\';
		if (!plain) {
			to[n++] = 'x';
			n += uint320_xfmt(to + n, c, 2);
		}
	}
	to[n] = 0;
	return n;
}

static char const *
cause_in_script(char *text)
{
	char *interpreter;

	if (text[0] != '#' || text[1] != '!')
		return "neither a program nor a script with #!";
	text[strcspn(text, "\n")] = 0;
	if (strchr(text, '\r'))
		return "text file with CRLF";
	interpreter = text + 2 + strspn(text + 2, " \t");
	interpreter[strcspn(interpreter, " \t")] = 0;
	if (!*interpreter)
		return "no interpreter after #!";
	if (access(interpreter, F_OK) == -1)
		return "interpreter missing";
	if (access(interpreter, X_OK) == -1)
		return "interpreter not executable";
	return "";
}

char const *
message_cause(char const *program, int exec_error)
{
	char text[FIRST_LINE + 1];
	struct stat st;
	ssize_t n;

	if (lstat(program, &st) == -1)
		return errno == ENOENT ? "no such file" : "";
	if (stat(program, &st) == -1)
		return errno == ENOENT ? "dangling link" : "";
	if (S_ISDIR(st.st_mode))
		return "a directory";
	if (!(st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		return "not executable";
	if (exec_error == ETXTBSY)
		return "open for writing";
	n = openreadnclose_nb(program, text, FIRST_LINE);
	if (n <= 0)
		return n == 0 ? "empty file" : "";
	text[n] = 0;
	if (memcmp(text, "\177ELF", n < 4 ? (size_t)n : 4) == 0)
		return exec_error == ENOENT ? "dynamic loader missing" : "";
	return cause_in_script(text);
}

static bool
takes(int fd)
{
	struct pollfd x = {.fd = fd, .events = POLLOUT};

	return poll(&x, 1, 0) == 1 && x.revents == POLLOUT;
}

int
message_otherwise(int fd)
{
	static int instead = -1;

	if (fd != -1)
		instead = fd;
	return instead;
}

/* "PROG: KIND: [unable to VERB ]NAME/REST[: WHY]", in one write. */
static void
say(char const *kind, struct message const *m, char const *text)
{
	char const *verb = m->verb, *name = m->name, *rest = m->rest;
	char const *why = m->error ? error_words(m->error) : text;
	bool may_wait = strcmp(kind, FATAL) == 0;
	bool has_rest = rest && *rest;
	char shown[4 * NAME_MAX + 1], line[sizeof shown + 512];
	int error = errno;
	int fd = may_wait || takes(2) ? 2 : message_otherwise(-1);
	size_t len;

	message_show(shown, sizeof shown, name ? name : "");
	len = message_join(line, sizeof line, PROG, kind,
	    verb ? "unable to " : "", verb ? verb : "",
	    verb && (name || has_rest) ? " " : "", shown,
	    name && has_rest ? "/" : "", has_rest ? rest : "", why ? ": " : "",
	    why ? why : "");
	line[len++] = '\n';
	if (fd == 2 || takes(fd))
		allwrite(fd, line, len);
	errno = error;
}

void
message_fatal(struct message const *message)
{
	say(FATAL, message, NULL);
}

void
message_warn(struct message const *message)
{
	say(WARNING, message, NULL);
}

void
message_warn_once(int *last, struct message const *message)
{
	if (message->error && message->error != *last)
		message_warn(message);
	*last = message->error;
}

void
message_say(char const *name, char const *rest, char const *text)
{
	say(WARNING, &(struct message){NULL, name, rest, 0}, text);
}
