/*
 * From bytes to lines to receivers.  A line is given away when its
 * newline has come, or when 1000 bytes of it have: then the decision about it
 * is made, and the rest passes through as it comes.  What nothing looks at is
 * passed on as a whole, without looking for lines in it.
 */
#include "multilog/lines.h"

#include <string.h>

#include "multilog/select.h"

/* What one read can become: with a long prefix, each newline becomes much more
   than it was, and TERM must be answered soon. */
#define BECOME_MOST (2 << 20)

size_t
lines_room(struct lines *l)
{
	size_t most = lines_fit(l, BECOME_MOST);

	memmove(l->in, l->in + l->start, l->end - l->start);
	l->end -= l->start;
	l->start = 0;
	if (most > l->cap - l->end)
		most = l->cap - l->end;
	return most ? most : 1;
}

size_t
lines_become(struct lines const *l, size_t n)
{
	size_t partial = l->end - l->start;

	/* Each byte may be a newline; and one may have to be supplied. */
	return partial + n + 1 + (n + 1) * l->head;
}

size_t
lines_fit(struct lines const *l, size_t room)
{
	size_t least = lines_become(l, 0);

	return room < least ? 0 : (room - least) / (1 + l->head);
}

/* Stamps increase, unless the clock was set back for good. */
static void
renew_stamp(struct lines *l)
{
	struct stamp_text *t = &l->stamp;

	l->late = false;
	if (t->letter &&
	    (tain_less(&t->at, &l->now) || l->now.sec.x + 1 < t->at.sec.x))
		stamp_set(t, t->letter, l->now);
}

void
lines_add(struct lines *l, size_t n, tain now)
{
	/* A line's stamp is the time of its first byte. */
	l->late = l->start < l->end;
	l->now = now;
	l->end += n;
	if (!l->late)
		renew_stamp(l);
}

bool
lines_partial(struct lines const *l)
{
	return l->inside || l->start < l->end;
}

/* Decides what each step does with the line that begins here.  True if
   something of it went to standard error. */
static bool
decide(struct lines *l, char const *line, size_t len)
{
	bool selected = true;
	bool alerted = false;

	if (len > SELECT_EXAMINED)
		len = SELECT_EXAMINED;
	for (size_t i = 0; i < l->script.steps; i++) {
		struct script_step *s = l->script.step + i;

		s->took = selected;
		if (s->op == SCRIPT_DESELECT || s->op == SCRIPT_SELECT) {
			if (selected == (s->op == SCRIPT_DESELECT) &&
			    select_match(s->text, line, len))
				selected = !selected;
		} else if (selected && s->op == SCRIPT_STDERR) {
			sink_alert(l->alerts, line, len);
			alerted = true;
		} else if (selected && s->op == SCRIPT_STATUS) {
			sink_file_set(s->file, line, len);
		}
	}
	return alerted;
}

/* False if nobody wanted it. */
static bool
spool_all(struct lines *l, char const *p, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < l->script.steps; i++) {
		struct script_step *s = l->script.step + i;

		if (!s->took || !s->spool)
			continue;
		spool_add(s->spool, p, n);
		any = true;
	}
	return any;
}

/* The next bytes that can be given: a line, or a piece of one, or all lines if
   nothing is looked at or put before them.  0: none. */
static size_t
next_piece(struct lines *l)
{
	char *p = l->in + l->start;
	size_t n = l->end - l->start;
	bool each = l->text || l->script.examines;
	char *newline = !n     ? NULL
			: each ? memchr(p, '\n', n)
			       : memrchr(p, '\n', n);

	if (newline)
		return (size_t)(newline - p) + 1;
	if (l->ended && (n || l->inside)) {
		l->in[l->end++] = '\n';
		return n + 1;
	}
	if (n && (l->inside || n + l->head >= SELECT_EXAMINED))
		return n;
	return 0;
}

/* What is put before a line that begins now. */
static size_t
put_head(struct lines *l, char *to)
{
	struct stamp_text *t = &l->stamp;
	size_t len = t->len;

	if (len) {
		memcpy(to, t->text, sizeof t->text);
		stamp_next(t);
	}
	if (l->late)
		renew_stamp(l);
	if (l->script.prefix_len)
		memcpy(to + len, l->script.prefix, l->script.prefix_len);
	return len + l->script.prefix_len;
}

bool
lines_give(struct lines *l)
{
	char *const first = l->text ? l->text : l->in + l->start;
	size_t const start = l->start;
	char *to = first;
	size_t n;

	while ((n = next_piece(l))) {
		char *line = to;
		bool wanted = !l->script.examines;
		size_t len;

		if (l->text) {
			if ((size_t)(to - first) + n + l->head + STAMP_MAX >
			    l->text_cap)
				break;
			if (!l->inside)
				to += put_head(l, to);
			memcpy(to, l->in + l->start, n);
		}
		to += n;
		len = (size_t)(to - line);
		l->start += n;
		if (l->script.examines && !l->inside)
			wanted = decide(l, line, len - (to[-1] == '\n'));
		l->inside = to[-1] != '\n';
		if (l->script.examines && spool_all(l, line, len))
			wanted = true;
		/* Reuse the room of a line that nobody took.  One that went
		   to standard error keeps it: the room for alerts is measured
		   by the length of the text. */
		if (!wanted && l->text)
			to = line;
	}
	if (!l->script.examines && to > first)
		spool_all(l, first, (size_t)(to - first));
	l->more = n;
	return l->start > start;
}
