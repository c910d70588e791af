/*
 * Standard error may be a pipe that nobody empties; the services matter more
 * than the message.  A message is one line and one write, so that no two of
 * them are mixed up; a name in it may be anything that a directory entry may
 * be, and is shown so that it can neither break the line nor command a
 * terminal: what is not a graphic character of ASCII, and the backslash, is
 * written as \xNN.
 */
#include "svscan/warn.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#define LINE_MAX_LEN (4 * NAME_MAX + 512)

struct line {
	size_t len;
	char text[LINE_MAX_LEN];
};

static void
add(struct line *line, char const *text)
{
	size_t len = strlen(text), room = sizeof line->text - line->len;

	if (len > room)
		len = room;
	memcpy(line->text + line->len, text, len);
	line->len += len;
}

static void
add_name(struct line *line, char const *name)
{
	static char const digits[] = "0123456789abcdef";

	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;
		bool plain = c >= ' ' && c < 0x7f && c != '\\';
		char const one[] = {(char)c, 0};
		char const four[] = {
		    '\\', 'x', digits[c >> 4], digits[c & 15], 0};

		add(line, plain ? one : four);
	}
}

static bool
takes(int fd)
{
	struct pollfd x = {.fd = fd, .events = POLLOUT};

	return poll(&x, 1, 0) == 1 && x.revents == POLLOUT;
}

/* Where to write instead; a descriptor given is that from now on. */
static int
otherwise(int fd)
{
	static int instead = -1;

	if (fd != -1)
		instead = fd;
	return instead;
}

static void
say(struct line *line)
{
	int fd = takes(2) ? 2 : otherwise(-1);

	if (line->len == sizeof line->text)
		line->len--;
	add(line, "\n");
	if ((fd != 2 && !takes(fd)) || write(fd, line->text, line->len) == -1)
		errno = 0;
}

void
warn_unable(char const *verb, char const *name, char const *rest, int error)
{
	struct line line = {.len = 0};

	add(&line, PROG);
	add(&line, ": warning: unable to ");
	add(&line, verb);
	add_name(&line, name);
	add(&line, rest);
	if (error) {
		add(&line, ": ");
		add(&line, strerror(error));
	}
	say(&line);
}

void
warn_once(int *last, int error, char const *verb)
{
	if (error && error != *last)
		warn_unable(verb, "", "", error);
	*last = error;
}

void
warn_not(char const *text, char const *name, char const *rest)
{
	struct line line = {.len = 0};

	add(&line, PROG);
	add(&line, ": ");
	add(&line, text);
	add_name(&line, name);
	add(&line, rest);
	say(&line);
}

void
warn_otherwise_to(int fd)
{
	otherwise(fd);
}
