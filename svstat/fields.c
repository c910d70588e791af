/*
 * One table of fields: name, kind, and how the value is found.  A value is
 * text, or null if it is not known; the kind says how either is written.
 *
 * The names up to readyfor are those of s6-svstat, with its meanings; those
 * behind are supervise's own, from its report.
 */
#include "svstat/fields.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <skalibs/types.h>
#include <skalibs/uint64.h>

#include "supervise/message.h"
#include "svstat/json.h"
#include "svstat/signame.h"

enum kind {
	KIND_BOOL,   /* true, false */
	KIND_NUMBER, /* or a word in its place */
	KIND_WORD,
	KIND_TEXT /* with blanks, or empty */
};

enum { VALUE_MAX = REPORT_MAX };

struct look {
	struct view const *view;
	time_t now;
	char const *name; /* of the field */
	char *buf;	  /* room for a value of VALUE_MAX */
};

static bool
is_complete(struct look const *l)
{
	return l->view->stage == VIEW_COMPLETE;
}

static bool
has_report(struct look const *l)
{
	return is_complete(l) && l->view->report.state[0];
}

static char const *
truth(bool truth)
{
	return truth ? "true" : "false";
}

static char const *
number(struct look const *l, uint64_t number)
{
	l->buf[uint64_fmt(l->buf, number)] = 0;
	return l->buf;
}

/* What supervise says under a name, if anything, fit for a terminal. */
static char const *
said(struct look const *l, char const *name)
{
	if (!has_report(l) || !report_value(l->buf, &l->view->report, name) ||
	    !l->buf[0])
		return NULL;
	for (unsigned char *s = (unsigned char *)l->buf; *s; s++)
		if (*s < ' ' || *s == 0x7f)
			*s = '?';
	return l->buf;
}

static char const *
get_same(struct look const *l)
{
	return said(l, l->name);
}

static char const *
get_name(struct look const *l)
{
	return l->view->name;
}

static char const *
get_state(struct look const *l)
{
	char const *state = said(l, "state");

	if (state)
		return state;
	if (view_is_unsupervised(l->view))
		return "unsupervised";
	if (!is_complete(l))
		return NULL;
	if (l->view->status.run == STATUS_FINISHING)
		return "finishing";
	return view_is_up(l->view) ? "running" : "down";
}

static char const *
get_up(struct look const *l)
{
	return is_complete(l) ? truth(view_is_up(l->view)) : NULL;
}

static char const *
get_wantedup(struct look const *l)
{
	return is_complete(l) ? truth(l->view->status.want == 'u') : NULL;
}

static char const *
get_normallyup(struct look const *l)
{
	/* Seen before supervise/ok is asked. */
	if (l->view->stage == VIEW_CHDIR || l->view->stage == VIEW_STAT_DOWN)
		return NULL;
	return truth(!l->view->down_file);
}

static bool
is_ready(struct look const *l)
{
	if (!view_is_up(l->view))
		return false;
	/* Without a report: every service that is up is ready. */
	return !has_report(l) || l->view->report.ready_since.tv_sec;
}

static char const *
get_ready(struct look const *l)
{
	return is_complete(l) ? truth(is_ready(l)) : NULL;
}

static char const *
get_paused(struct look const *l)
{
	if (!is_complete(l))
		return NULL;
	return truth(view_is_up(l->view) && l->view->status.paused);
}

static char const *
get_pid(struct look const *l)
{
	return view_is_up(l->view) ? number(l, l->view->status.pid) : NULL;
}

static char const *
get_pgid(struct look const *l)
{
	pid_t pgid = view_is_up(l->view) ? l->view->pgid : -1;

	return pgid > 0 ? number(l, (uint64_t)pgid) : NULL;
}

static char const *
get_exitcode(struct look const *l)
{
	return view_is_up(l->view) ? NULL : said(l, "exit_code");
}

static char const *
get_signum(struct look const *l)
{
	char const *signum =
	    view_is_up(l->view) ? NULL : said(l, "exit_signal");

	return signum && strcmp(signum, "0") == 0 ? NULL : signum;
}

static char const *
get_signal(struct look const *l)
{
	char const *signum = get_signum(l);
	unsigned int n;

	if (!signum || !uint0_scan(signum, &n))
		return signum;
	return signame(n) ? signame(n) : signum;
}

static char const *
get_updownsince(struct look const *l)
{
	if (!is_complete(l))
		return NULL;
	status_stamp(l->buf, &l->view->status.since);
	return l->buf;
}

/* Since when it is ready; false if it is not. */
static bool
ready_since(struct timespec *since, struct look const *l)
{
	if (!is_ready(l))
		return false;
	*since =
	    has_report(l) ? l->view->report.ready_since : l->view->status.since;
	return true;
}

static char const *
get_readysince(struct look const *l)
{
	struct timespec since;

	if (!ready_since(&since, l))
		return NULL;
	status_stamp(l->buf, &since);
	return l->buf;
}

static char const *
get_updownfor(struct look const *l)
{
	if (!is_complete(l))
		return NULL;
	return number(l, status_age(&l->view->status, l->now));
}

static char const *
get_readyfor(struct look const *l)
{
	struct status ready = l->view->status;

	if (!ready_since(&ready.since, l))
		return NULL;
	return number(l, status_age(&ready, l->now));
}

static char const *
get_want(struct look const *l)
{
	char want = l->view->status.want;

	if (!is_complete(l))
		return NULL;
	return want == 'u' ? "up" : want == 'd' ? "down" : "once";
}

static char const *
get_error(struct look const *l)
{
	char const *trouble = view_trouble(l->view);

	if (!trouble || l->view->stage == VIEW_NOT_RUNNING)
		return trouble ? trouble : said(l, "error");
	snprintf(l->buf, VALUE_MAX, "%s: %s", trouble,
	    message_words(l->view->error));
	return l->buf;
}

/* clang-format off */
static struct field {
	char const *name;
	enum kind kind;
	char const *(*get)(struct look const *);
} const table[] = {
    {"name",         KIND_TEXT,   get_name},
    {"state",        KIND_WORD,   get_state},
    {"up",           KIND_BOOL,   get_up},
    {"wantedup",     KIND_BOOL,   get_wantedup},
    {"normallyup",   KIND_BOOL,   get_normallyup},
    {"ready",        KIND_BOOL,   get_ready},
    {"paused",       KIND_BOOL,   get_paused},
    {"pid",          KIND_NUMBER, get_pid},
    {"pgid",         KIND_NUMBER, get_pgid},
    {"exitcode",     KIND_NUMBER, get_exitcode},
    {"signal",       KIND_WORD,   get_signal},
    {"signum",       KIND_NUMBER, get_signum},
    {"updownsince",  KIND_WORD,   get_updownsince},
    {"readysince",   KIND_WORD,   get_readysince},
    {"updownfor",    KIND_NUMBER, get_updownfor},
    {"readyfor",     KIND_NUMBER, get_readyfor},
    {"want",         KIND_WORD,   get_want},
    {"starts",       KIND_NUMBER, get_same},
    {"deaths",       KIND_NUMBER, get_same},
    {"since",        KIND_NUMBER, get_same},
    {"ready_since",  KIND_NUMBER, get_same},
    {"exit_code",    KIND_NUMBER, get_same},
    {"exit_signal",  KIND_NUMBER, get_same},
    {"ran_ms",       KIND_NUMBER, get_same},
    {"leftovers",    KIND_NUMBER, get_same},
    {"error",        KIND_TEXT,   get_error},
    {"status_text",  KIND_TEXT,   get_same},
};
/* clang-format on */
enum { FIELDS = sizeof table / sizeof *table };

char const *
fields_name(size_t index)
{
	return index < FIELDS ? table[index].name : NULL;
}

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
	fields->len = 0;
	for (;;) {
		size_t len = strcspn(list, ",");
		size_t i = find(list, len);

		if (i == FIELDS || fields->len == FIELDS_MAX)
			return -1;
		fields->index[fields->len++] = (unsigned char)i;
		if (!list[len])
			return 0;
		list += len + 1;
	}
}

static int
put(stralloc *out, char const *text)
{
	if (stralloc_cats(out, text))
		return 0;
	errno = ENOMEM;
	return -1;
}

static char const *
unknown(enum kind kind)
{
	switch (kind) {
	case KIND_NUMBER:
		return "-1";
	case KIND_BOOL:
	case KIND_WORD:
		return "NA";
	case KIND_TEXT:
		break;
	}
	return "";
}

int
fields_columns(stralloc *out, struct fields const *fields,
    struct view const *view, time_t now)
{
	char buf[VALUE_MAX];

	for (size_t i = 0; i < fields->len; i++) {
		struct field const *f = &table[fields->index[i]];
		struct look l = {view, now, f->name, buf};
		char const *value = f->get(&l);

		if (put(out, i ? " " : "") == -1 ||
		    put(out, value ? value : unknown(f->kind)) == -1)
			return -1;
	}
	return put(out, "\n");
}

static int
put_json(stralloc *out, enum kind kind, char const *value)
{
	if (!value)
		return put(out, "null");
	if (kind == KIND_BOOL)
		return put(out, value);
	if (kind == KIND_NUMBER)
		return json_number(out, value);
	return json_string(out, value);
}

int
fields_json(stralloc *out, struct view const *view, time_t now)
{
	char buf[VALUE_MAX];

	for (size_t i = 0; i < FIELDS; i++) {
		struct look l = {view, now, table[i].name, buf};

		if (put(out, i ? ",\"" : "{\"") == -1 ||
		    put(out, table[i].name) == -1 || put(out, "\":") == -1 ||
		    put_json(out, table[i].kind, table[i].get(&l)) == -1)
			return -1;
	}
	return put(out, "}\n");
}
