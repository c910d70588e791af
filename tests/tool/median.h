/*
 * Nanoseconds of the clock that nobody sets, and the one in the middle of many.
 */
#ifndef TESTS_TOOL_MEDIAN_H
#define TESTS_TOOL_MEDIAN_H

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static inline int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline int
median_compare(void const *a, void const *b)
{
	int64_t x = *(int64_t const *)a, y = *(int64_t const *)b;

	return x < y ? -1 : x > y;
}

/* In microseconds; it puts them in order. */
static inline double
median(int64_t *took, int n)
{
	qsort(took, (size_t)n, sizeof *took, median_compare);
	return (double)took[n / 2] / 1000;
}

#endif
