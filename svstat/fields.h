/*
 * The facts about a service one by one, for programs: the fields of svstat -o,
 * all of which make the object of svstat -j.  Pure, as report is.
 */
#ifndef SVSTAT_FIELDS_H
#define SVSTAT_FIELDS_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#include "svstat/view.h"

enum { FIELDS_MAX = 64 };

/* A choice of fields, as indexes of the table. */
struct fields {
	unsigned char index[FIELDS_MAX];
	size_t len;
};

/* The name of the field with this index; null behind the last. */
char const *fields_name(size_t index);

/*
 * Names separated by commas.  0; -1 if one is wrong or there are too many.
 */
int fields_parse(struct fields *fields, char const *list);

/*
 * Append the values, separated by blanks, and a newline.  What is not known is
 * -1, or NA for a word, or nothing for a text.  0; -1 ENOMEM.
 */
int fields_columns(stralloc *out, struct fields const *fields,
    struct view const *view, time_t now);

/*
 * Append a JSON object of all fields, and a newline; what is not known is null.
 * 0; -1 ENOMEM.
 */
int fields_json(stralloc *out, struct view const *view, time_t now);

#endif
