/*
 * What multilog says: one line, one write, never waiting, since a logger must
 * not hang on its own complaints.
 */
#include "multilog/message.h"

#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "supervise/error.h"

struct line {
	size_t len;
	char text[4096];
};

static void
add(struct line *l, char const *s)
{
	size_t n = strlen(s);

	if (n > sizeof l->text - 1 - l->len)
		n = sizeof l->text - 1 - l->len;
	memcpy(l->text + l->len, s, n);
	l->len += n;
}

void
message_line(char const *kind, int error, char const *const *words)
{
	struct line l = {0};
	struct pollfd p = {.fd = 2, .events = POLLOUT};

	add(&l, "multilog: ");
	add(&l, kind);
	add(&l, ": ");
	while (*words)
		add(&l, *words++);
	if (error) {
		add(&l, ": ");
		add(&l, error_words(error));
	}
	l.text[l.len++] = '\n';
	if (poll(&p, 1, 0) == 1 && (p.revents & POLLOUT) &&
	    write(2, l.text, l.len) == -1)
		return; /* there is nobody left to tell */
}

static void
say(char const *kind, char const *then, struct message_trouble const *t)
{
	char const *words[] = {"unable to ", t->verb, " ", t->path,
	    t->name ? "/" : "", t->name ? t->name : "", then, NULL};

	message_line(kind, t->error, words);
}

void
message_die(struct message_trouble const *t)
{
	say("fatal", "", t);
}

void
message_once(struct message_trouble *told, struct message_trouble const *t)
{
	if (t->verb != told->verb || t->error != told->error)
		say("warning", ", pausing", t);
	*told = *t;
}
