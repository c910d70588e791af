/*
 * Moments and their texts: TAI64N labels as daemontools counts them
 * (2^62 + 10 + seconds since 1970, whatever the leap seconds), and RFC 3339.
 * Lines that come with one read differ by a nanosecond, which is an increment
 * of the last digits of the text; the rest of it stays as it is.
 *
 * stamp_now() reads the wall clock, for what people and their programs read;
 * everything that waits uses the monotonic clock of the event loop.
 */
#include "multilog/stamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NANO 1000000000

struct stamp
stamp_now(void)
{
	struct timespec t = {0};

	/* Cannot fail: the clock exists, and so does t. */
	clock_gettime(CLOCK_REALTIME, &t);
	return (struct stamp){
	    STAMP_EPOCH + (uint64_t)t.tv_sec, (uint32_t)t.tv_nsec};
}

int
stamp_compare(struct stamp const *a, struct stamp const *b)
{
	if (a->sec != b->sec)
		return a->sec < b->sec ? -1 : 1;
	return a->nano < b->nano ? -1 : a->nano > b->nano;
}

struct stamp
stamp_after(struct stamp s)
{
	if (++s.nano >= NANO) {
		s.nano = 0;
		s.sec++;
	}
	return s;
}

void
stamp_label(char *to, struct stamp const *s)
{
	char text[STAMP_LABEL + 1];

	snprintf(text, sizeof text, "@%016jx%08jx", (uintmax_t)s->sec,
	    (uintmax_t)s->nano);
	memcpy(to, text, STAMP_LABEL);
}

bool
stamp_scan(char const *name, struct stamp *s)
{
	uint64_t n[2] = {0, 0};

	if (name[0] != '@')
		return false;
	for (size_t i = 1; i < STAMP_LABEL; i++) {
		static char const digits[] = "0123456789abcdef";
		char const *d = name[i] ? strchr(digits, name[i]) : NULL;

		if (!d)
			return false;
		n[i > 16] = n[i > 16] << 4 | (uint64_t)(d - digits);
	}
	*s = (struct stamp){n[0], n[1] < NANO ? (uint32_t)n[1] : NANO - 1};
	/* TAI64 has no such time, and nothing would come after the last. */
	return !(n[0] >> 63);
}

static void
write_text(struct stamp_text *t)
{
	time_t sec = (time_t)(t->at.sec - STAMP_EPOCH);
	struct tm tm = {0};
	char zone[8] = "Z";

	if (t->letter == 't') {
		stamp_label(t->text, &t->at);
		t->text[STAMP_LABEL] = ' ';
		t->len = STAMP_LABEL + 1;
		return;
	}
	if (t->letter == 'd') {
		gmtime_r(&sec, &tm);
	} else {
		localtime_r(&sec, &tm);
		strftime(zone, sizeof zone, "%z", &tm);
		memmove(zone + 4, zone + 3, sizeof "00");
		zone[3] = ':';
	}
	t->len = strftime(t->text, sizeof "2000-01-01T00:00:00", "%FT%T", &tm);
	t->len += (size_t)snprintf(t->text + t->len, sizeof t->text - t->len,
	    ".%09u%s ", (unsigned int)t->at.nano, zone);
}

void
stamp_set(struct stamp_text *t, char letter, struct stamp at)
{
	*t = (struct stamp_text){.letter = letter, .at = at};
	if (letter)
		write_text(t);
}

#define TAI64N_LAST  24 /* where the last digit of the nanoseconds is */
#define RFC3339_LAST 28

void
stamp_next(struct stamp_text *t)
{
	char *digit = t->text;

	t->at = stamp_after(t->at);
	if (t->at.nano == 0) {
		stamp_set(t, t->letter, t->at);
		return;
	}
	digit += t->letter == 't' ? TAI64N_LAST : RFC3339_LAST;
	/* No carry can leave the nanoseconds: they are not zero. */
	while (*digit == (t->letter == 't' ? 'f' : '9'))
		*digit-- = '0';
	*digit = *digit == '9' ? 'a' : (char)(*digit + 1);
}
