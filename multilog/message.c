/*
 * What multilog says: one line, one write, never waiting, since a logger must
 * not hang on its own complaints.
 */
#include "multilog/message.h"

#include <poll.h>
#include <stddef.h>
#include <unistd.h>

#include "supervise/error.h"

static char *
add(char *to, char const *end, char const *s)
{
	while (*s && to < end)
		*to++ = *s++;
	return to;
}

void
message_line(char const *kind, int error, char const *const *words)
{
	char line[4096], *to = line;
	char const *const end = line + sizeof line - 1;
	struct pollfd p = {.fd = 2, .events = POLLOUT};

	to = add(to, end, "multilog: ");
	to = add(to, end, kind);
	to = add(to, end, ": ");
	while (*words)
		to = add(to, end, *words++);
	to = add(to, end, error ? ": " : "");
	to = add(to, end, error ? error_words(error) : "");
	*to++ = '\n';
	if (poll(&p, 1, 0) == 1 && (p.revents & POLLOUT) &&
	    write(2, line, (size_t)(to - line)) == -1)
		return; /* there is nobody left to tell */
}

static void
say(char const *kind, char const *then, struct message_trouble const *t)
{
	char const *words[] = {"unable to ", t->verb, " ", t->path,
	    t->name ? "/" : "", t->name ? t->name : "", then, NULL};

	message_line(kind, t->error, words);
}

int
message_die(struct message_trouble const *t)
{
	say("fatal", "", t);
	return -1;
}

void
message_once(struct message_trouble *told, struct message_trouble const *t)
{
	if (t->verb != told->verb || t->error != told->error)
		say("warning", ", pausing", t);
	*told = *t;
}
