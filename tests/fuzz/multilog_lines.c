/*
 * Any input, read in any pieces: every receiver gets what it gets when all of
 * it is read at once.
 */
#include "multilog/lines.c"
#include "multilog/outlet.c"
#include "multilog/say.c"
#include "multilog/script.c"
#include "multilog/select.c"
#include "multilog/spool.c"
#include "multilog/stamp.c"
#include "multilog/statusfile.c"

#include <stdint.h>
#include <stdlib.h>

#define CAP   70000
#define TEXT  80000
#define ALL   4000000
#define STEPS 4

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

struct run {
	struct lines lines;
	struct lines_step step[STEPS];
	struct select_part part[2][8];
	struct spool spool[2];
	char in[CAP + 1];
	char text[TEXT];
	char buf[2][TEXT];
	char *all[2];
	size_t len[2];
};

static char const *const patterns[] = {"*", "a*", "*b*", "", "*a"};

static void
set_up(struct run *r, uint8_t how)
{
	memset(r, 0, sizeof *r);
	r->lines.in = r->in;
	r->lines.cap = CAP;
	r->lines.step = r->step;
	r->lines.steps = STEPS;
	r->lines.examines = how & 1;
	if (how & 2) {
		r->lines.text = r->text;
		r->lines.text_cap = TEXT;
		r->lines.prefix = "web: ";
		r->lines.prefix_len = 5;
	}
	for (int i = 0; i < 2; i++) {
		r->all[i] = malloc(ALL);
		if (!r->all[i])
			abort();
		r->spool[i].buf = r->buf[i];
		r->step[2 * i].op = i ? SCRIPT_SELECT : SCRIPT_DESELECT;
		select_compile(&r->step[2 * i].pattern,
		    patterns[(how >> (3 * i + 2)) % 5], r->part[i]);
		r->step[2 * i + 1].op = SCRIPT_DIR;
		r->step[2 * i + 1].spool = r->spool + i;
		r->step[2 * i].took = r->step[2 * i + 1].took = true;
	}
}

static void
drain(struct run *r)
{
	for (int i = 0; i < 2; i++)
		while (spool_left(r->spool + i)) {
			struct iovec iov[2];
			int n = spool_next(r->spool + i, 1000, iov);

			for (int k = 0; k < n; k++) {
				if (r->len[i] + iov[k].iov_len > ALL)
					abort();
				memcpy(r->all[i] + r->len[i], iov[k].iov_base,
				    iov[k].iov_len);
				r->len[i] += iov[k].iov_len;
				spool_wrote(r->spool + i, iov[k].iov_len);
			}
		}
}

static void
play(struct run *r, uint8_t const *data, size_t size, size_t piece)
{
	struct stamp now = {0};

	for (;;) {
		char *to;
		size_t n = lines_room(&r->lines, &to);

		n = n < size ? n : size;
		n = n < piece ? n : piece;
		if (size && !n)
			abort();
		memcpy(to, data, n);
		data += n;
		size -= n;
		lines_add(&r->lines, n, &now, 0);
		r->lines.ended = size == 0;
		while (lines_give(&r->lines))
			drain(r);
		if (!size)
			break;
	}
	if (lines_partial(&r->lines))
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static struct run whole, pieces;

	if (size < 3 || size > 60000)
		return 0;
	set_up(&whole, data[0]);
	set_up(&pieces, data[0]);
	play(&whole, data + 3, size - 3, CAP);
	play(&pieces, data + 3, size - 3,
	    1 + (size_t)(data[1] << 8 | data[2]) % 5000);
	for (int i = 0; i < 2; i++) {
		if (whole.len[i] != pieces.len[i] ||
		    memcmp(whole.all[i], pieces.all[i], whole.len[i]))
			abort();
		free(whole.all[i]);
		free(pieces.all[i]);
	}
	return 0;
}
