/*
 * Any facts, any sizes: there is a step, and what goes into a file fits.
 */
#include "multilog/rotate.c"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
check_amount(uint64_t size, uint64_t limit, size_t left, size_t line)
{
	struct rotate_window w;
	bool full = false;
	size_t n;

	w = rotate_window(size, limit, left);
	if (w.to > left || (w.from < w.to && size + w.to > limit))
		abort();
	line = w.from < w.to ? w.from + line % (w.to - w.from) + 1 : 0;
	n = rotate_amount(size, limit, left, line, &full);
	if (n > left || (n && size + n > limit))
		abort();
	/* It always goes on: with something written, or with a new file. */
	if (left && !n && !full)
		abort();
	if (full && size + n < limit && size + n + ROTATE_WINDOW < limit)
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct rotate_facts f;
	uint64_t n[4];

	if (size < 40)
		return 0;
	f.current = (enum rotate_current)(data[0] % ROTATE_CURRENTS);
	f.previous = (enum rotate_piece)(data[1] % ROTATE_PIECES);
	f.processed = (enum rotate_piece)(data[2] % ROTATE_PIECES);
	f.processor = (enum rotate_processor)(data[3] % ROTATE_PROCESSORS);
	f.newstate = data[4] & 1;
	f.wanted = data[5] & 1;
	f.spare = data[6] & 1;
	if ((unsigned int)rotate_next(&f) >= ROTATE_STEPS)
		abort();
	memcpy(n, data + 8, sizeof n);
	n[1] = 4096 + n[1] % (UINT64_MAX / 4);
	n[0] %= data[7] & 1 ? n[1] * 2 : 20000;
	check_amount(n[0], n[1], n[2] % 2000000, n[3]);
	return 0;
}
