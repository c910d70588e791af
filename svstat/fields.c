/*
 * One table of fields: what each is called, how it is written, and what must be
 * so for it to be known.  Most values are those of the report under the same
 * name; prepare() makes that true where there is no report.
 */
#include "svstat/fields.h"

#include <errno.h>
#include <string.h>

#include <skalibs/sig.h>
#include <skalibs/uint64.h>

#include "supervise/message.h"

/* How a value is written.  The order matters to unknown() and fields_json(). */
enum kind {
	/* A text, with blanks or empty: */
	KIND_NAME,
	KIND_TEXT,
	/* A word: */
	KIND_WORD,
	KIND_SIGNAL, /* by its name */
	KIND_STAMP,  /* TAI64N */
	KIND_BOOL,
	/* A number, or "unknown" in its place: */
	KIND_NUMBER,
	KIND_PGID,
	KIND_AGE,      /* seconds */
	KIND_DURATION, /* the same for people */
	KIND_RESTARTS
};

/* What may be so of a service. */
enum fact {
	ALWAYS,
	LOOKED, /* for a file down */
	COMPLETE,
	REPORTED,
	UP,
	READY,
	KILLED, /* the last run, or perhaps so */
	PAUSED,
	WANTED_UP,
	NORMALLY_UP,
	FACTS
};

/* clang-format off */
static struct field {
	char const *name;
	enum kind kind;
	enum fact needs;      /* if this is not so, the value is unknown */
	enum fact truth;      /* of KIND_BOOL */
	char const *reported; /* in the report; null: under its own name */
} const table[] = {
    {"name",        KIND_NAME,     ALWAYS,   0,           NULL},
    {"state",       KIND_WORD,     ALWAYS,   0,           NULL},
    {"up",          KIND_BOOL,     COMPLETE, UP,          NULL},
    {"wantedup",    KIND_BOOL,     COMPLETE, WANTED_UP,   NULL},
    {"normallyup",  KIND_BOOL,     LOOKED,   NORMALLY_UP, NULL},
    {"ready",       KIND_BOOL,     COMPLETE, READY,       NULL},
    {"paused",      KIND_BOOL,     COMPLETE, PAUSED,      NULL},
    {"pid",         KIND_NUMBER,   UP,       0,           NULL},
    {"pgid",        KIND_PGID,     UP,       0,           NULL},
    {"want",        KIND_WORD,     COMPLETE, 0,           NULL},
    {"since",       KIND_NUMBER,   COMPLETE, 0,           NULL},
    {"ready_since", KIND_NUMBER,   READY,    0,           NULL},
    {"updownfor",   KIND_AGE,      COMPLETE, 0,           "since"},
    {"readyfor",    KIND_AGE,      READY,    0,           "ready_since"},
    {"attempts",    KIND_NUMBER,   REPORTED, 0,           NULL},
    {"starts",      KIND_NUMBER,   REPORTED, 0,           NULL},
    {"deaths",      KIND_NUMBER,   REPORTED, 0,           NULL},
    {"exit_code",   KIND_NUMBER,   REPORTED, 0,           NULL},
    {"exit_signal", KIND_NUMBER,   KILLED,   0,           NULL},
    {"signal",      KIND_SIGNAL,   KILLED,   0,           "exit_signal"},
    {"ran_ms",      KIND_NUMBER,   REPORTED, 0,           NULL},
    {"leftovers",   KIND_NUMBER,   REPORTED, 0,           NULL},
    {"error",       KIND_TEXT,     ALWAYS,   0,           NULL},
    {"status_text", KIND_TEXT,     REPORTED, 0,           NULL},
    /* s6-svstat's names for facts that have another name here */
    {"exitcode",    KIND_NUMBER,   REPORTED, 0,           "exit_code"},
    {"signum",      KIND_NUMBER,   KILLED,   0,           "exit_signal"},
    {"updownsince", KIND_STAMP,    COMPLETE, 0,           "since"},
    {"readysince",  KIND_STAMP,    READY,    0,           "ready_since"},
    /* The columns of -l.  The widest ones, which are mostly empty, come last:
       on a narrow terminal the others stay aligned. */
    {"NAME",        KIND_NAME,     ALWAYS,   0,           NULL},
    {"STATE",       KIND_WORD,     ALWAYS,   0,           "state"},
    {"PID",         KIND_NUMBER,   UP,       0,           "pid"},
    {"FOR",         KIND_DURATION, COMPLETE, 0,           "since"},
    {"RESTARTS",    KIND_RESTARTS, REPORTED, 0,           NULL},
    {"LAST END",    KIND_TEXT,     REPORTED, 0,           "end"},
    {"ERROR",       KIND_TEXT,     ALWAYS,   0,           "error"},
};
/* clang-format on */
enum { ALIASES = 4, FIELDS = sizeof table / sizeof *table - FIELDS_COLUMNS };

struct look {
	char const *name;
	pid_t pgid;
	time_t now;
	bool is[FACTS];
	struct report report;
	char buf[REPORT_TEXT_MAX]; /* room for a value */
};

static void
set(char *word, char const *to)
{
	message_join(word, REPORT_WORD_MAX, to);
}

/* Fill in what there is no report of; nothing that a dead supervise has left
 * is told. */
static struct look
prepare(struct view const *v, time_t now)
{
	struct look l = {v->name, v->pgid, now, .report = v->report};
	struct report *r = &l.report;
	bool complete = v->stage == VIEW_COMPLETE, up = view_is_up(v);
	bool reported = complete && r->state[0];
	char want = v->status.want;

	if (!complete) {
		*r = (struct report){0};
		view_trouble(r->error, v);
		if (v->stage == VIEW_NOT_RUNNING ||
		    (v->stage == VIEW_OPEN_OK && v->error == ENOENT))
			set(r->state, "unsupervised");
	} else if (!reported) {
		set(r->state, v->status.run == STATUS_FINISHING ? "finishing"
			      : up				? "running"
								: "down");
	}
	r->pid = v->status.pid;
	set(r->want, want == 'u' ? "up" : want == 'd' ? "down" : "once");
	l.is[ALWAYS] = true;
	l.is[LOOKED] = v->stage > VIEW_STAT_DOWN;
	l.is[COMPLETE] = complete;
	l.is[REPORTED] = reported;
	l.is[UP] = up;
	l.is[READY] = up && r->ready_since.tv_sec;
	l.is[KILLED] = r->end == END_KILLED || r->end == END_UNKNOWN;
	l.is[PAUSED] = up && v->status.paused;
	l.is[WANTED_UP] = want == 'u';
	l.is[NORMALLY_UP] = !v->down_file;
	return l;
}

static char const *
number(char *to, uint64_t number)
{
	to[uint64_fmt(to, number)] = 0;
	return to;
}

/* "3d 4h", of the two largest units. */
static char const *
duration(char *to, uint64_t seconds)
{
	static char const units[] = "dhms";
	static uint64_t const sizes[] = {86400, 3600, 60, 1};
	size_t i = 0, n;

	while (sizes[i] > 1 && seconds < sizes[i])
		i++;
	n = uint64_fmt(to, seconds / sizes[i]);
	to[n++] = units[i];
	if (sizes[i] > 1) {
		to[n++] = ' ';
		n += uint64_fmt(to + n, seconds % sizes[i] / sizes[i + 1]);
		to[n++] = units[i + 1];
	}
	to[n] = 0;
	return to;
}

/* Null if it is unknown. */
static char const *
value(struct look *l, struct field const *f)
{
	struct report const *r = &l->report;
	char const *reported = f->reported ? f->reported : f->name;
	struct timespec const *time =
	    strcmp(reported, "since") == 0 ? &r->since : &r->ready_since;
	char const *name;

	if (!l->is[f->needs])
		return NULL;
	switch (f->kind) {
	case KIND_NAME:
		return l->name;
	case KIND_BOOL:
		return l->is[f->truth] ? "true" : "false";
	case KIND_PGID:
		return l->pgid > 0 ? number(l->buf, (uint64_t)l->pgid) : NULL;
	case KIND_AGE:
		return number(l->buf, status_age(time, l->now));
	case KIND_DURATION:
		return duration(l->buf, status_age(time, l->now));
	case KIND_RESTARTS:
		return number(l->buf, r->starts ? r->starts - 1 : 0);
	case KIND_STAMP:
		status_stamp(l->buf, time);
		return l->buf;
	case KIND_SIGNAL:
		name = sig_name((int)r->end_code);
		if (r->end != END_KILLED || name[0] == '?')
			break;
		message_join(l->buf, sizeof l->buf, "SIG", name);
		return l->buf;
	case KIND_TEXT:
	case KIND_WORD:
	case KIND_NUMBER:
		break;
	}
	report_value(l->buf, r, reported);
	return l->buf[0] ? l->buf : NULL;
}

/* What -o prints if the value is unknown. */
static char const *
unknown(enum kind kind)
{
	return kind <= KIND_TEXT ? "" : kind <= KIND_BOOL ? "NA" : "-1";
}

int
fields_parse(struct fields *fields, char const *list)
{
	for (fields->len = 0;; list++) {
		size_t len = strcspn(list, ",");
		unsigned char i = 0;

		while (i < FIELDS && (strncmp(table[i].name, list, len) != 0 ||
					 table[i].name[len]))
			i++;
		if (i == FIELDS || fields->len == FIELDS_MAX)
			return -1;
		fields->index[fields->len++] = i;
		list += len;
		if (!*list)
			return 0;
	}
}

void
fields_columns(struct text *text, struct fields const *fields,
    struct view const *view, time_t now)
{
	struct look l = prepare(view, now);

	for (size_t i = 0; i < fields->len; i++) {
		struct field const *f = &table[fields->index[i]];
		char const *v = value(&l, f);

		text_put(text, i ? " " : "");
		/* A program needs the name as it is. */
		if (f->kind == KIND_NAME)
			text_put(text, v);
		else
			text_plain(text, v ? v : unknown(f->kind));
	}
	text_put(text, "\n");
}

void
fields_json(struct text *text, struct view const *view, time_t now)
{
	struct look l = prepare(view, now);

	for (size_t i = 0; i < FIELDS - ALIASES; i++) {
		char const *v = value(&l, &table[i]);

		text_put(text, i ? ",\"" : "{\"");
		text_put(text, table[i].name);
		text_put(text, "\":");
		if (!v)
			text_put(text, "null");
		else if (table[i].kind >= KIND_BOOL &&
			 strcmp(v, "unknown") != 0)
			text_put(text, v);
		else
			text_json(text, v);
	}
	text_put(text, "}\n");
}

void
fields_row(struct listing *listing, struct view const *view, time_t now)
{
	struct text *cells = &listing->cells;
	struct look l;

	if (view)
		l = prepare(view, now);
	for (size_t i = 0; i < FIELDS_COLUMNS; i++) {
		struct field const *f = &table[FIELDS + i];
		size_t start = cells->bytes.len;
		char const *v = view ? value(&l, f) : f->name;

		text_plain(cells, v && *v ? v : *unknown(f->kind) ? "-" : "");
		if (cells->bytes.len - start > listing->widths[i])
			listing->widths[i] = cells->bytes.len - start;
		if (!stralloc_0(&cells->bytes))
			cells->failed = true;
	}
}

void
fields_table(struct text *text, struct listing const *listing)
{
	char const *cell = listing->cells.bytes.s;
	char const *last = cell + listing->cells.bytes.len;

	while (cell < last && !listing->cells.failed) {
		size_t blanks = 0;

		for (size_t i = 0; i < FIELDS_COLUMNS; i++) {
			size_t len = strlen(cell);

			/* Only if another cell follows. */
			for (; len && blanks; blanks--)
				text_put(text, " ");
			text_put(text, cell);
			blanks += listing->widths[i] + 2 - len;
			cell += len + 1;
		}
		text_put(text, "\n");
	}
}
