/*
 * scan.c: examples of each rule, and a thousand random directories against the
 * plain quadratic way to say the same.
 */
#include "svscan/scan.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#define MANY 40

static struct scan_entry
directory(char const *name, unsigned long ino)
{
	struct scan_entry e = {.id = {1, ino}, .name = name};

	return e;
}

static struct scan_entry
trouble(char const *name, enum scan_kind kind, int error)
{
	struct scan_entry e = {.name = name, .kind = kind, .error = error};

	return e;
}

static struct scan_known
known(char const *name, unsigned long ino, size_t service)
{
	struct scan_known k = {
	    .id = {1, ino}, .name = name, .service = service};

	return k;
}

static void
test_new_and_gone(void)
{
	struct scan_entry e[] = {directory("b", 2), directory("a", 1)};
	struct scan_known k[] = {known("c", 3, 7), known("a", 1, 8)};

	scan_match(e, 2, k, 2);
	CHECK_STR(e[0].name, "a");
	CHECK(e[0].verdict == SCAN_KNOWN);
	CHECK(e[1].verdict == SCAN_NEW);
	CHECK(k[0].fate == SCAN_SEEN && k[0].entry == 0 && k[0].service == 8);
	CHECK(k[1].fate == SCAN_GONE && k[1].service == 7);
	unit_done("scan: new, known, gone");
}

static void
test_nothing(void)
{
	struct scan_entry e[] = {directory("a", 1)};
	struct scan_known k[] = {known("a", 1, 0)};

	scan_match(NULL, 0, NULL, 0);
	scan_match(e, 1, NULL, 0);
	CHECK(e[0].verdict == SCAN_NEW);
	scan_match(NULL, 0, k, 1);
	CHECK(k[0].fate == SCAN_GONE);
	CHECK(!scan_is_news(e, NULL, 0));
	e[0].error = 13;
	CHECK(scan_is_news(e, NULL, 0));
	e[0].kind = SCAN_UNCLEAR;
	CHECK(scan_is_news(e, NULL, 0));
	unit_done("scan: empty directory, empty table");
}

static void
test_names(void)
{
	struct scan_entry e[] = {
	    directory("c", 1), directory("b", 1), directory("a", 1)};
	struct scan_known k[] = {known("b", 1, 0)};

	scan_match(e, 3, k, 1);
	CHECK(k[0].fate == SCAN_SEEN);
	CHECK_STR(e[k[0].entry].name, "b");
	k[0].name = "gone";
	scan_match(e, 3, k, 1);
	CHECK_STR(e[k[0].entry].name, "a");
	CHECK(e[1].verdict == SCAN_IGNORE && e[2].verdict == SCAN_IGNORE);
	scan_match(e, 3, NULL, 0);
	CHECK_STR(e[0].name, "a");
	CHECK(e[0].verdict == SCAN_NEW);
	CHECK(e[1].verdict == SCAN_IGNORE && e[2].verdict == SCAN_IGNORE);
	unit_done("scan: several names, one service");
}

static void
test_identity_is_wide(void)
{
	struct scan_entry e[] = {directory("a", 1), directory("b", 1)};
	struct scan_known k[] = {known("a", 1, 0)};

	e[1].id.ino = (ino_t)(UINT64_C(1) << 32 | 1);
	scan_match(e, 2, k, 1);
	CHECK(e[0].verdict == SCAN_KNOWN);
	CHECK(e[1].verdict == SCAN_NEW);
	e[1] = directory("b", 1);
	e[1].id.dev = (dev_t)(UINT64_C(1) << 32 | 1);
	scan_match(e, 2, k, 1);
	CHECK(e[0].verdict == SCAN_KNOWN);
	CHECK(e[1].verdict == SCAN_NEW);
	unit_done("scan: all bits of device and inode count");
}

static void
test_trouble(void)
{
	struct scan_entry e[] = {
	    trouble("absent", SCAN_ABSENT, 2),
	    trouble("unclear", SCAN_UNCLEAR, 13),
	    directory("d", 9),
	};
	struct scan_known k[] = {known("absent", 1, 0), known("unclear", 2, 1),
	    known("other", 3, 2)};

	scan_match(e, 3, k, 3);
	CHECK(k[0].fate == SCAN_GONE);
	CHECK(k[1].fate == SCAN_UNTOUCHED);
	CHECK(k[2].fate == SCAN_GONE);
	CHECK(e[0].verdict == SCAN_NEW);
	CHECK(e[1].verdict == SCAN_IGNORE && e[2].verdict == SCAN_IGNORE);
	unit_done("scan: a name that cannot be looked at changes nothing");
}

static void
test_news(void)
{
	struct scan_entry before[] = {directory("a", 1), directory("b", 2),
	    trouble("x", SCAN_ABSENT, 2), trouble("y", SCAN_UNCLEAR, 13)};
	struct scan_entry e = trouble("x", SCAN_ABSENT, 2);

	before[1].error = 13;
	before[1].log = SCAN_LOG_UNCLEAR;
	scan_match(before, 4, NULL, 0);
	CHECK(!scan_is_news(&e, before, 4));
	e.error = 40;
	CHECK(scan_is_news(&e, before, 4));
	e.name = "z";
	CHECK(scan_is_news(&e, before, 4));
	e = directory("b", 2);
	CHECK(!scan_is_news(&e, before, 4));
	e.error = 13;
	CHECK(!scan_is_news(&e, before, 4));
	e.error = 5;
	CHECK(scan_is_news(&e, before, 4));
	e = directory("a", 1);
	e.error = 13;
	CHECK(scan_is_news(&e, before, 4));
	unit_done("scan: what was said is not said again");
}

static char const *
name_of(unsigned int n)
{
	static char names[MANY][4];

	snprintf(names[n], sizeof names[n], "%c%c", (char)('a' + n % 7),
	    (char)('a' + n / 7));
	return names[n];
}

static void
check_one(struct scan_entry const *e, size_t n, struct scan_known const *k)
{
	bool seen = false, unclear = false, same_name = false;

	for (size_t i = 0; i < n; i++) {
		bool dir = e[i].kind == SCAN_DIRECTORY;
		bool name = strcmp(e[i].name, k->name) == 0;
		if (dir && e[i].id.ino == k->id.ino) {
			seen = true;
			same_name |= name;
		}
		unclear |= e[i].kind == SCAN_UNCLEAR && name;
	}
	CHECK((k->fate == SCAN_SEEN) == seen);
	CHECK((k->fate == SCAN_UNTOUCHED) == (!seen && unclear));
	if (!seen)
		return;
	CHECK(e[k->entry].id.ino == k->id.ino);
	CHECK(e[k->entry].verdict == SCAN_KNOWN);
	CHECK(!same_name || strcmp(e[k->entry].name, k->name) == 0);
}

static void
check_news(
    struct scan_entry const *e, size_t n, struct scan_known const *k, size_t m)
{
	for (size_t i = 0; i < n; i++) {
		unsigned int taken = 0;
		bool is_known = false;
		if (e[i].kind != SCAN_DIRECTORY) {
			CHECK(e[i].verdict == SCAN_IGNORE);
			continue;
		}
		for (size_t j = 0; j < n; j++)
			taken += e[j].kind == SCAN_DIRECTORY &&
				 e[j].id.ino == e[i].id.ino &&
				 e[j].verdict != SCAN_IGNORE;
		for (size_t j = 0; j < m; j++)
			is_known |= k[j].id.ino == e[i].id.ino;
		CHECK(taken == 1);
		CHECK(e[i].verdict == SCAN_IGNORE ||
		      (e[i].verdict == SCAN_KNOWN) == is_known);
	}
}

static void
test_random(void)
{
	struct scan_entry e[MANY];
	struct scan_known k[MANY];
	size_t n, m;

	srand(1);
	for (int round = 0; round < 1000; round++) {
		n = m = 0;
		for (unsigned int i = 0; i < MANY; i++) {
			unsigned long ino = 1 + (unsigned long)(rand() % 30);
			int what = rand() % 6;
			if (what == 0)
				e[n++] = trouble(name_of(i), SCAN_UNCLEAR, 13);
			else if (what == 1)
				e[n++] = trouble(name_of(i), SCAN_ABSENT, 2);
			else if (what < 5)
				e[n++] = directory(name_of(i), ino);
		}
		/* No two services are one directory. */
		for (unsigned int i = 0; i < 30; i++)
			if (rand() % 2)
				k[m++] =
				    known(name_of((unsigned int)rand() % MANY),
					1 + (i * 7) % 30, i);
		scan_match(e, n, k, m);
		for (size_t i = 0; i < m; i++)
			check_one(e, n, &k[i]);
		check_news(e, n, k, m);
	}
	unit_done("scan: a thousand random directories");
}

int
main(void)
{
	test_new_and_gone();
	test_nothing();
	test_names();
	test_identity_is_wide();
	test_trouble();
	test_news();
	test_random();
	return unit_exit();
}
