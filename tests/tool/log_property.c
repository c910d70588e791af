/*
 * log_property SEED MULTILOG [PEER]: a random script and random input for
 * multilog, in the current directory, compared with what a slow and obvious
 * reading of the manual says must come out.  Prints what it has done; exit 0
 * if all is as it must be.  With PEER, the last third of the input goes to
 * that program, on the same directories.
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
static bool stamped;
static bool classic; /* the stamps of 0.76 may be equal */
static struct text input;
static struct text want[STEPS]; /* of each step that is a receiver */
static struct text alerts;
static size_t limit = 99999;

static unsigned int
any(unsigned int below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned int)(seed >> 33) % below;
}

static void
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
	if (stamped) {
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

static void
make_script(void)
{
	char text[32];
	unsigned int n = 1 + any(STEPS - 4);

	stamped = any(3) == 0;
	if (stamped)
		action(any(2) || classic ? "t" : "d");
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
		else if (kind == 5 && !stamped) {
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

static void
expect_line(char const *s, size_t n)
{
	size_t most = EXAMINED;
	size_t seen;
	bool selected = true;

	if (stamped)
		most -= script[0][0] == 't' ? 26 : 31;
	seen = n < most ? n : most;
	for (size_t i = 0; i < steps; i++) {
		char const *a = script[i];
		char const *pattern = a + 1;

		if (stamped && pattern[0] == '*' && pattern[1] == ' ')
			pattern += 2;
		if (a[0] == '-' && match(pattern, s, seen))
			selected = false;
		if (a[0] == '+' && match(pattern, s, seen))
			selected = true;
		if (!selected)
			continue;
		if (a[0] == 'e' && !stamped) {
			add(&alerts, s, n > 200 ? 200 : n);
			add(&alerts, "...\n", n > 200 ? 4 : 0);
			add(&alerts, "\n", n > 200 ? 0 : 1);
		}
		if (a[0] == '=')
			want[i].len = 0;
		if (a[0] == '=')
			add(want + i, s, seen);
		while (a[0] == '=' && want[i].len < EXAMINED + 1)
			add(want + i, "\n", 1);
		if (a[0] == '.') {
			add(want + i, s, n);
			add(want + i, "\n", 1);
		}
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

static void
run(char *program, size_t from, size_t to)
{
	int p[2], status;
	pid_t pid;

	if (pipe(p) == -1)
		fail("pipe", "");
	pid = fork();
	if (!pid) {
		char *argv[STEPS + 2] = {program};
		int err = open("err", O_WRONLY | O_CREAT | O_APPEND, 0644);

		memcpy(argv + 1, script, sizeof script);
		dup2(p[0], 0);
		dup2(err, 2);
		close(p[0]);
		close(p[1]);
		close(err);
		execv(program, argv);
		_exit(127);
	}
	close(p[0]);
	feed(p[1], from, to);
	close(p[1]);
	if (waitpid(pid, &status, 0) != pid || status)
		fail("exit of", program);
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

		if (n != 25 && n != 30)
			fail("stamp", last);
		if (n >= sizeof last || strncmp(t.s + i, last, n) < !classic)
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

static void
check(void)
{
	for (size_t i = 0; i < steps; i++) {
		if (script[i][0] == '=' && want[i].len)
			compare(slurp(script[i] + 1), want[i], script[i]);
		if (script[i][0] != '.')
			continue;
		compare(stamped ? unstamp(slurp_log(script[i]))
				: slurp_log(script[i]),
		    want[i], script[i]);
	}
	if (!stamped && alerts.len)
		compare(slurp("err"), alerts, "standard error");
}

int
main(int argc, char **argv)
{
	size_t third;

	if (argc < 3)
		return 100;
	classic = argc > 3;
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
