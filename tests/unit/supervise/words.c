/* The words that scripts match on, and names that fool nobody. */
#include "supervise/words.h"

#include <errno.h>

#include "tests/unit/unit.h"

int
main(void)
{
	CHECK_STR(words(ENOENT), "file does not exist");
	CHECK_STR(words(EACCES), "access denied");
	CHECK_STR(words(EAGAIN), "temporary failure");
	CHECK_STR(words(ENXIO), "device not configured");
	CHECK_STR(words(EISDIR), "is a directory");
	CHECK_STR(words(ENOTDIR), "not a directory");
	CHECK_STR(words(ELOOP), "symbolic link loop");
	CHECK_STR(words(EPROTO), "bad format");
	unit_done("words: those of daemontools");

	CHECK_STR(words(EXDEV), strerror(EXDEV));
	CHECK(words(-1)[0] != 0);
	unit_done("words: the library's for all others");

	CHECK_STR(words_shown("/srv/blog 1"), "/srv/blog 1");
	CHECK_STR(words_shown("a\\b"), "a\\b");
	CHECK_STR(words_shown("a\nb\033[31m\\"), "a\\x0ab\\x1b[31m\\x5c");
	CHECK_STR(words_shown("bl\xc3\xb6g\x7f"), "bl\\xc3\\xb6g\\x7f");
	unit_done("words: no name is a command to a terminal");
	return unit_exit();
}
