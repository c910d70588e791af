/*
 * A text that grows piece by piece, escaped for a terminal or for JSON.  Pure.
 */
#ifndef SVSTAT_TEXT_H
#define SVSTAT_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

struct text {
	stralloc bytes;
	bool failed; /* out of memory; some of it is missing */
};

#define TEXT_ZERO ((struct text){.bytes = STRALLOC_ZERO})

/* Append a string as it is, a number. */
void text_put(struct text *text, char const *s);
void text_number(struct text *text, uint64_t number);

/* Append a string with "?" for every control character, C1 included, and for
 * every byte that is not UTF-8. */
void text_plain(struct text *text, char const *s);

/* Append a JSON string in quotes; bytes that are not UTF-8 become U+FFFD. */
void text_json(struct text *text, char const *s);

#endif
