/* The words that scripts match on. */
#include "supervise/error.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

static void
test_words(void)
{
	CHECK_STR(error_words(ENOENT), "file does not exist");
	CHECK_STR(error_words(EACCES), "access denied");
	CHECK_STR(error_words(EAGAIN), "temporary failure");
	CHECK_STR(error_words(ENXIO), "device not configured");
	CHECK_STR(error_words(EISDIR), "is a directory");
	CHECK_STR(error_words(ENOTDIR), "not a directory");
	CHECK_STR(error_words(ELOOP), "symbolic link loop");
	CHECK_STR(error_words(EPROTO), "bad format");
	CHECK_STR(error_words(EXDEV), strerror(EXDEV));
	CHECK(error_words(-1)[0] != 0);
	unit_done("error: daemontools' words, the library's for all others");
}

int
main(void)
{
	test_words();
	return unit_exit();
}
