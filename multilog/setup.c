/*
 * From the command line to what the loop works with.  All files are opened and
 * all memory is provided here, before anything is read or changed: a start
 * that fails leaves no trace that would look like a crash.
 */
#include "multilog/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "multilog/memory.h"
#include "multilog/message.h"
#include "multilog/select.h"

#define READ_LEAST 65536
#define READ_MOST  1048576

static int
parse(struct setup *p, char const *const *actions, size_t n)
{
	struct script_step *step = memory_need(n, sizeof *step);

	if (!step)
		return -1;
	script_init(&p->script, step);
	for (size_t i = 0; i < n; i++) {
		char const *wrong = script_add(&p->script, actions[i]);

		if (wrong)
			message_warning(0, "action ", actions[i], ": ", wrong);
	}
	if (!p->script.writes)
		message_warning(0, "nothing is written: no directory, =file, "
				   "e or 1 in the script");
	return 0;
}

static int
open_file(struct setup *p, struct lines_step *l, char const *path)
{
	char *temporary = memory_need(strlen(path) + sizeof ".new", 1);

	if (!temporary)
		return -1;
	l->file = p->files + p->file_count++;
	if (sink_file_open(l->file, path, temporary) == 0)
		return 0;
	message_fatal(errno, "unable to create ", path);
	return -1;
}

static int
make_step(struct setup *p, struct lines_step *l, struct script_step const *s)
{
	struct logdir *d;

	*l = (struct lines_step){.op = s->op, .took = true};
	switch (s->op) {
	case SCRIPT_DESELECT:
	case SCRIPT_SELECT:
		l->pattern = s->text;
		return 0;
	case SCRIPT_STDERR:
		l->stream = &p->err;
		return 0;
	case SCRIPT_STDOUT:
		l->spool = &p->out.spool;
		return 0;
	case SCRIPT_STATUS:
		return open_file(p, l, s->text);
	case SCRIPT_DIR:
		d = p->dirs + p->dir_count++;
		l->spool = &d->spool;
		return logdir_open(d, s->text, &s->limits);
	}
	return 0;
}

static int
make_steps(struct setup *p)
{
	size_t n = p->script.steps;

	p->dirs = memory_need(n, sizeof *p->dirs);
	p->files = memory_need(n, sizeof *p->files);
	p->lines.step = memory_need(n, sizeof *p->lines.step);
	if (!p->dirs || !p->files || !p->lines.step)
		return -1;
	p->lines.steps = n;
	for (size_t i = 0; i < n; i++)
		if (make_step(p, p->lines.step + i, p->script.step + i) == -1)
			return -1;
	return 0;
}

/* A buffer as big as the pipe takes all that is in it with one read. */
size_t
setup_read_size(void)
{
	int n = READ_LEAST;

#ifdef F_GETPIPE_SZ
	n = fcntl(0, F_GETPIPE_SZ);
#endif
	if (n < READ_LEAST)
		n = READ_LEAST;
	return (size_t)(n > READ_MOST ? READ_MOST : n);
}

/* The buffers for lines.  Returns how much can be spooled at once, or 0. */
static size_t
make_lines(struct lines *l, struct script const *s, size_t read_size)
{
	static struct stamp const epoch = {STAMP_EPOCH, 0};

	l->examines = s->examines;
	l->prefix = s->prefix;
	l->prefix_len = s->prefix ? strlen(s->prefix) : 0;
	l->cap = read_size + SELECT_EXAMINED;
	l->in = memory_need(l->cap, 1);
	if (!l->in)
		return 0;
	if (!s->stamp && !l->prefix_len)
		return l->cap + 1;
	/* The length of a stamp must be known from the beginning. */
	stamp_set(&l->stamp, s->stamp, epoch);
	l->text_cap = 4 * l->cap + l->prefix_len + sizeof l->stamp.text * 2;
	l->text = memory_need(l->text_cap, 1);
	return l->text ? l->text_cap : 0;
}

static int
make_buffers(struct setup *p, size_t read_size)
{
	size_t most = make_lines(&p->lines, &p->script, read_size);
	size_t outs = 0;
	size_t errs = 0;

	if (!most)
		return -1;
	for (size_t i = 0; i < p->dir_count && p->script.examines; i++) {
		p->dirs[i].spool.buf = memory_need(most, 1);
		if (!p->dirs[i].spool.buf)
			return -1;
	}
	for (size_t i = 0; i < p->script.steps; i++) {
		outs += p->script.step[i].op == SCRIPT_STDOUT;
		errs += p->script.step[i].op == SCRIPT_STDERR;
	}
	/* What e prints is at most twice as long as the text it was made of,
	   and that text keeps its room until it is printed. */
	if (outs > !p->script.examines) {
		p->out.spool.buf = memory_need(most, outs);
		if (!p->out.spool.buf)
			return -1;
	}
	if (errs) {
		p->err.spool.buf = memory_need(most, errs * 2);
		if (!p->err.spool.buf)
			return -1;
	}
	return 0;
}

int
setup_make(
    struct setup *p, char const *const *actions, size_t n, size_t read_size)
{
	p->out = (struct sink_stream){.fd = 1, .name = "standard output"};
	p->err = (struct sink_stream){.fd = 2, .name = "standard error"};
	if (parse(p, actions, n) == -1 || make_steps(p) == -1)
		return -1;
	return make_buffers(p, read_size);
}
