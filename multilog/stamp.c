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

static void
hex(char *to, uint64_t n, size_t digits)
{
	while (digits) {
		to[--digits] = "0123456789abcdef"[n & 15];
		n >>= 4;
	}
}

static char *
decimal(char *to, uint64_t n, size_t digits)
{
	char *end = to + digits;

	while (digits) {
		to[--digits] = (char)('0' + n % 10);
		n /= 10;
	}
	return end;
}

void
stamp_label(char *to, struct stamp const *s)
{
	to[0] = '@';
	hex(to + 1, s->sec, 16);
	hex(to + 17, s->nano, 8);
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

/* Days since 1970 to year, month, day: years begin in March, so that the day
   that comes and goes is the last one. */
static char *
date(char *to, int64_t days)
{
	int64_t z = days + 719468; /* since 0000-03-01 */
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t day = z - era * 146097; /* of the era of 400 years */
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t rest = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * rest + 2) / 153;

	rest -= (153 * month + 2) / 5;
	year += era * 400 + (month >= 10);
	to = decimal(to, (uint64_t)year, 4);
	*to++ = '-';
	to = decimal(to, (uint64_t)(month + (month < 10 ? 3 : -9)), 2);
	*to++ = '-';
	return decimal(to, (uint64_t)rest + 1, 2);
}

static char *
rfc3339(char *to, struct stamp_text const *t)
{
	int64_t sec = (int64_t)(t->at.sec - STAMP_EPOCH) + t->offset;
	int64_t days = (sec >= 0 ? sec : sec - 86399) / 86400;
	uint64_t left = (uint64_t)(sec - days * 86400);
	uint64_t shift = (uint64_t)(t->offset < 0 ? -t->offset : t->offset);

	to = date(to, days);
	*to++ = 'T';
	to = decimal(to, left / 3600, 2);
	*to++ = ':';
	to = decimal(to, left / 60 % 60, 2);
	*to++ = ':';
	to = decimal(to, left % 60, 2);
	*to++ = '.';
	to = decimal(to, t->at.nano, 9);
	if (!t->local) {
		*to++ = 'Z';
		return to;
	}
	*to++ = t->offset < 0 ? '-' : '+';
	to = decimal(to, shift / 3600, 2);
	*to++ = ':';
	return decimal(to, shift / 60 % 60, 2);
}

static void
write_text(struct stamp_text *t)
{
	char *end = t->text;

	switch (t->kind) {
	case STAMP_NONE:
		t->len = 0;
		return;
	case STAMP_TAI64N:
		stamp_label(end, &t->at);
		end += STAMP_LABEL;
		break;
	case STAMP_RFC3339:
		end = rfc3339(end, t);
		break;
	}
	*end++ = ' ';
	t->len = (size_t)(end - t->text);
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
