/*
 * Any moment and any name: what is written is read back, and a nanosecond
 * later is what it would be if it were written anew.
 */
#include "multilog/stamp.c"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
check(struct stamp s, char letter)
{
	struct stamp_text t, want;

	stamp_set(&t, letter, s);
	stamp_set(&want, letter, stamp_after(s));
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
	snprintf(
	    name, sizeof name, "XST%d:%02d", shift % 24, (shift & 255) % 60);
	setenv("TZ", name, 1);
	tzset();
	check(s, 't');
	check(s, 'd');
	check(s, 'D');
	stamp_label(name, &s);
	if (!stamp_scan(name, &back) || stamp_compare(&s, &back))
		abort();
	memcpy(name, data, size < sizeof name - 1 ? size : sizeof name - 1);
	stamp_scan(name, &back);
	return 0;
}
