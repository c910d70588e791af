/*
 * A text that is put together piece by piece, fit for a terminal or for JSON.
 * Pure.
 */
#ifndef SVSTAT_TEXT_H
#define SVSTAT_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

struct text {
	stralloc bytes;
	bool failed; /* there was no memory for all of it */
};

#define TEXT_ZERO ((struct text){.bytes = STRALLOC_ZERO})

/* As it is. */
void text_put(struct text *text, char const *s);
void text_number(struct text *text, uint64_t number);

/* With "?" for what a terminal may take for a command: control characters, C1
 * and those in UTF-8 too, and bytes that are not UTF-8. */
void text_plain(struct text *text, char const *s);

/* As a JSON string, quotes included; bytes that are not UTF-8 become U+FFFD. */
void text_json(struct text *text, char const *s);

#endif
