/*
 * Any datagram: it says what a slow reading of it, line by line, says.
 */
#include "supervise/ready.h"

#include "tests/fuzz/fuzz.h"

static bool
has_line(char const *text, size_t len, char const *line)
{
	size_t n = strlen(line);

	for (size_t at = 0; at + n <= len; at++)
		if ((!at || text[at - 1] == '\n') &&
		    memcmp(text + at, line, n) == 0 &&
		    (at + n == len || text[at + n] == '\n'))
			return true;
	return false;
}

/* Where the last line STATUS= has its text, or null. */
static char const *
last_status(char const *text, size_t len, size_t *status_len)
{
	for (size_t at = len; at-- > 0;)
		if ((!at || text[at - 1] == '\n') && len - at >= 7 &&
		    memcmp(text + at, "STATUS=", 7) == 0) {
			char const *end = memchr(text + at, '\n', len - at);

			*status_len =
			    (end ? (size_t)(end - text) : len) - at - 7;
			return text + at + 7;
		}
	return NULL;
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char *text = malloc(size + 1);
	char said[REPORT_TEXT_MAX] = "unsaid";
	struct notice n;
	size_t len = 0;
	char const *status;

	CHECK(text);
	memcpy(text, data, size);
	n = ready_parse(said, text, size);
	CHECK(n.ready == has_line(text, size, "READY=1"));
	CHECK(n.unready == (has_line(text, size, "STOPPING=1") ||
			       has_line(text, size, "RELOADING=1")));
	CHECK(n.watchdog == has_line(text, size, "WATCHDOG=1"));
	status = last_status(text, size, &len);
	if (len >= REPORT_TEXT_MAX)
		len = REPORT_TEXT_MAX - 1;
	if (!status) {
		status = "unsaid";
		len = strlen(status);
	}
	CHECK(said[len] == 0);
	for (size_t i = 0; i < len; i++)
		CHECK(said[i] == status[i] ||
		      (said[i] == '?' && ((unsigned char)status[i] < ' ' ||
					     status[i] == 127)));
	CHECK(memchr(said, '\n', len) == NULL);
	free(text);
	return 0;
}
