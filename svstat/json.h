/* Strings and numbers as JSON wants them.  Pure. */
#ifndef SVSTAT_JSON_H
#define SVSTAT_JSON_H

#include <skalibs/stralloc.h>

/*
 * Append a text as a JSON string, quotes included; bytes that are not UTF-8
 * become U+FFFD.  0; -1 ENOMEM.
 */
int json_string(stralloc *out, char const *text);

/*
 * Append a decimal number as it is; any other text as a string.  0; -1 ENOMEM.
 */
int json_number(stralloc *out, char const *text);

#endif
