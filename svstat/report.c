/*
 * svstat's texts.  The classic line is what monitoring has parsed since 2001:
 * nothing may be added to it, and the line of a service that is as it should
 * be ends in "seconds".
 */
#include "svstat/report.h"

#include <errno.h>

#include <skalibs/types.h>
#include <skalibs/uint64.h>

#include "supervise/words.h"

static int
put(stralloc *out, char const *text)
{
	if (stralloc_cats(out, text))
		return 0;
	errno = ENOMEM;
	return -1;
}

static int
put_number(stralloc *out, uint64_t number)
{
	char digits[UINT64_FMT];

	digits[uint64_fmt(digits, number)] = 0;
	return put(out, digits);
}

bool
report_is_up(struct report const *report)
{
	return report->stage == REPORT_COMPLETE && report->status.pid != 0 &&
	       report->status.run != STATUS_FINISHING;
}

static int
put_up(stralloc *out, struct report const *r, time_t now)
{
	if (put(out, "up (pid ") == -1 ||
	    put_number(out, r->status.pid) == -1 || put(out, ") ") == -1 ||
	    put_number(out, status_age(&r->status, now)) == -1 ||
	    put(out, " seconds") == -1)
		return -1;
	if (r->down_file && put(out, ", normally down") == -1)
		return -1;
	if (r->status.paused && put(out, ", paused") == -1)
		return -1;
	return r->status.want == 'd' ? put(out, ", want down") : 0;
}

static int
put_down(stralloc *out, struct report const *r, time_t now)
{
	if (put(out, "down ") == -1 ||
	    put_number(out, status_age(&r->status, now)) == -1 ||
	    put(out, " seconds") == -1)
		return -1;
	if (!r->down_file && put(out, ", normally up") == -1)
		return -1;
	return r->status.want == 'u' ? put(out, ", want up") : 0;
}

static int
put_trouble(stralloc *out, char const *what, int error)
{
	if (put(out, what) == -1 || put(out, ": ") == -1)
		return -1;
	return put(out, words(error));
}

static int
put_state(stralloc *out, struct report const *r, time_t now)
{
	switch (r->stage) {
	case REPORT_CHDIR:
		return put_trouble(out, "unable to chdir", r->error);
	case REPORT_STAT_DOWN:
		return put_trouble(out, "unable to stat down", r->error);
	case REPORT_OPEN_OK:
		return put_trouble(
		    out, "unable to open supervise/ok", r->error);
	case REPORT_OPEN_STATUS:
		return put_trouble(
		    out, "unable to open supervise/status", r->error);
	case REPORT_READ_STATUS:
		return put_trouble(
		    out, "unable to read supervise/status", r->error);
	case REPORT_NOT_RUNNING:
		return put(out, "supervise not running");
	case REPORT_COMPLETE:
		return report_is_up(r) ? put_up(out, r, now)
				       : put_down(out, r, now);
	}
	errno = EINVAL;
	return -1;
}

int
report_line(stralloc *out, struct report const *report, time_t now)
{
	if (put(out, report->name) == -1 || put(out, ": ") == -1 ||
	    put_state(out, report, now) == -1)
		return -1;
	return put(out, "\n");
}
