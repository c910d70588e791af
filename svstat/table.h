/*
 * The table of svstat -l, for people: an aligned row for each service.  Pure:
 * the caller passes the time.
 */
#ifndef SVSTAT_TABLE_H
#define SVSTAT_TABLE_H

#include <stddef.h>

#include "svstat/text.h"
#include "svstat/view.h"

enum { TABLE_COLUMNS = 7 };

struct table {
	struct text cells; /* row by row, each ending in a NUL */
	size_t widths[TABLE_COLUMNS];
};

/* Start a table with its head. */
void table_begin(struct table *table);

/* Add a row. */
void table_add(struct table *table, struct view const *view, time_t now);

/* Append the lines, now that all widths are known. */
void table_put(struct text *text, struct table const *table);

#endif
