/*
 * From the command line to what the loop works with.  All files are opened and
 * all memory is allocated here, before anything is read or changed: a start
 * that fails leaves no trace that would look like a crash.
 */
#include "multilog/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "multilog/say.h"

#define READ_LEAST 65536
#define READ_MOST  1048576
#define TEXT_LEAST 262144

/* Zeroed, and room for one more than n. */
static void *
need(size_t n, size_t size)
{
	void *p = calloc(n + 1, size);

	if (!p)
		say_fatal(0, "out of memory");
	return p;
}

static int
parse(struct plan *p, char const *const *actions, size_t n)
{
	struct script_step *step = need(n, sizeof *step);

	if (!step)
		return -1;
	script_init(&p->script, step);
	for (size_t i = 0; i < n; i++) {
		enum script_mistake m = script_add(&p->script, actions[i]);

		if (m != SCRIPT_FINE)
			say_warning(
			    0, "action ", actions[i], ": ", script_words(m));
	}
	if (!p->script.writes)
		say_warning(0, "nothing is written: no directory, =file, e or "
			       "1 in the script");
	return 0;
}

static int
open_file(struct plan *p, struct lines_step *l, char const *path)
{
	size_t len = strlen(path);
	char *temporary = need(len + sizeof ".new", 1);

	if (!temporary)
		return -1;
	memcpy(temporary, path, len);
	memcpy(temporary + len, ".new", sizeof ".new");
	l->status = p->files + p->file_count++;
	if (statusfile_open(l->status, path, temporary) == 0)
		return 0;
	say_fatal(errno, "unable to create ", path);
	return -1;
}

static int
open_dir(struct plan *p, struct lines_step *l, struct script_step const *s)
{
	struct logdir *d = p->dirs + p->dir_count++;

	l->spool = &d->spool;
	if (logdir_open(d, s->text, &s->limits) == 0)
		return 0;
	logdir_complain(d, true);
	return -1;
}

static int
make_pattern(struct select_pattern *pattern, char const *text)
{
	struct select_part *part = need(select_parts(text), sizeof *part);

	if (!part)
		return -1;
	select_compile(pattern, text, part);
	return 0;
}

static int
make_step(struct plan *p, struct lines_step *l, struct script_step const *s)
{
	*l = (struct lines_step){.op = s->op, .took = true};
	switch (s->op) {
	case SCRIPT_DESELECT:
	case SCRIPT_SELECT:
		return make_pattern(&l->pattern, s->text);
	case SCRIPT_STDERR:
		l->outlet = &p->err;
		return 0;
	case SCRIPT_STDOUT:
		l->spool = &p->out.spool;
		return 0;
	case SCRIPT_STATUS:
		return open_file(p, l, s->text);
	case SCRIPT_DIR:
		return open_dir(p, l, s);
	}
	return 0;
}

static int
make_steps(struct plan *p)
{
	size_t n = p->script.steps;

	p->dirs = need(n, sizeof *p->dirs);
	p->files = need(n, sizeof *p->files);
	p->lines.step = need(n, sizeof *p->lines.step);
	if (!p->dirs || !p->files || !p->lines.step)
		return -1;
	p->lines.steps = n;
	for (size_t i = 0; i < n; i++)
		if (make_step(p, p->lines.step + i, p->script.step + i) == -1)
			return -1;
	return 0;
}

/* A buffer as big as the pipe takes all that is in it with one read. */
static size_t
read_size(void)
{
	int n = READ_LEAST;

#ifdef F_GETPIPE_SZ
	n = fcntl(0, F_GETPIPE_SZ);
#endif
	if (n < READ_LEAST)
		n = READ_LEAST;
	return (size_t)(n > READ_MOST ? READ_MOST : n);
}

static void
set_stamp(struct stamp_text *t, enum script_stamp stamp)
{
	switch (stamp) {
	case SCRIPT_STAMP_NONE:
		break;
	case SCRIPT_STAMP_TAI64N:
		t->kind = STAMP_TAI64N;
		break;
	case SCRIPT_STAMP_UTC:
		t->kind = STAMP_RFC3339;
		break;
	case SCRIPT_STAMP_LOCAL:
		t->kind = STAMP_RFC3339;
		t->local = true;
		break;
	}
}

/* Returns how much can be spooled at once, or 0. */
static size_t
make_lines(struct lines *l, struct script const *s)
{
	size_t most;

	l->examines = s->examines;
	l->prefix = s->prefix;
	l->prefix_len = s->prefix ? strlen(s->prefix) : 0;
	set_stamp(&l->stamp, s->stamp);
	l->cap = read_size() + SELECT_EXAMINED;
	l->in = need(l->cap, 1);
	if (!l->in)
		return 0;
	most = l->cap + 1;
	if (s->stamp == SCRIPT_STAMP_NONE && !l->prefix_len)
		return most;
	most += l->prefix_len + 2 * STAMP_MAX;
	if (most < TEXT_LEAST)
		most = TEXT_LEAST;
	l->text_cap = most;
	l->text = need(most, 1);
	return l->text ? most : 0;
}

static int
make_buffers(struct plan *p)
{
	size_t most = make_lines(&p->lines, &p->script);
	size_t outs = 0;
	size_t errs = 0;

	if (!most)
		return -1;
	for (size_t i = 0; i < p->dir_count && p->script.examines; i++) {
		p->dirs[i].spool.buf = need(most, 1);
		if (!p->dirs[i].spool.buf)
			return -1;
	}
	for (size_t i = 0; i < p->script.steps; i++) {
		outs += p->script.step[i].op == SCRIPT_STDOUT;
		errs += p->script.step[i].op == SCRIPT_STDERR;
	}
	/* What e prints is at most twice as long as what it was made of. */
	p->out.spool.buf = need(most, outs);
	p->err.spool.buf = need(most, errs * 2);
	return (outs && !p->out.spool.buf) || (errs && !p->err.spool.buf) ? -1
									  : 0;
}

int
plan_make(struct plan *p, char const *const *actions, size_t n)
{
	p->out = (struct outlet){.fd = 1, .name = "standard output"};
	p->err = (struct outlet){.fd = 2, .name = "standard error"};
	if (parse(p, actions, n) == -1 || make_steps(p) == -1)
		return -1;
	return make_buffers(p);
}
