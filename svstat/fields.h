/*
 * Facts about a service one by one: the fields of svstat -o and -j, and the
 * table of -l.  Pure: the caller passes the time.
 */
#ifndef SVSTAT_FIELDS_H
#define SVSTAT_FIELDS_H

#include <stddef.h>

#include "svstat/text.h"
#include "svstat/view.h"

enum { FIELDS_MAX = 64, FIELDS_COLUMNS = 7 };

/* A choice of fields, as indexes into the table. */
struct fields {
	unsigned char index[FIELDS_MAX];
	size_t len;
};

/* The rows of -l; all zero if there is none. */
struct listing {
	struct text cells; /* row by row, each ending in a NUL */
	size_t widths[FIELDS_COLUMNS];
};

/*
 * Names separated by commas.  0; -1 if one is wrong or there are too many.
 */
int fields_parse(struct fields *fields, char const *list);

/*
 * Append the values, separated by blanks, and a newline.  If unknown, a number
 * is -1, a word NA, and a text empty.
 */
void fields_columns(struct text *text, struct fields const *fields,
    struct view const *view, time_t now);

/*
 * Append a JSON object of all fields except s6's other names, and a newline.
 * What is unknown is null.
 */
void fields_json(struct text *text, struct view const *view, time_t now);

/* Add a row for people; the head if view is null. */
void fields_row(struct listing *listing, struct view const *view, time_t now);

/* Append the aligned rows, now that all widths are known. */
void fields_table(struct text *text, struct listing const *listing);

#endif
