/*
 * For fuzzers: bytes of the input one after the other, and a check that stops
 * at the first thing that does not hold.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(is)                                                            \
	do {                                                                 \
		if (!(is)) {                                                 \
			fprintf(                                             \
			    stderr, "not so: %s, line %d\n", #is, __LINE__); \
			abort();                                             \
		}                                                            \
	} while (0)

struct input {
	uint8_t const *data;
	size_t left;
};

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

/* The next byte; 0 at the end. */
static inline unsigned char
next(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->data++;
}

/* The next bytes, as many as there are; the rest of the memory is 0. */
static inline size_t
take(struct input *in, void *to, size_t n)
{
	size_t got = n < in->left ? n : in->left;

	memset(to, 0, n);
	if (got)
		memcpy(to, in->data, got);
	in->data += got;
	in->left -= got;
	return got;
}

#endif
