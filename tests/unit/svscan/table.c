/*
 * table.c: many services come, go, and fall due, against plain arrays.
 */
#include "svscan/table.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/unit.h"

#define MANY 300

static struct table table;
static struct entry *all[MANY];

static void
fill(void)
{
	char name[8];

	for (unsigned int i = 0; i < MANY; i++) {
		struct identity id = {1, 1 + i};

		snprintf(name, sizeof name, "s%u", i);
		all[i] = table_add(
		    &table, i % 2 ? KIND_LOGGER : KIND_SERVICE, &id, name);
		CHECK(all[i] != NULL);
	}
	CHECK(table_len(&table) == MANY);
}

static void
test_found(void)
{
	struct identity other = {2, 1};

	for (unsigned int i = 0; i < MANY; i++) {
		struct identity id = {1, 1 + i};

		CHECK(table_find(&table, KIND_LOGGER, &id) ==
		      (i % 2 ? all[i] : NULL));
		CHECK(table_get(&table, all[i]->number) == all[i]);
		/* all in the same few chains */
		table_started(
		    &table, all[i], (pid_t)(1 + i % 3 + i / 3 * TABLE_CHAINS));
	}
	CHECK(!table_find(&table, KIND_LOGGER, &other));
	for (unsigned int i = 0; i < MANY; i++) {
		pid_t pid = (pid_t)(1 + i % 3 + i / 3 * TABLE_CHAINS);

		CHECK(table_ended(&table, pid) == all[i]);
		CHECK(all[i]->pid == 0);
		CHECK(!table_ended(&table, pid));
	}
	unit_done("table: by number, identity and pid");
}

static void
test_agenda(void)
{
	tain now, next;
	unsigned int due = 0;

	tain_now_set_stopwatch_g();
	now = STAMP;
	for (unsigned int i = 0; i < MANY; i++) {
		tain later = now;

		later.sec.x += (uint64_t)(i % 5 + 1);
		table_at(&table, all[i], &later);
		/* forward, not back */
		if (i % 3 == 0)
			table_at(&table, all[i], &now);
		later.sec.x += 10;
		table_at(&table, all[i], &later);
	}
	next = tain_infinite;
	table_next(&table, &next);
	CHECK(next.sec.x == now.sec.x);
	/* as they came */
	for (unsigned int i = 0; i < MANY; i += 3, due++)
		CHECK(table_due(&table) == all[i]);
	CHECK(!table_due(&table));
	next = tain_infinite;
	table_next(&table, &next);
	CHECK(next.sec.x == now.sec.x + 1);
	STAMP.sec.x += 5;
	while (table_due(&table))
		due++;
	CHECK(due == MANY);
	next = tain_infinite;
	table_next(&table, &next);
	CHECK(next.sec.x == tain_infinite.sec.x);
	unit_done("table: what is due, and when");
}

static void
test_remove(void)
{
	srand(1);
	for (unsigned int left = MANY; left > 0; left--) {
		unsigned int i = (unsigned int)rand() % left;
		struct identity id = all[i]->id;

		if (rand() % 2)
			table_at(&table, all[i], &STAMP);
		table_remove(&table, all[i]);
		CHECK(!table_find(&table, KIND_LOGGER, &id));
		all[i] = all[left - 1];
		CHECK(table_len(&table) == left - 1);
		for (unsigned int j = 0; j < left - 1; j++)
			CHECK(table_get(&table, all[j]->number) == all[j]);
	}
	CHECK(!table_due(&table));
	unit_done("table: any of them may go");
}

static struct entry *
saw(unsigned long ino, char const *name, unsigned int scan)
{
	struct identity id = {7, ino};

	return table_saw(&table, &id, name, scan);
}

/* Of several names for one directory. */
static void
test_names(void)
{
	struct entry *s = saw(1, "m", 1);

	CHECK(s && saw(1, "k", 1) == s && saw(1, "l", 1) == s);
	CHECK_STR(table_settle_name(s), "k");
	CHECK(saw(2, "other", 1) != s);
	/* the one that it has is kept, wherever it stands */
	CHECK(saw(1, "a", 2) == s && saw(1, "m", 2) == s);
	CHECK(saw(1, "b", 2) == s);
	CHECK_STR(table_settle_name(s), "m");
	free(s->other);
	s->other = NULL;
	/* until it is gone */
	CHECK(saw(1, "z", 3) == s && saw(1, "y", 3) == s);
	CHECK_STR(table_settle_name(s), "y");
	CHECK(s->scan == 3);
	table_remove(&table, s);
	table_remove(&table, saw(2, "other", 3));
	unit_done("table: several names, one service");
}

static void
test_identity_is_wide(void)
{
	struct identity id = {7, (ino_t)(UINT64_C(1) << 32 | 1)};
	struct entry *s = saw(1, "a", 1), *other;

	other = table_saw(&table, &id, "b", 1);
	CHECK(other && other != s);
	table_remove(&table, other);
	id = (struct identity){(dev_t)(UINT64_C(1) << 32 | 7), 1};
	other = table_saw(&table, &id, "c", 1);
	CHECK(other && other != s);
	table_remove(&table, other);
	table_remove(&table, s);
	CHECK(table_len(&table) == 0);
	unit_done("table: all bits of device and inode count");
}

int
main(void)
{
	test_names();
	test_identity_is_wide();
	fill();
	test_found();
	test_agenda();
	test_remove();
	return unit_exit();
}
