/*
 * From the command line to what the loop works with.  All files are opened and
 * all memory is provided here, before anything is read or changed: a start
 * that fails leaves no trace that would look like a crash.
 */
#include "multilog/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "multilog/message.h"
#include "multilog/select.h"

#define READ_LEAST 65536
#define READ_MOST  1048576

/* Zeroed memory that is never given back; null if that is of 0 bytes.  0, or -1
   after saying so.  The kernel gives it page by page when it is written to: a
   buffer that has never been full costs nothing. */
static int
need(char **p, size_t bytes)
{
	*p = NULL;
	if (bytes)
		*p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (*p != MAP_FAILED)
		return 0;
	message_fatal(0, "out of memory");
	return -1;
}

/* In one piece, so that what little is used of each shares a page. */
static int
make_room(struct setup *p, size_t n, size_t read_size)
{
	struct lines *l = &p->lines;
	size_t each =
	    sizeof *p->files + sizeof *p->dirs + sizeof *l->script.step;
	char *room;

	n++;
	l->cap = read_size + SELECT_EXAMINED;
	if (need(&room, n * each + l->cap + 1) == -1)
		return -1;
	p->files = (struct sink_file *)room;
	p->dirs = (struct logdir *)(p->files + n);
	l->script.step = (struct script_step *)(p->dirs + n);
	l->in = (char *)(l->script.step + n);
	return 0;
}

static int
make_step(struct setup *p, struct script_step *s)
{
	if (s->op == SCRIPT_STDOUT)
		s->spool = &p->out.spool;
	if (s->op == SCRIPT_STATUS) {
		s->file = p->files + p->file_count++;
		if (sink_file_open(s->file, s->text) == -1) {
			message_fatal(errno, "unable to create ", s->text);
			return -1;
		}
	}
	if (s->op != SCRIPT_DIR)
		return 0;
	s->spool = &p->dirs[p->dir_count].spool;
	return logdir_open(p->dirs + p->dir_count++, s->text, &s->limits);
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

/* What is to be written at once has room in each buffer. */
static int
make_buffers(struct setup *p)
{
	struct lines *l = &p->lines;
	struct script const *s = &l->script;
	size_t most = l->cap + 1, outs = 0, errs = 0;

	/* The length of a stamp must be known from the beginning. */
	stamp_set(&l->stamp, s->stamp, (tain)TAIN_EPOCH);
	l->head = l->stamp.len + s->prefix_len;
	if (l->head) {
		most = 4 * l->cap + s->prefix_len + sizeof l->stamp.text * 2;
		l->text_cap = most;
	}
	if (need(&l->text, l->text_cap) == -1)
		return -1;
	for (size_t i = 0; i < s->steps; i++) {
		outs += s->step[i].op == SCRIPT_STDOUT;
		errs += s->step[i].op == SCRIPT_STDERR;
	}
	for (size_t i = 0; i < p->dir_count && s->examines; i++)
		if (need(&p->dirs[i].spool.buf, most) == -1)
			return -1;
	if (outs == 1 && !s->examines)
		outs = 0;
	/* What e prints is at most twice as long as the text it was made of,
	   and that text keeps its room until it is printed. */
	return need(&p->out.spool.buf, most * outs) == -1
		   ? -1
		   : need(&p->err.spool.buf, most * errs * 2);
}

int
setup_make(
    struct setup *p, char const *const *actions, size_t n, size_t read_size)
{
	struct script *s = &p->lines.script;

	p->out = (struct sink_stream){.fd = 1, .name = "standard output"};
	p->err = (struct sink_stream){.fd = 2, .name = "standard error"};
	p->lines.alerts = &p->err;
	if (make_room(p, n, read_size) == -1)
		return -1;
	script_init(s, s->step);
	for (size_t i = 0; i < n; i++) {
		char const *wrong = script_add(s, actions[i]);

		if (wrong)
			message_warning(0, "action ", actions[i], ": ", wrong);
	}
	if (!s->writes)
		message_warning(0, "nothing is written: no directory, =file, "
				   "e or 1 in the script");
	for (size_t i = 0; i < s->steps; i++)
		if (make_step(p, s->step + i) == -1)
			return -1;
	return make_buffers(p);
}
