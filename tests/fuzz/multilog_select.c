/*
 * Any pattern and any line: as the slow definition says.
 */
#include "multilog/select.c"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MOST 24

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static bool
slow_match(char const *p, char const *line, size_t len)
{
	bool any = p[0] == '*' && p[1] == '*';

	if (!*p)
		return len == 0;
	if (any)
		p += strspn(p, "*") - 1;
	if (*p != '*')
		return len && *line == *p &&
		       slow_match(p + 1, line + 1, len - 1);
	if (!p[1])
		return true;
	for (size_t n = 0; n <= len; n++) {
		if (slow_match(p + 1, line + n, len - n))
			return true;
		if (!any && n < len && line[n] == p[1])
			return false;
	}
	return false;
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char pattern[MOST] = "";
	char *line;
	size_t n = 0;
	bool is;

	while (n < size && n < MOST - 1 && data[n])
		n++;
	memcpy(pattern, data, n);
	data += n;
	size -= n;
	line = malloc(size + 1);
	if (!line)
		return 0;
	memcpy(line, data, size);
	is = select_match(pattern, line, size);
	if (size <= MOST && is != slow_match(pattern, line, size))
		abort();
	free(line);
	return 0;
}
