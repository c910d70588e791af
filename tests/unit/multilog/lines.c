/*
 * What is read and what it becomes: bounds that hold whatever the input is, and
 * the time of a line whose bytes do not come together.
 */
#include "multilog/lines.h"

#include "multilog/select.h"
#include "tests/unit/unit.h"

#define CAP 70000

static char in[CAP + 1], text[4 * CAP], prefix[20001];

static struct lines
lines_with(size_t prefix_len, bool stamped)
{
	struct lines l = {.in = in, .cap = CAP};

	memset(prefix, 'p', sizeof prefix - 1);
	if (!prefix_len && !stamped)
		return l;
	l.text = text;
	l.text_cap = sizeof text;
	l.script.prefix = prefix;
	l.script.prefix_len = prefix_len;
	if (stamped)
		stamp_set(&l.stamp, 't', (tain){{STAMP_EPOCH}, 0});
	l.head = l.stamp.len + prefix_len;
	return l;
}

/* However long a prefix is: TERM must be answered soon. */
static void
test_one_read_is_bounded(void)
{
	static size_t const lengths[] = {0, 1, 5, 38, 900, 20000};

	for (size_t i = 0; i < 2 * sizeof lengths / sizeof *lengths; i++) {
		struct lines l = lines_with(lengths[i / 2], i % 2);
		size_t n = lines_room(&l);

		CHECK(n > 0 && n <= CAP);
		CHECK(lines_become(&l, n) <= 2 << 20);
		/* Usual lines are read as much as fits. */
		CHECK(lengths[i / 2] > 1 || n == CAP);
	}
	unit_done("multilog/lines: what one read becomes is bounded");
}

static void
test_fit(void)
{
	for (size_t len = 0; len < 100; len++) {
		struct lines l = lines_with(len, len % 2);

		l.end = len * 7;
		for (size_t room = 0; room < 5000; room += 13) {
			size_t n = lines_fit(&l, room);

			CHECK(!n || lines_become(&l, n) <= room);
			CHECK(lines_become(&l, n + 1) > room);
		}
	}
	unit_done("multilog/lines: as much is read as fits");
}

static void
take_at(struct lines *l, char const *bytes, uint64_t sec)
{
	lines_room(l);
	memcpy(l->in + l->end, bytes, strlen(bytes));
	lines_add(l, strlen(bytes), (tain){{STAMP_EPOCH + sec}, 0});
}

/* What has been given, with the last digit of the seconds and that of the
   nanoseconds in place of the stamp. */
static void
check_given(struct lines *l, struct spool *s, char const *want)
{
	char got[200] = "";
	char *to = got;

	lines_give(l);
	for (size_t i = 0; i < s->left; i++) {
		if (s->next[i] == '@') {
			*to++ = s->next[i + 16];
			*to++ = s->next[i + 24];
			i += 24;
			continue;
		}
		*to++ = s->next[i];
	}
	s->left = 0;
	CHECK_STR(got, want);
}

/* However its bytes come: the time of the first one, and never less than that
   of the line before. */
static void
test_stamp_is_of_the_first_byte(void)
{
	static char line[SELECT_EXAMINED + 1];
	struct spool s = {0};
	struct script_step step = {.op = SCRIPT_DIR, .took = true, .spool = &s};
	struct lines l = lines_with(0, true);

	l.script.step = &step;
	l.script.steps = 1;
	take_at(&l, "a\nb\nc", 1); /* the epoch is a second of 10, or a */
	check_given(&l, &s, "b0 a\nb1 b\n");
	take_at(&l, "c", 2);
	check_given(&l, &s, "");
	take_at(&l, "c\nd\ne\n", 3);
	check_given(&l, &s, "b2 ccc\nd0 d\nd1 e\n");
	take_at(&l, "f\n", 3); /* no two lines have the same */
	check_given(&l, &s, "d2 f\n");
	take_at(&l, "g\n", 2); /* back, but not for good */
	check_given(&l, &s, "d3 g\n");
	memset(line, 'x', sizeof line - 1);
	take_at(&l, line, 4);
	lines_give(&l);
	s.left = 0;
	take_at(&l, "x\nh\n", 5); /* after what has been given in part */
	check_given(&l, &s, "x\nf0 h\n");
	take_at(&l, "i\n", 1); /* the clock was set back */
	check_given(&l, &s, "b0 i\n");
	unit_done("multilog/lines: a stamp is the time of the first byte");
}

int
main(void)
{
	test_one_read_is_bounded();
	test_fit();
	test_stamp_is_of_the_first_byte();
	return unit_exit();
}
