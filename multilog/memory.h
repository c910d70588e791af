#ifndef MULTILOG_MEMORY_H
#define MULTILOG_MEMORY_H

#include <stddef.h>

/* Zeroed memory for one more than n items, aligned for any of them, which is
   never given back; or null, after saying so. */
void *memory_need(size_t n, size_t size);

#endif
