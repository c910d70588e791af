/*
 * log_property SEED MULTILOG [PEER]: a random script and random input for
 * multilog, in the current directory, compared with what a slow and obvious
 * reading of the manual says must come out.  Prints what it has done; exit 0
 * if all is as it must be.  Standard output and standard error are pipes.  With
 * PEER, the last third of the input goes to that program, on the same
 * directories.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXAMINED 1000
#define STEPS	 12

struct text {
	char *s;
	size_t len;
	size_t room;
};

static unsigned long long seed;
static char *script[STEPS + 1];
static size_t steps;
static char stamp; /* its letter, or 0 */
static char const *prefix = "";
static bool prints; /* to standard output */
static bool classic;
static bool equal_stamps; /* as those of 0.76 may be */
static struct text input;
static struct text want[STEPS]; /* of each step that is a receiver */
static struct text alerts;
static struct text output;
static size_t limit = 99999;

static unsigned int
any(unsigned int below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned int)(seed >> 33) % below;
}

static _Noreturn void
fail(char const *what, char const *name)
{
	printf("wrong: %s %s: %s\n", what, name, strerror(errno));
	exit(1);
}

static void
add(struct text *t, char const *s, size_t n)
{
	if (t->len + n > t->room) {
		t->room = (t->len + n) * 2;
		t->s = realloc(t->s, t->room);
		if (!t->s)
			fail("memory", "");
	}
	if (n)
		memcpy(t->s + t->len, s, n);
	t->len += n;
}

static void
make_line(void)
{
	static size_t const lengths[] = {0, 1, 2, 20, 120, 199, 200, 201, 973,
	    974, 975, 999, 1000, 1001, 1999, 2001, 4095, 4096, 4097, 65535,
	    65536, 66536, 1000000};
	size_t kinds = sizeof lengths / sizeof *lengths;
	size_t n = lengths[any(3) ? any(5) : any((unsigned int)kinds)];

	while (n--) {
		char c = "abcdeb*\0"[any(8)];

		add(&input, &c, 1);
	}
}

static void
make_input(void)
{
	unsigned int lines = any(4) ? any(300) : any(6000);

	for (unsigned int i = 0; i < lines && input.len < 3000000; i++) {
		make_line();
		if (i + 1 < lines || any(2))
			add(&input, "\n", 1);
	}
}

static void
action(char const *text)
{
	script[steps] = strdup(text);
	steps++;
}

static void
make_pattern(char c)
{
	char text[12] = {c};
	unsigned int n = any(4);
	unsigned int i = 1;

	/* The first star is the stamp. */
	if (stamp) {
		text[i++] = '*';
		text[i++] = ' ';
	}
	while (n--)
		text[i++] = "*abc"[any(4)];
	text[i] = any(2) ? '*' : 0;
	/* Where a star follows a star, 0.76 differs from its manual. */
	for (char *p = text + 1; *p; p++)
		if (p[0] == '*' && p[1] == '*')
			*p = 'a';
	action(text);
}

/* How long the stamp is, its space included. */
static size_t
stamp_len(void)
{
	return stamp == 't' ? 26 : stamp == 'd' ? 31 : stamp ? 36 : 0;
}

static void
make_head(void)
{
	char text[400] = "p";

	if (!any(3))
		stamp = classic ? 't' : "tdD"[any(3)];
	if (stamp)
		action((char[]){stamp, 0});
	if (classic || any(3))
		return;
	memset(text + 1, 'p', any(2) ? any(10) : any(350));
	action(text);
	prefix = script[steps - 1] + 1;
}

static void
make_script(void)
{
	char text[32];
	unsigned int n = 1 + any(STEPS - 4);

	make_head();
	if (!any(3)) {
		limit = 4096 + any(30000);
		snprintf(text, sizeof text, "s%zu", limit);
		action(text);
	}
	action("n100000");
	while (n--) {
		unsigned int kind = any(8);

		if (kind < 3)
			make_pattern(kind ? '+' : '-');
		else if (kind == 3)
			action("-*");
		else if (kind == 4)
			action("e");
		else if (kind == 5 && !classic && !prints) {
			/* Of two, a long line would come in pieces. */
			action("1");
			prints = true;
		} else if (kind == 5) {
			snprintf(text, sizeof text, "=status%zu", steps);
			action(text);
		} else {
			snprintf(text, sizeof text, "./log%zu", steps);
			action(text);
		}
	}
}

/* By the definition; no pattern of ours has more than one choice. */
static bool
match(char const *p, char const *s, size_t n)
{
	for (; *p; p++) {
		if (*p == '*' && !p[1])
			return true;
		if (*p == '*') {
			while (n && *s != p[1]) {
				s++;
				n--;
			}
			continue;
		}
		if (!n || *s != *p)
			return false;
		s++;
		n--;
	}
	return n == 0;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void
expect_status(struct text *t, char const *s, size_t n)
{
	t->len = 0;
	add(t, s, n);
	while (t->len + stamp_len() < EXAMINED + 1)
		add(t, "\n", 1);
}

/* All without the stamp. */
static void
expect_line(char const *text, size_t len)
{
	static struct text line;
	size_t seen, alerted;
	bool selected = true;

	line.len = 0;
	add(&line, prefix, strlen(prefix));
	add(&line, text, len);
	add(&line, "\n", 1);
	seen = least(line.len - 1, EXAMINED - stamp_len());
	alerted = least(seen, 200 - stamp_len());
	for (size_t i = 0; i < steps; i++) {
		char const *a = script[i];
		char const *pattern = a + 1;

		if (stamp && pattern[0] == '*' && pattern[1] == ' ')
			pattern += 2;
		if (a[0] == '-' && match(pattern, line.s, seen))
			selected = false;
		if (a[0] == '+' && match(pattern, line.s, seen))
			selected = true;
		if (!selected)
			continue;
		if (a[0] == 'e') {
			add(&alerts, line.s, alerted);
			add(&alerts, "...", alerted < seen ? 3 : 0);
			add(&alerts, "\n", 1);
		}
		if (a[0] == '=')
			expect_status(want + i, line.s, seen);
		if (a[0] == '1')
			add(&output, line.s, line.len);
		if (a[0] == '.')
			add(want + i, line.s, line.len);
	}
}

static void
expect(void)
{
	size_t begin = 0;

	for (size_t i = 0; i < input.len; i++)
		if (input.s[i] == '\n') {
			expect_line(input.s + begin, i - begin);
			begin = i + 1;
		}
	if (begin < input.len)
		expect_line(input.s + begin, input.len - begin);
}

static void
feed(int fd, size_t from, size_t to)
{
	while (from < to) {
		size_t n = 1 + (any(2) ? any(100) : any(100000));
		ssize_t r =
		    write(fd, input.s + from, n < to - from ? n : to - from);

		if (r == -1)
			fail("write to", "the pipe");
		from += (size_t)r;
	}
}

/* A process that appends to a file what comes through a pipe. */
static pid_t
collect(char const *name, int *write_end)
{
	char buf[65536];
	int p[2], fd;
	pid_t pid;
	ssize_t r;

	if (pipe(p) == -1 || (pid = fork()) == -1)
		fail("pipe for", name);
	*write_end = p[1];
	if (pid) {
		close(p[0]);
		return pid;
	}
	close(p[1]);
	fd = open(name, O_WRONLY | O_CREAT | O_APPEND, 0644);
	while ((r = read(p[0], buf, sizeof buf)) > 0)
		if (write(fd, buf, (size_t)r) != r)
			_exit(1);
	_exit(r != 0);
}

static void
run(char *program, size_t from, size_t to)
{
	int p[2], out, err, status;
	pid_t pids[3];

	pids[0] = collect("out", &out);
	fcntl(out, F_SETFD, FD_CLOEXEC);
	pids[1] = collect("err", &err);
	if (pipe(p) == -1)
		fail("pipe", "");
	pids[2] = fork();
	if (!pids[2]) {
		char *argv[STEPS + 2] = {program};

		memcpy(argv + 1, script, sizeof script);
		dup2(p[0], 0);
		dup2(out, 1);
		dup2(err, 2);
		close(p[0]);
		close(p[1]);
		close(err);
		execv(program, argv);
		_exit(127);
	}
	close(out);
	close(err);
	close(p[0]);
	feed(p[1], from, to);
	close(p[1]);
	for (int i = 2; i >= 0; i--)
		if (waitpid(pids[i], &status, 0) != pids[i] || status)
			fail("exit of", i == 2 ? program : "a collector");
}

static struct text
slurp(char const *name)
{
	struct text t = {0};
	char buf[65536];
	int fd = open(name, O_RDONLY);
	ssize_t r;

	if (fd == -1)
		fail("open", name);
	while ((r = read(fd, buf, sizeof buf)) > 0)
		add(&t, buf, (size_t)r);
	close(fd);
	return t;
}

static int
is_old(struct dirent const *d)
{
	return d->d_name[0] == '@';
}

/* All of a log, in order, with the sizes that are allowed. */
static struct text
slurp_log(char const *dir)
{
	struct text all = {0};
	struct dirent **names;
	int n = scandir(dir, &names, is_old, alphasort);

	for (int i = 0; i <= n; i++) {
		char name[600];
		struct text t;

		snprintf(name, sizeof name, "%s/%s", dir,
		    i < n ? names[i]->d_name : "current");
		t = slurp(name);
		if (t.len > limit)
			fail("too big:", name);
		if (i < n && t.len < limit &&
		    (t.len + 2000 < limit || t.s[t.len - 1] != '\n'))
			fail("too early:", name);
		add(&all, t.s, t.len);
		free(t.s);
	}
	return all;
}

/* Takes the stamps away; they must increase. */
static struct text
unstamp(struct text t)
{
	struct text bare = {0};
	char last[40] = "";
	size_t i = 0;

	while (i < t.len) {
		char const *end = memchr(t.s + i, '\n', t.len - i);
		char const *space = memchr(t.s + i, ' ', t.len - i);
		size_t n = space ? (size_t)(space - (t.s + i)) : 0;
		size_t line = end ? (size_t)(end + 1 - (t.s + i)) : t.len - i;

		if (n + 1 != stamp_len())
			fail("stamp", last);
		if (n >= sizeof last ||
		    strncmp(t.s + i, last, n) < !equal_stamps)
			fail("order of stamps", last);
		memcpy(last, t.s + i, n);
		last[n] = 0;
		add(&bare, t.s + i + n + 1, line - n - 1);
		i += line;
	}
	return bare;
}

static void
compare(struct text got, struct text wanted, char const *name)
{
	size_t i = 0;

	while (i < got.len && i < wanted.len && got.s[i] == wanted.s[i])
		i++;
	if (got.len == wanted.len && i == got.len)
		return;
	printf("wrong: %s: %zu bytes, not %zu, equal up to %zu\n", name,
	    got.len, wanted.len, i);
	exit(1);
}

/* The text of a stream or a log, which increases if it is stamped; a line that
   several actions e print comes several times. */
static struct text
bare(struct text t)
{
	return stamp ? unstamp(t) : t;
}

static void
check(void)
{
	size_t alerting = 0;
	size_t receivers = 0;

	for (size_t i = 0; i < steps; i++) {
		struct text t;

		alerting += script[i][0] == 'e';
		receivers += strchr("e1=.", script[i][0]) != NULL;
		if (script[i][0] == '=' && want[i].len) {
			t = slurp(script[i] + 1);
			t.s += stamp_len();
			t.len -= stamp_len();
			compare(t, want[i], script[i]);
		}
		if (script[i][0] == '.')
			compare(bare(slurp_log(script[i])), want[i], script[i]);
	}
	compare(bare(slurp("out")), output, "standard output");
	equal_stamps = classic || alerting > 1;
	/* Where there is none, a warning says so. */
	if (receivers)
		compare(bare(slurp("err")), alerts, "standard error");
}

int
main(int argc, char **argv)
{
	size_t third;

	if (argc < 3)
		return 100;
	classic = equal_stamps = argc > 3;
	setenv("TZ", "AAA-05:30", 1);
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	seed = strtoull(argv[1], NULL, 10) * 7919 + 12345;
	any(2);
	make_script();
	make_input();
	/* A line of its own for each: the end of input ends a line. */
	for (third = input.len / 3; third && input.s[third - 1] != '\n';)
		third--;
	expect();
	printf("seed %s:", argv[1]);
	for (size_t i = 0; i < steps; i++)
		printf(" %s", script[i]);
	printf(" (%zu bytes)\n", input.len);
	run(argv[1 + 1], 0, third);
	run(argv[classic ? 3 : 2], third, input.len);
	if (classic)
		run(argv[2], input.len, input.len);
	check();
	return 0;
}
