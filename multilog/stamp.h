#ifndef MULTILOG_STAMP_H
#define MULTILOG_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The second 1970-01-01 00:00:00 UTC in a label of daemontools. */
#define STAMP_EPOCH (UINT64_C(0x4000000000000000) + 10)

#define STAMP_LABEL 25 /* '@' and 24 hexadecimal digits */
#define STAMP_MAX   40 /* longest text of a stamp */

/* A moment: seconds as in a TAI64N label, and nanoseconds. */
struct stamp {
	uint64_t sec;
	uint32_t nano;
};

/* A stamp ready to be put before a line, its final space included. */
struct stamp_text {
	char letter; /* t: a label, d: UTC, D: local time; 0: none */
	struct stamp at;
	size_t len;
	char text[STAMP_MAX];
};

/* The time of day. */
struct stamp stamp_now(void);

/* Negative, 0 or positive, as a is before, at or after b. */
int stamp_compare(struct stamp const *a, struct stamp const *b);

/* The moment a nanosecond later. */
struct stamp stamp_after(struct stamp s);

/* Writes STAMP_LABEL bytes, no NUL. */
void stamp_label(char *to, struct stamp const *s);

/* Reads the label at the start of a name, '@' and 24 hexadecimal digits; false
   if there is none. */
bool stamp_scan(char const *name, struct stamp *s);

/* Makes the text for a moment. */
void stamp_set(struct stamp_text *t, char letter, struct stamp at);

/* Moves on by a nanosecond, in place: two lines never have the same stamp. */
void stamp_next(struct stamp_text *t);

#endif
