/*
 * table.c: many services come and go, against plain arrays.
 */
#include "svscan/table.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/unit.h"

#define MANY 300

static struct table table;
static struct entry *all[MANY];

/* The list has so many, and each leads to the next. */
static void
check_list(unsigned int len)
{
	struct entry **link = &table.first;

	while (*link && len > 0) {
		CHECK((*link)->link == link);
		link = &(*link)->next;
		len--;
	}
	CHECK(!*link && len == 0);
}

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
	check_list(MANY);
}

static void
test_found(void)
{
	struct identity other = {2, 1};

	for (unsigned int i = 0; i < MANY; i++) {
		struct identity id = {1, 1 + i};

		CHECK(table_find(&table, KIND_LOGGER, &id) ==
		      (i % 2 ? all[i] : NULL));
		all[i]->pid = (pid_t)(1 + i);
	}
	CHECK(!table_find(&table, KIND_LOGGER, &other));
	for (unsigned int i = 0; i < MANY; i++) {
		pid_t pid = (pid_t)(1 + i);

		CHECK(table_child(&table, pid) == all[i]);
		all[i]->pid = 0;
		CHECK(!table_child(&table, pid));
	}
	unit_done("table: by identity and pid");
}

static void
test_remove(void)
{
	srand(1);
	for (unsigned int left = MANY; left > 0; left--) {
		unsigned int i = (unsigned int)rand() % left;
		struct identity id = all[i]->id;

		table_remove(&table, all[i]);
		CHECK(!table_find(&table, KIND_LOGGER, &id));
		all[i] = all[left - 1];
		check_list(left - 1);
	}
	unit_done("table: any of them may go");
}

static void
test_identity_is_wide(void)
{
	struct identity id = {7, 1};
	struct identity wide_ino = {7, (ino_t)(UINT64_C(1) << 32 | 1)};
	struct identity wide_dev = {(dev_t)(UINT64_C(1) << 32 | 7), 1};
	struct entry *s = table_add(&table, KIND_SERVICE, &id, "a");

	CHECK(table_find(&table, KIND_SERVICE, &id) == s);
	CHECK(!table_find(&table, KIND_LOGGER, &id));
	CHECK(!table_find(&table, KIND_SERVICE, &wide_ino));
	CHECK(!table_find(&table, KIND_SERVICE, &wide_dev));
	table_remove(&table, s);
	check_list(0);
	unit_done("table: all bits of device and inode count");
}

int
main(void)
{
	test_identity_is_wide();
	fill();
	test_found();
	test_remove();
	return unit_exit();
}
