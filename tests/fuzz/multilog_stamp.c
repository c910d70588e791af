/*
 * Any moment and any name: what is written is read back, and a nanosecond
 * later is what it would be if it were written anew.
 */
#include "multilog/stamp.c"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
check(tain s, char letter)
{
	struct stamp_text t, want;

	stamp_set(&t, letter, s);
	stamp_next(&t);
	stamp_after(&s);
	stamp_set(&want, letter, s);
	if (t.len != want.len || memcmp(t.text, want.text, t.len) ||
	    t.len > sizeof t.text)
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	tain s, back;
	char name[64] = "";
	int32_t shift;

	if (size < 17)
		return 0;
	memcpy(&s.sec.x, data, 8);
	memcpy(&s.nano, data + 8, 4);
	memcpy(&shift, data + 12, 4);
	/* Years of four digits, and the offsets that clocks on walls have. */
	s.sec.x = STAMP_EPOCH + s.sec.x % UINT64_C(250000000000);
	s.nano %= 1000000000;
	snprintf(
	    name, sizeof name, "XST%d:%02d", shift % 24, (shift & 255) % 60);
	setenv("TZ", name, 1);
	tzset();
	check(s, 't');
	check(s, 'd');
	check(s, 'D');
	timestamp_fmt(name, &s);
	if (!stamp_scan(name, &back) || s.sec.x != back.sec.x ||
	    s.nano != back.nano)
		abort();
	memcpy(name, data, size < sizeof name - 1 ? size : sizeof name - 1);
	stamp_scan(name, &back);
	return 0;
}
