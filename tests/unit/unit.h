/*
 * A unit test is a program: main() calls test functions, each says CHECK(...)
 * for what must hold and ends in unit_done("what this was about").  The output
 * is TAP.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <stdio.h>
#include <string.h>

#define UNIT_SAID_MAX 20 /* of one test; the rest says no more */

static int unit_failures;
static int unit_failed_tests;
static int unit_tests;

/* Says where a condition does not hold; the test goes on. */
#define CHECK(condition)                                                  \
	((condition) ? (void)0                                            \
		     : (void)(unit_failures++ < UNIT_SAID_MAX &&          \
			      printf("# %s:%d: %s\n", __FILE__, __LINE__, \
				  #condition)))

#define CHECK_STR(got, want) unit_str(__FILE__, __LINE__, (got), (want))

static inline void
unit_str(char const *file, int line, char const *got, char const *want)
{
	if (strcmp(got, want) == 0)
		return;
	unit_failures++;
	printf("# %s:%d: got \"%s\", want \"%s\"\n", file, line, got, want);
}

static inline void
unit_done(char const *name)
{
	printf("%s %d - %s\n", unit_failures ? "not ok" : "ok", ++unit_tests,
	    name);
	unit_failed_tests += unit_failures != 0;
	unit_failures = 0;
}

/* For main() to return. */
static inline int
unit_exit(void)
{
	printf("1..%d\n", unit_tests);
	return unit_failed_tests ? 1 : 0;
}

#endif
