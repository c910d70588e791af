/* Names that fool nobody. */
#include "supervise/shown.h"

#include "tests/unit/unit.h"

int
main(void)
{
	CHECK_STR(shown_name("/srv/blog 1"), "/srv/blog 1");
	CHECK_STR(shown_name("a\\b"), "a\\b");
	CHECK_STR(shown_name("a\nb\033[31m\\"), "a\\x0ab\\x1b[31m\\x5c");
	CHECK_STR(shown_name("bl\xc3\xb6g\x7f"), "bl\\xc3\\xb6g\\x7f");
	unit_done("shown: no name is a command to a terminal");
	return unit_exit();
}
