/*
 * Any moment and any name: what is written is read back, and a nanosecond
 * later is what it would be if it were written anew.
 */
#include "multilog/stamp.c"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
check(struct stamp s, bool local, long offset, enum stamp_kind kind)
{
	struct stamp_text t, want;

	stamp_set(&t, kind, s, local, offset);
	stamp_set(&want, kind, stamp_after(s), local, offset);
	stamp_next(&t);
	if (t.len != want.len || memcmp(t.text, want.text, t.len) ||
	    t.len > sizeof t.text)
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct stamp s, back;
	char name[64] = "";
	int32_t shift;

	if (size < 17)
		return 0;
	memcpy(&s.sec, data, 8);
	memcpy(&s.nano, data + 8, 4);
	memcpy(&shift, data + 12, 4);
	/* Years of four digits, and the offsets that clocks on walls have. */
	s.sec = STAMP_EPOCH + s.sec % UINT64_C(250000000000);
	s.nano %= 1000000000;
	check(s, false, 0, STAMP_TAI64N);
	check(s, data[16] & 1, shift % 86400, STAMP_RFC3339);
	stamp_label(name, &s);
	if (!stamp_scan(name, &back) || stamp_compare(&s, &back))
		abort();
	memcpy(name, data, size < sizeof name - 1 ? size : sizeof name - 1);
	stamp_scan(name, &back);
	return 0;
}
