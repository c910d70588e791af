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

bool
report_is_unsupervised(struct report const *report)
{
	return report->stage == REPORT_NOT_RUNNING ||
	       (report->stage == REPORT_OPEN_OK && report->error == ENOENT);
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

char const *
report_trouble(struct report const *report)
{
	switch (report->stage) {
	case REPORT_CHDIR:
		return "unable to chdir";
	case REPORT_STAT_DOWN:
		return "unable to stat down";
	case REPORT_OPEN_OK:
		return "unable to open supervise/ok";
	case REPORT_OPEN_STATUS:
		return "unable to open supervise/status";
	case REPORT_READ_STATUS:
		return "unable to read supervise/status";
	case REPORT_NOT_RUNNING:
		return "supervise not running";
	case REPORT_COMPLETE:
		break;
	}
	return NULL;
}

static int
put_state(stralloc *out, struct report const *r, time_t now)
{
	char const *trouble = report_trouble(r);

	if (!trouble)
		return report_is_up(r) ? put_up(out, r, now)
				       : put_down(out, r, now);
	if (put(out, trouble) == -1)
		return -1;
	if (r->stage == REPORT_NOT_RUNNING)
		return 0;
	return put(out, ": ") == -1 ? -1 : put(out, words(r->error));
}

int
report_line(stralloc *out, struct report const *report, time_t now)
{
	if (put(out, report->name) == -1 || put(out, ": ") == -1 ||
	    put_state(out, report, now) == -1)
		return -1;
	return put(out, "\n");
}
