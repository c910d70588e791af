/*
 * Facts about a service one by one: the fields of svstat -o and -j.  Pure: the
 * caller passes the time.
 */
#ifndef SVSTAT_FIELDS_H
#define SVSTAT_FIELDS_H

#include <stddef.h>

#include "svstat/text.h"
#include "svstat/view.h"

enum { FIELDS_MAX = 64 };

/* A choice of fields, as indexes into the table. */
struct fields {
	unsigned char index[FIELDS_MAX];
	size_t len;
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

/* Append the value of one field for a terminal; nothing if unknown. */
void fields_put(
    struct text *text, char const *name, struct view const *view, time_t now);

#endif
