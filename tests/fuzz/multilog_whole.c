/*
 * Any script with any input: what comes out of every receiver is what a slow
 * reading of the manual says.  The path is the program's own, from the actions
 * and the buffers that setup makes for them to what standard error, standard
 * output, each file and each directory get; only the calls that would leave
 * the process are replaced.
 *
 * An input is: how much is read at once, which is also what the buffers are
 * made for (2 bytes), how often the text is
 * repeated (1 byte), the actions, each ended by a NUL and the last one by two,
 * and the text.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

static ssize_t fuzz_write(int fd, void const *p, size_t n);
static int fuzz_poll(struct pollfd *p, nfds_t n, int timeout);
static int fuzz_open(char const *path, int flags, ...);
static void *fuzz_mmap(
    void *at, size_t size, int prot, int flags, int fd, off_t offset);

#define write fuzz_write
#define poll  fuzz_poll
#define open  fuzz_open
#define mmap  fuzz_mmap
#include "multilog/lines.c"
#include "multilog/script.c"
#include "multilog/select.c"
#include "multilog/setup.c"
#define put put_file
#include "multilog/sink.c"
#undef put
#include "multilog/spool.c"
#include "multilog/stamp.c"
#undef write
#undef poll
#undef open
#undef mmap

#define ACTIONS	 12
#define ALL_MOST 30000 /* bytes of input, repetitions included */
#define SECOND_0 1795261057

struct text {
	char *s;
	size_t len;
	size_t room;
};

static void *allocated[ACTIONS * 4 + 16];
static size_t allocations;
static struct text streams[3]; /* what descriptors 1 and 2 got */

static void
add(struct text *t, char const *s, size_t n)
{
	if (t->len + n > t->room) {
		t->room = (t->len + n) * 2;
		t->s = realloc(t->s, t->room);
		CHECK(t->s);
	}
	if (n)
		memcpy(t->s + t->len, s, n);
	t->len += n;
}

/* Each piece of memory by itself, so that the sanitizer sees its ends. */
static void *
fuzz_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	(void)at, (void)prot, (void)flags, (void)fd, (void)offset;
	CHECK(allocations < sizeof allocated / sizeof *allocated);
	return allocated[allocations++] = calloc(1, size);
}

static int
fuzz_open(char const *path, int flags, ...)
{
	(void)path, (void)flags;
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static ssize_t
fuzz_write(int fd, void const *p, size_t n)
{
	CHECK(fd == 1 || fd == 2);
	add(streams + fd, p, n);
	return (ssize_t)n;
}

static int
fuzz_poll(struct pollfd *p, nfds_t n, int timeout)
{
	(void)timeout;
	p->revents = p->events;
	return (int)n;
}

/* Warnings of what is wrong with the script. */
void
message_line(char const *kind, int error, char const *const *words)
{
	(void)kind, (void)error, (void)words;
}

/* Where lines go instead of to directories. */
int
logdir_open(
    struct logdir *d, char const *path, struct script_limits const *limits)
{
	*d = (struct logdir){.rotation.path = path};
	CHECK(limits->size >= 4096 && limits->number >= 2);
	return 0;
}

/* The slow reading of the manual. */

struct want {
	struct text streams[3];
	struct text step[ACTIONS];
	char const *action[ACTIONS];
	size_t actions;
	char stamp; /* its letter, or 0 */
	char const *prefix;
	unsigned long lines;
	unsigned long budget; /* comparisons left for slow_match() */
};

static bool
slow_match(char const *p, char const *line, size_t len, unsigned long *budget)
{
	bool any = p[0] == '*' && p[1] == '*';

	if (!*budget)
		return false;
	--*budget;
	if (!*p)
		return len == 0;
	if (any)
		p += strspn(p, "*") - 1;
	if (*p != '*')
		return len && *line == *p &&
		       slow_match(p + 1, line + 1, len - 1, budget);
	if (!p[1])
		return true;
	for (size_t n = 0; n <= len; n++) {
		if (slow_match(p + 1, line + n, len - n, budget))
			return true;
		if (!any && n < len && line[n] == p[1])
			return false;
	}
	return false;
}

static void
slow_script(struct want *w, char const *const *actions, size_t n)
{
	w->actions = n;
	memcpy(w->action, actions, n * sizeof *actions);
	if (n && strchr("tdD", actions[0][0]) && actions[0][0])
		w->stamp = actions[0][0];
	if (n > (w->stamp != 0) && actions[w->stamp != 0][0] == 'p')
		w->prefix = actions[w->stamp != 0] + 1;
}

static void
slow_head(struct want *w, struct text *line)
{
	tain at = {{STAMP_EPOCH + SECOND_0}, 0};
	struct stamp_text t;

	at.nano += (uint32_t)w->lines;
	if (w->stamp) {
		stamp_set(&t, w->stamp, at);
		add(line, t.text, t.len);
	}
	if (w->prefix)
		add(line, w->prefix, strlen(w->prefix));
	w->lines++;
}

static void
slow_receive(struct want *w, size_t i, struct text const *line)
{
	size_t seen = line->len < 1000 ? line->len : 1000;

	switch (w->action[i][0]) {
	case 'e':
		add(w->streams + 2, line->s, seen < 200 ? seen : 200);
		add(w->streams + 2, "...", seen > 200 ? 3 : 0);
		add(w->streams + 2, "\n", 1);
		break;
	case '1':
		if (w->action[i][1])
			break;
		add(w->streams + 1, line->s, line->len);
		add(w->streams + 1, "\n", 1);
		break;
	case '=':
		w->step[i].len = 0;
		add(w->step + i, line->s, seen);
		while (w->step[i].len < SINK_FILE_LEN)
			add(w->step + i, "\n", 1);
		break;
	case '.':
	case '/':
		add(w->step + i, line->s, line->len);
		add(w->step + i, "\n", 1);
		break;
	default:
		break;
	}
}

/* False if it would take too long. */
static bool
slow_line(struct want *w, char const *s, size_t len)
{
	static struct text line;
	bool selected = true;

	line.len = 0;
	slow_head(w, &line);
	add(&line, s, len);
	add(&line, "", 1); /* so that there is memory */
	line.len--;
	for (size_t i = 0; i < w->actions; i++) {
		size_t seen = line.len < 1000 ? line.len : 1000;
		char c = w->action[i][0];

		if (c == '-' || c == '+') {
			if (selected == (c == '-') &&
			    slow_match(
				w->action[i] + 1, line.s, seen, &w->budget))
				selected = c == '+';
		} else if (selected) {
			slow_receive(w, i, &line);
		}
		if (!w->budget)
			return false;
	}
	return true;
}

static bool
slow_run(struct want *w, char const *s, size_t len)
{
	while (len) {
		char const *end = memchr(s, '\n', len);
		size_t n = end ? (size_t)(end - s) : len;

		if (!slow_line(w, s, n))
			return false;
		n += end != NULL;
		s += n;
		len -= n;
	}
	return true;
}

/* The program's path. */

struct got {
	struct setup setup;
	struct text dir[ACTIONS];
};

static void
drain(struct got *g)
{
	for (size_t i = 0; i < g->setup.dir_count; i++) {
		struct spool *s = &g->setup.dirs[i].spool;

		if (!s->left)
			continue;
		add(g->dir + i, s->next, s->left);
		spool_wrote(s, s->left);
	}
	sink_write(&g->setup.out);
	sink_write(&g->setup.err);
}

static void
play(struct got *g, char const *data, size_t size, size_t piece)
{
	tain now = {{STAMP_EPOCH + SECOND_0}, 0};
	struct lines *l = &g->setup.lines;

	do {
		size_t n = lines_room(l);

		n = n < size ? n : size;
		n = n < piece ? n : piece;
		CHECK(n || !size);
		if (n)
			memcpy(l->in + l->end, data, n);
		data += n;
		size -= n;
		lines_add(l, n, now);
		l->ended = size == 0;
		while (lines_give(l))
			drain(g);
	} while (size);
	CHECK(!lines_partial(l));
}

static void
same(struct text const *got, struct text const *want)
{
	CHECK(got->len == want->len);
	CHECK(!got->len || !memcmp(got->s, want->s, got->len));
}

static void
compare(struct got *g, struct want *w)
{
	size_t dir = 0, file = 0, outs = 0;

	for (size_t i = 0; i < w->actions; i++) {
		char c = w->action[i][0];

		outs += c == '1' && !w->action[i][1];
		if (c == '.' || c == '/')
			same(g->dir + dir++, w->step + i);
		if (c == '=') {
			struct sink_file *f = g->setup.files + file++;
			struct text *t = w->step + i;

			CHECK(f->pending == (t->len != 0));
			CHECK(!t->len || !memcmp(f->line, t->s, t->len));
		}
	}
	same(streams + 2, w->streams + 2);
	/* A long line comes in pieces, each of them to every 1. */
	if (outs < 2)
		same(streams + 1, w->streams + 1);
	else
		CHECK(streams[1].len == w->streams[1].len);
}

static void
clean_up(struct got *g, struct want *w)
{
	while (allocations)
		free(allocated[--allocations]);
	for (size_t i = 0; i < ACTIONS; i++) {
		free(g->dir[i].s);
		free(w->step[i].s);
	}
	for (size_t i = 0; i < 3; i++) {
		free(w->streams[i].s);
		streams[i].len = 0;
	}
}

static void
run(char const *const *actions, size_t n, char const *s, size_t len,
    size_t read_size)
{
	struct got g = {0};
	struct want w = {.budget = 2000000};

	slow_script(&w, actions, n);
	if (setup_make(&g.setup, actions, n, read_size) == 0 &&
	    slow_run(&w, s, len)) {
		play(&g, s, len, read_size);
		compare(&g, &w);
	}
	clean_up(&g, &w);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static char all[ALL_MOST];
	char const *actions[ACTIONS];
	char *script = malloc(size + 1);
	size_t n = 0, at = 3, len = 0;

	CHECK(script);
	memcpy(script, data, size);
	script[size] = 0;
	while (at < size && script[at] && n < ACTIONS) {
		actions[n++] = script + at;
		at += strlen(script + at) + 1;
	}
	at++;
	for (int i = 0; at < size && i <= data[2] * data[2]; i++) {
		size_t more = size - at;

		if (more > ALL_MOST - len)
			break;
		memcpy(all + len, data + at, more);
		len += more;
	}
	if (size > 3)
		run(actions, n, all, len, 1 + (data[0] << 8 | data[1]) % 5000);
	free(script);
	return 0;
}
