/* Names that fool nobody. */
#include "supervise/shown.h"

#include <stdint.h>
#include <stdlib.h>

#include "tests/unit/unit.h"

static void
check(char const *name, char const *expected)
{
	char const *shown = shown_name(name);

	CHECK_STR(shown, expected);
	if (shown != name)
		free((void *)(uintptr_t)shown);
}

int
main(void)
{
	check("/srv/blog 1", "/srv/blog 1");
	check("a\\b", "a\\b");
	check("a\nb\033[31m\\", "a\\x0ab\\x1b[31m\\x5c");
	check("bl\xc3\xb6g\x7f", "bl\\xc3\\xb6g\\x7f");
	unit_done("shown: no name is a command to a terminal");
	return unit_exit();
}
