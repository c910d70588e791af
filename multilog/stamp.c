/*
 * Moments and their texts: TAI64N labels as daemontools counts them
 * (2^62 + 10 + seconds since 1970, whatever the leap seconds), and RFC 3339.
 * Lines that come with one read differ by a nanosecond, which is an increment
 * of the last digits of the text; the rest of it stays as it is.
 *
 * Only stamp_now() and stamp_offset() ask the system.  They read the wall
 * clock, for what people and their programs read; everything that waits uses
 * the monotonic clock of the event loop.
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

long
stamp_offset(struct stamp const *s)
{
	time_t sec = (time_t)(s->sec - STAMP_EPOCH);
	struct tm tm;

	return localtime_r(&sec, &tm) ? tm.tm_gmtoff : 0;
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
	return true;
}

static size_t
rfc3339(char *to, struct stamp_text const *t)
{
	time_t sec = (time_t)(t->at.sec - STAMP_EPOCH) + t->offset;
	int minutes = (int)(labs(t->offset) / 60);
	char text[96], zone[32] = "Z";
	struct tm tm = {0};

	gmtime_r(&sec, &tm);
	if (t->local)
		snprintf(zone, sizeof zone, "%c%02d:%02d",
		    t->offset < 0 ? '-' : '+', minutes / 60 % 100,
		    minutes % 60);
	snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%09u%s",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
	    tm.tm_sec, (unsigned int)t->at.nano, zone);
	memcpy(to, text, STAMP_MAX);
	return strnlen(text, STAMP_MAX - 1);
}

static void
write_text(struct stamp_text *t)
{
	t->len = 0;
	if (t->kind == STAMP_NONE)
		return;
	if (t->kind == STAMP_TAI64N) {
		stamp_label(t->text, &t->at);
		t->len = STAMP_LABEL;
	} else {
		t->len = rfc3339(t->text, t);
	}
	t->text[t->len++] = ' ';
}

void
stamp_set(struct stamp_text *t, enum stamp_kind kind, struct stamp at,
    bool local, long offset)
{
	*t = (struct stamp_text){
	    .kind = kind, .at = at, .local = local, .offset = offset};
	write_text(t);
}

#define TAI64N_LAST  24 /* where the last digit of the nanoseconds is */
#define RFC3339_LAST 28

void
stamp_next(struct stamp_text *t)
{
	char *digit = t->text;

	t->at = stamp_after(t->at);
	if (t->at.nano == 0 || t->kind == STAMP_NONE) {
		write_text(t);
		return;
	}
	digit += t->kind == STAMP_TAI64N ? TAI64N_LAST : RFC3339_LAST;
	/* No carry can leave the nanoseconds: they are not zero. */
	while (*digit == (t->kind == STAMP_TAI64N ? 'f' : '9'))
		*digit-- = '0';
	*digit = *digit == '9' ? 'a' : (char)(*digit + 1);
}
