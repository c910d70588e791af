#ifndef MULTILOG_STAMP_H
#define MULTILOG_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/tai.h>

/* The second 1970-01-01 00:00:00 UTC in a label of daemontools. */
#define STAMP_EPOCH (UINT64_C(0x4000000000000000) + 10)

#define STAMP_LABEL TIMESTAMP /* '@' and 24 hexadecimal digits */
#define STAMP_MAX   40	      /* longest text of a stamp */

/* A moment is a tain whose seconds are counted as in daemontools' labels. */

/* A stamp ready to be put before a line, its final space included. */
struct stamp_text {
	char letter; /* t: a label, d: UTC, D: local time; 0: none */
	tain at;
	size_t len;
	char text[STAMP_MAX];
};

/* The time of day. */
tain stamp_now(void);

/* Moves on by a nanosecond. */
void stamp_after(tain *at);

/* Reads the label at the start of a name, '@' and 24 hexadecimal digits, lower
   case; false if there is none. */
bool stamp_scan(char const *name, tain *at);

/* Makes the text for a moment. */
void stamp_set(struct stamp_text *t, char letter, tain at);

/* Moves the text on by a nanosecond, in place: two lines never have the same
 * stamp. */
void stamp_next(struct stamp_text *t);

#endif
