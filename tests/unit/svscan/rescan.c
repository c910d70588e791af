/*
 * rescan.c: examples of each rule, and a thousand random directories against
 * the plain quadratic way to say the same.
 */
#include "svscan/rescan.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#define MANY 40

static struct rescan_entry
directory(char const *name, unsigned long ino)
{
	struct rescan_entry e = {.id = {1, ino}, .name = name};

	return e;
}

static struct rescan_entry
trouble(char const *name, enum rescan_kind kind, int error)
{
	struct rescan_entry e = {.name = name, .kind = kind, .error = error};

	return e;
}

static struct rescan_known
known(char const *name, unsigned long ino, size_t service)
{
	struct rescan_known k = {
	    .id = {1, ino}, .name = name, .service = service};

	return k;
}

static void
test_new_and_gone(void)
{
	struct rescan_entry e[] = {directory("b", 2), directory("a", 1)};
	struct rescan_known k[] = {known("c", 3, 7), known("a", 1, 8)};

	rescan_match(e, 2, k, 2);
	CHECK_STR(e[0].name, "a");
	CHECK(e[0].verdict == RESCAN_KNOWN);
	CHECK(e[1].verdict == RESCAN_NEW);
	CHECK(k[0].fate == RESCAN_SEEN && k[0].entry == 0 && k[0].service == 8);
	CHECK(k[1].fate == RESCAN_GONE && k[1].service == 7);
	unit_done("rescan: new, known, gone");
}

static void
test_nothing(void)
{
	struct rescan_entry e[] = {directory("a", 1)};
	struct rescan_known k[] = {known("a", 1, 0)};

	rescan_match(NULL, 0, NULL, 0);
	rescan_match(e, 1, NULL, 0);
	CHECK(e[0].verdict == RESCAN_NEW);
	rescan_match(NULL, 0, k, 1);
	CHECK(k[0].fate == RESCAN_GONE);
	CHECK(!rescan_is_news(e, NULL, 0));
	e[0].error = 13;
	CHECK(rescan_is_news(e, NULL, 0));
	e[0].kind = RESCAN_UNCLEAR;
	CHECK(rescan_is_news(e, NULL, 0));
	unit_done("rescan: empty directory, empty table");
}

static void
test_names(void)
{
	struct rescan_entry e[] = {
	    directory("c", 1), directory("b", 1), directory("a", 1)};
	struct rescan_known k[] = {known("b", 1, 0)};

	rescan_match(e, 3, k, 1);
	CHECK(k[0].fate == RESCAN_SEEN);
	CHECK_STR(e[k[0].entry].name, "b");
	k[0].name = "gone";
	rescan_match(e, 3, k, 1);
	CHECK_STR(e[k[0].entry].name, "a");
	CHECK(e[1].verdict == RESCAN_IGNORE && e[2].verdict == RESCAN_IGNORE);
	rescan_match(e, 3, NULL, 0);
	CHECK_STR(e[0].name, "a");
	CHECK(e[0].verdict == RESCAN_NEW);
	CHECK(e[1].verdict == RESCAN_IGNORE && e[2].verdict == RESCAN_IGNORE);
	unit_done("rescan: several names, one service");
}

static void
test_identity_is_wide(void)
{
	struct rescan_entry e[] = {directory("a", 1), directory("b", 1)};
	struct rescan_known k[] = {known("a", 1, 0)};

	e[1].id.ino = (ino_t)(UINT64_C(1) << 32 | 1);
	rescan_match(e, 2, k, 1);
	CHECK(e[0].verdict == RESCAN_KNOWN);
	CHECK(e[1].verdict == RESCAN_NEW);
	e[1] = directory("b", 1);
	e[1].id.dev = (dev_t)(UINT64_C(1) << 32 | 1);
	rescan_match(e, 2, k, 1);
	CHECK(e[0].verdict == RESCAN_KNOWN);
	CHECK(e[1].verdict == RESCAN_NEW);
	unit_done("rescan: all bits of device and inode count");
}

static void
test_trouble(void)
{
	struct rescan_entry e[] = {
	    trouble("absent", RESCAN_ABSENT, 2),
	    trouble("unclear", RESCAN_UNCLEAR, 13),
	    directory("d", 9),
	};
	struct rescan_known k[] = {known("absent", 1, 0),
	    known("unclear", 2, 1), known("other", 3, 2)};

	rescan_match(e, 3, k, 3);
	CHECK(k[0].fate == RESCAN_GONE);
	CHECK(k[1].fate == RESCAN_UNTOUCHED);
	CHECK(k[2].fate == RESCAN_GONE);
	CHECK(e[0].verdict == RESCAN_NEW);
	CHECK(e[1].verdict == RESCAN_IGNORE && e[2].verdict == RESCAN_IGNORE);
	unit_done("rescan: a name that cannot be looked at changes nothing");
}

static void
test_news(void)
{
	struct rescan_entry before[] = {directory("a", 1), directory("b", 2),
	    trouble("x", RESCAN_ABSENT, 2), trouble("y", RESCAN_UNCLEAR, 13)};
	struct rescan_entry e = trouble("x", RESCAN_ABSENT, 2);

	before[1].error = 13;
	rescan_match(before, 4, NULL, 0);
	CHECK(!rescan_is_news(&e, before, 4));
	e.error = 40;
	CHECK(rescan_is_news(&e, before, 4));
	e.name = "z";
	CHECK(rescan_is_news(&e, before, 4));
	e = directory("b", 2);
	CHECK(!rescan_is_news(&e, before, 4));
	e.error = 13;
	CHECK(!rescan_is_news(&e, before, 4));
	e.error = 5;
	CHECK(rescan_is_news(&e, before, 4));
	e = directory("a", 1);
	e.error = 13;
	CHECK(rescan_is_news(&e, before, 4));
	unit_done("rescan: what was said is not said again");
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
check_one(struct rescan_entry const *e, size_t n, struct rescan_known const *k)
{
	bool seen = false, unclear = false, same_name = false;

	for (size_t i = 0; i < n; i++) {
		bool dir = e[i].kind == RESCAN_DIRECTORY;
		bool name = strcmp(e[i].name, k->name) == 0;
		if (dir && e[i].id.ino == k->id.ino) {
			seen = true;
			same_name |= name;
		}
		unclear |= e[i].kind == RESCAN_UNCLEAR && name;
	}
	CHECK((k->fate == RESCAN_SEEN) == seen);
	CHECK((k->fate == RESCAN_UNTOUCHED) == (!seen && unclear));
	if (!seen)
		return;
	CHECK(e[k->entry].id.ino == k->id.ino);
	CHECK(e[k->entry].verdict == RESCAN_KNOWN);
	CHECK(!same_name || strcmp(e[k->entry].name, k->name) == 0);
}

static void
check_news(struct rescan_entry const *e, size_t n, struct rescan_known const *k,
    size_t m)
{
	for (size_t i = 0; i < n; i++) {
		unsigned int taken = 0;
		bool is_known = false;
		if (e[i].kind != RESCAN_DIRECTORY) {
			CHECK(e[i].verdict == RESCAN_IGNORE);
			continue;
		}
		for (size_t j = 0; j < n; j++)
			taken += e[j].kind == RESCAN_DIRECTORY &&
				 e[j].id.ino == e[i].id.ino &&
				 e[j].verdict != RESCAN_IGNORE;
		for (size_t j = 0; j < m; j++)
			is_known |= k[j].id.ino == e[i].id.ino;
		CHECK(taken == 1);
		CHECK(e[i].verdict == RESCAN_IGNORE ||
		      (e[i].verdict == RESCAN_KNOWN) == is_known);
	}
}

static void
test_random(void)
{
	struct rescan_entry e[MANY];
	struct rescan_known k[MANY];
	size_t n, m;

	srand(1);
	for (int round = 0; round < 1000; round++) {
		n = m = 0;
		for (unsigned int i = 0; i < MANY; i++) {
			unsigned long ino = 1 + (unsigned long)(rand() % 30);
			int what = rand() % 6;
			if (what == 0)
				e[n++] =
				    trouble(name_of(i), RESCAN_UNCLEAR, 13);
			else if (what == 1)
				e[n++] = trouble(name_of(i), RESCAN_ABSENT, 2);
			else if (what < 5)
				e[n++] = directory(name_of(i), ino);
		}
		/* No two services are one directory. */
		for (unsigned int i = 0; i < 30; i++)
			if (rand() % 2)
				k[m++] =
				    known(name_of((unsigned int)rand() % MANY),
					1 + (i * 7) % 30, i);
		rescan_match(e, n, k, m);
		for (size_t i = 0; i < m; i++)
			check_one(e, n, &k[i]);
		check_news(e, n, k, m);
	}
	unit_done("rescan: a thousand random directories");
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
