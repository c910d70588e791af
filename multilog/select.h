#ifndef MULTILOG_SELECT_H
#define MULTILOG_SELECT_H

#include <stdbool.h>
#include <stddef.h>

/* Only so many bytes at the beginning of a line are examined. */
#define SELECT_EXAMINED 1000

/* True if the pattern matches the whole of line, or of its first 1000 bytes if
   it is longer. */
bool select_match(char const *pattern, char const *line, size_t len);

#endif
