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

tain
stamp_now(void)
{
	struct timespec t = {0};

	/* Cannot fail: the clock exists, and so does t. */
	clock_gettime(CLOCK_REALTIME, &t);
	return (tain){
	    .sec = {STAMP_EPOCH + (uint64_t)t.tv_sec},
	    .nano = (uint32_t)t.tv_nsec,
	};
}

void
stamp_after(tain *at)
{
	if (++at->nano >= NANO) {
		at->nano = 0;
		at->sec.x++;
	}
}

bool
stamp_scan(char const *name, tain *at)
{
	if (name[0] != '@' ||
	    strspn(name + 1, "0123456789abcdef") < STAMP_LABEL - 1 ||
	    !timestamp_scan(name, at))
		return false;
	if (at->nano >= NANO)
		at->nano = NANO - 1;
	/* TAI64 has no such time, and nothing would come after the last. */
	return !(at->sec.x >> 63);
}

void
stamp_set(struct stamp_text *t, char letter, tain at)
{
	time_t sec = (time_t)(at.sec.x - STAMP_EPOCH);
	struct tm tm = {0};
	char zone[8] = "Z";

	*t = (struct stamp_text){.letter = letter, .at = at};
	if (!letter)
		return;
	if (letter == 't') {
		timestamp_fmt(t->text, &at);
		t->text[STAMP_LABEL] = ' ';
		t->len = STAMP_LABEL + 1;
		return;
	}
	if (letter == 'd') {
		gmtime_r(&sec, &tm);
	} else {
		localtime_r(&sec, &tm);
		strftime(zone, sizeof zone, "%z", &tm);
		memmove(zone + 4, zone + 3, sizeof "00");
		zone[3] = ':';
	}
	t->len = strftime(t->text, sizeof "2000-01-01T00:00:00", "%FT%T", &tm);
	t->len += (size_t)snprintf(t->text + t->len, sizeof t->text - t->len,
	    ".%09u%s ", (unsigned int)at.nano, zone);
}

#define TAI64N_LAST  24 /* where the last digit of the nanoseconds is */
#define RFC3339_LAST 28

void
stamp_next(struct stamp_text *t)
{
	char *digit = t->text;

	stamp_after(&t->at);
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
