/*
 * The table of svstat -l, for people: an aligned row for each service.  Pure:
 * the caller passes the time.
 */
#ifndef SVSTAT_LISTING_H
#define SVSTAT_LISTING_H

#include <stddef.h>

#include "svstat/text.h"
#include "svstat/view.h"

enum { TABLE_COLUMNS = 7 };

struct listing {
	struct text cells; /* row by row, each ending in a NUL */
	size_t widths[TABLE_COLUMNS];
};

/* Start a table with its head. */
void listing_begin(struct listing *listing);

/* Add a row. */
void listing_add(struct listing *listing, struct view const *view, time_t now);

/* Append the lines, now that all widths are known. */
void listing_put(struct text *text, struct listing const *listing);

#endif
