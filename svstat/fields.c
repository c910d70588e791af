/*
 * One table of fields: the name, the kind and the fact.  A value is text, or
 * null if it is unknown; its kind says how it is written.
 *
 * The last names are s6-svstat's for facts that have another name here.
 */
#include "svstat/fields.h"

#include <errno.h>
#include <string.h>

#include <skalibs/sig.h>
#include <skalibs/types.h>
#include <skalibs/uint64.h>

#include "supervise/message.h"

enum kind {
	KIND_BOOL,   /* true, false */
	KIND_NUMBER, /* or a word in its place */
	KIND_WORD,
	KIND_TEXT,  /* with blanks, or empty */
	KIND_TIME,  /* Unix seconds, with nanoseconds */
	KIND_STAMP, /* TAI64N */
	KIND_AGE    /* seconds */
};

/* What -o prints if the value is unknown. */
static char const *const unknown[] = {
    [KIND_BOOL] = "NA",
    [KIND_NUMBER] = "-1",
    [KIND_WORD] = "NA",
    [KIND_TEXT] = "",
    [KIND_TIME] = "-1",
    [KIND_STAMP] = "NA",
    [KIND_AGE] = "-1",
};

enum fact {
	FACT_NAME,
	FACT_STATE,
	FACT_UP,
	FACT_WANTED_UP,
	FACT_NORMALLY_UP,
	FACT_READY,
	FACT_PAUSED,
	FACT_PID,
	FACT_PGID,
	FACT_WANT,
	FACT_SINCE,
	FACT_READY_SINCE,
	FACT_EXIT_SIGNAL,
	FACT_SIGNAL,
	FACT_ERROR,
	FACT_REPORTED /* a line of the report, under another name perhaps */
};

/* clang-format off */
static struct field {
	char const *name;
	enum kind kind;
	enum fact fact;
	char const *reported;
} const table[] = {
    {"name",        KIND_TEXT,   FACT_NAME,        NULL},
    {"state",       KIND_WORD,   FACT_STATE,       NULL},
    {"up",          KIND_BOOL,   FACT_UP,          NULL},
    {"wantedup",    KIND_BOOL,   FACT_WANTED_UP,   NULL},
    {"normallyup",  KIND_BOOL,   FACT_NORMALLY_UP, NULL},
    {"ready",       KIND_BOOL,   FACT_READY,       NULL},
    {"paused",      KIND_BOOL,   FACT_PAUSED,      NULL},
    {"pid",         KIND_NUMBER, FACT_PID,         NULL},
    {"pgid",        KIND_NUMBER, FACT_PGID,        NULL},
    {"want",        KIND_WORD,   FACT_WANT,        NULL},
    {"since",       KIND_TIME,   FACT_SINCE,       NULL},
    {"ready_since", KIND_TIME,   FACT_READY_SINCE, NULL},
    {"updownfor",   KIND_AGE,    FACT_SINCE,       NULL},
    {"readyfor",    KIND_AGE,    FACT_READY_SINCE, NULL},
    {"attempts",    KIND_NUMBER, FACT_REPORTED,    "attempts"},
    {"starts",      KIND_NUMBER, FACT_REPORTED,    "starts"},
    {"deaths",      KIND_NUMBER, FACT_REPORTED,    "deaths"},
    {"exit_code",   KIND_NUMBER, FACT_REPORTED,    "exit_code"},
    {"exit_signal", KIND_NUMBER, FACT_EXIT_SIGNAL, NULL},
    {"signal",      KIND_WORD,   FACT_SIGNAL,      NULL},
    {"ran_ms",      KIND_NUMBER, FACT_REPORTED,    "ran_ms"},
    {"leftovers",   KIND_NUMBER, FACT_REPORTED,    "leftovers"},
    {"error",       KIND_TEXT,   FACT_ERROR,       NULL},
    {"status_text", KIND_TEXT,   FACT_REPORTED,    "status_text"},
    {"exitcode",    KIND_NUMBER, FACT_REPORTED,    "exit_code"},
    {"signum",      KIND_NUMBER, FACT_EXIT_SIGNAL, NULL},
    {"updownsince", KIND_STAMP,  FACT_SINCE,       NULL},
    {"readysince",  KIND_STAMP,  FACT_READY_SINCE, NULL},
};
/* clang-format on */
enum { FIELDS = sizeof table / sizeof *table, ALIASES = 4 };

struct look {
	struct view const *view;
	time_t now;
	char buf[REPORT_TEXT_MAX]; /* room for a value */
};

static char const *
truth(bool truth)
{
	return truth ? "true" : "false";
}

static char const *
number(struct look *l, uint64_t number)
{
	l->buf[uint64_fmt(l->buf, number)] = 0;
	return l->buf;
}

/* A value of the report, if there is a report and it is not empty. */
static char const *
reported(struct look *l, char const *name)
{
	struct report const *report = &l->view->report;

	if (l->view->stage != VIEW_COMPLETE || !report->state[0] ||
	    !report_value(l->buf, report, name) || !l->buf[0])
		return NULL;
	return l->buf;
}

static bool
is_ready(struct view const *v)
{
	return view_is_up(v) && v->report.ready_since.tv_sec;
}

static char const *
state(struct look *l)
{
	struct view const *v = l->view;
	char const *word = reported(l, "state");

	if (word)
		return word;
	if (v->stage == VIEW_NOT_RUNNING ||
	    (v->stage == VIEW_OPEN_OK && v->error == ENOENT))
		return "unsupervised";
	if (v->stage != VIEW_COMPLETE)
		return NULL;
	if (v->status.run == STATUS_FINISHING)
		return "finishing";
	return view_is_up(v) ? "running" : "down";
}

static char const *
exit_signal(struct look *l)
{
	char const *digits = reported(l, "exit_signal");

	return digits && strcmp(digits, "0") != 0 ? digits : NULL;
}

static char const *
signal_name(struct look *l)
{
	char const *digits = exit_signal(l);
	unsigned int n;
	char const *name;

	if (!digits || !uint0_scan(digits, &n))
		return digits;
	name = sig_name((int)n);
	if (name[0] != '?')
		message_join(
		    l->buf, sizeof l->buf, (char const *[]){"SIG", name, NULL});
	return l->buf;
}

static char const *
when(struct look *l, enum kind kind, enum fact fact)
{
	struct report const *r = &l->view->report;
	bool since = fact == FACT_SINCE;
	struct timespec const *time = since ? &r->since : &r->ready_since;

	if (l->view->stage != VIEW_COMPLETE || (!since && !is_ready(l->view)))
		return NULL;
	if (kind == KIND_AGE)
		return number(l, status_age(time, l->now));
	if (kind == KIND_STAMP)
		status_stamp(l->buf, time);
	else
		report_value(l->buf, r, since ? "since" : "ready_since");
	return l->buf;
}

static char const *
error(struct look *l)
{
	return view_trouble(l->buf, l->view) ? l->buf : reported(l, "error");
}

static char const *
value(struct look *l, struct field const *f)
{
	struct view const *v = l->view;
	bool complete = v->stage == VIEW_COMPLETE;
	bool up = view_is_up(v);
	char want = v->status.want;

	switch (f->fact) {
	case FACT_NAME:
		return v->name;
	case FACT_STATE:
		return state(l);
	case FACT_UP:
		return complete ? truth(up) : NULL;
	case FACT_WANTED_UP:
		return complete ? truth(want == 'u') : NULL;
	case FACT_NORMALLY_UP:
		/* svstat looks at this before it asks supervise/ok. */
		return v->stage > VIEW_STAT_DOWN ? truth(!v->down_file) : NULL;
	case FACT_READY:
		return complete ? truth(is_ready(v)) : NULL;
	case FACT_PAUSED:
		return complete ? truth(up && v->status.paused) : NULL;
	case FACT_PID:
		return up ? number(l, v->status.pid) : NULL;
	case FACT_PGID:
		return up && v->pgid > 0 ? number(l, (uint64_t)v->pgid) : NULL;
	case FACT_WANT:
		if (!complete)
			return NULL;
		return want == 'u' ? "up" : want == 'd' ? "down" : "once";
	case FACT_SINCE:
	case FACT_READY_SINCE:
		return when(l, f->kind, f->fact);
	case FACT_EXIT_SIGNAL:
		return exit_signal(l);
	case FACT_SIGNAL:
		return signal_name(l);
	case FACT_ERROR:
		return error(l);
	case FACT_REPORTED:
		return reported(l, f->reported);
	}
	return NULL;
}

/* The index of a name, or FIELDS. */
static size_t
find(char const *name, size_t len)
{
	size_t i = 0;

	while (i < FIELDS &&
	       (strncmp(table[i].name, name, len) != 0 || table[i].name[len]))
		i++;
	return i;
}

int
fields_parse(struct fields *fields, char const *list)
{
	for (fields->len = 0;; list++) {
		size_t len = strcspn(list, ",");
		size_t i = find(list, len);

		if (i == FIELDS || fields->len == FIELDS_MAX)
			return -1;
		fields->index[fields->len++] = (unsigned char)i;
		list += len;
		if (!*list)
			return 0;
	}
}

void
fields_columns(struct text *text, struct fields const *fields,
    struct view const *view, time_t now)
{
	struct look l = {.view = view, .now = now};

	for (size_t i = 0; i < fields->len; i++) {
		struct field const *f = &table[fields->index[i]];
		char const *v = value(&l, f);

		text_put(text, i ? " " : "");
		/* A program needs the name as it is. */
		if (f->fact == FACT_NAME)
			text_put(text, v);
		else
			text_plain(text, v ? v : unknown[f->kind]);
	}
	text_put(text, "\n");
}

void
fields_json(struct text *text, struct view const *view, time_t now)
{
	struct look l = {.view = view, .now = now};

	for (size_t i = 0; i < FIELDS - ALIASES; i++) {
		enum kind kind = table[i].kind;
		char const *v = value(&l, &table[i]);
		bool literal = kind == KIND_BOOL || kind == KIND_TIME ||
			       kind == KIND_AGE || kind == KIND_NUMBER;

		text_put(text, i ? ",\"" : "{\"");
		text_put(text, table[i].name);
		text_put(text, "\":");
		if (!v)
			text_put(text, "null");
		else if (literal && strcmp(v, "unknown") != 0)
			text_put(text, v);
		else
			text_json(text, v);
	}
	text_put(text, "}\n");
}

void
fields_put(
    struct text *text, char const *name, struct view const *view, time_t now)
{
	struct look l = {.view = view, .now = now};
	char const *v = value(&l, &table[find(name, strlen(name))]);

	text_plain(text, v ? v : "");
}
