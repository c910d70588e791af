#ifndef MULTILOG_SELECT_H
#define MULTILOG_SELECT_H

#include <stdbool.h>
#include <stddef.h>

/* Only so many bytes at the beginning of a line are looked at. */
#define SELECT_EXAMINED 1000

/* A star, or a piece of text without one. */
struct select_part {
	char const *text; /* null: a star */
	size_t len;
};

struct select_pattern {
	char const *text;
	size_t parts;
	bool doubled; /* two stars in a row somewhere before the end */
	struct select_part *part;
};

/* How many parts the caller must have room for. */
size_t select_parts(char const *pattern);

/* Prepares a pattern; text and part must live as long as it does. */
void select_compile(
    struct select_pattern *p, char const *pattern, struct select_part *part);

/* True if the pattern matches the whole of line (of its first 1000
   bytes, if it is longer). */
bool select_match(struct select_pattern const *p, char const *line, size_t len);

#endif
