/*
 * What is read and what it becomes: bounds that hold whatever the input is.
 */
#include "multilog/lines.h"

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
	l.prefix = prefix;
	l.prefix_len = prefix_len;
	if (stamped)
		stamp_set(&l.stamp, 't', (struct stamp){STAMP_EPOCH, 0});
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

int
main(void)
{
	test_one_read_is_bounded();
	test_fit();
	return unit_exit();
}
