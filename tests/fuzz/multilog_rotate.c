/*
 * Any facts, any sizes: there is a step, and what goes into a file fits.
 */
#include "multilog/rotate.c"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
check_window(uint64_t size, uint64_t limit, size_t left)
{
	size_t from;
	size_t to = rotate_window(size, limit, left, &from);

	if (from > to || to > left || (to && size + to > limit))
		abort();
	/* It always goes on: with something written, or with a new file. */
	if (left && !to && !rotate_is_full(size, limit, false))
		abort();
	/* A line that ends in the window makes it full, and no other does. */
	if (from < to && !rotate_is_full(size + from + 1, limit, true))
		abort();
	if (from && size + from < limit &&
	    rotate_is_full(size + from, limit, true))
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct rotate_facts f;
	uint64_t n[4];

	if (size < 40)
		return 0;
	f.current = (enum rotate_file)(data[0] % ROTATE_CURRENTS);
	f.previous = (enum rotate_file)(data[1] % ROTATE_PIECES);
	f.processed = (enum rotate_file)(data[2] % ROTATE_PIECES);
	f.processor = (enum rotate_processor)(data[3] % ROTATE_PROCESSORS);
	f.newstate = data[4] & 1 ? ROTATE_PART : ROTATE_ABSENT;
	f.wanted = data[5] & 1;
	f.spare = data[6] & 1;
	f.gap = data[6] & 2;
	f.dirty = data[6] & 4;
	if ((unsigned int)rotate_next(&f) >= ROTATE_STEPS)
		abort();
	memcpy(n, data + 8, sizeof n);
	n[1] = 4096 + n[1] % (UINT64_MAX / 4);
	n[0] %= data[7] & 1 ? n[1] * 2 : 20000;
	check_window(n[0], n[1], n[2] % 2000000);
	return 0;
}
