/* The words that scripts match on. */
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
	return unit_exit();
}
