/*
 * svstat's texts.  The classic line is what monitoring has parsed since 2001:
 * nothing may be added to it, and the line of a service that is as it should
 * be ends in "seconds".
 */
#include "svstat/view.h"

#include <errno.h>

#include <skalibs/types.h>
#include <skalibs/uint64.h>

#include "supervise/message.h"

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
view_is_up(struct view const *view)
{
	return view->stage == VIEW_COMPLETE && view->status.pid != 0 &&
	       view->status.run != STATUS_FINISHING;
}

bool
view_is_unsupervised(struct view const *view)
{
	return view->stage == VIEW_NOT_RUNNING ||
	       (view->stage == VIEW_OPEN_OK && view->error == ENOENT);
}

static int
put_up(stralloc *out, struct view const *r, time_t now)
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
put_down(stralloc *out, struct view const *r, time_t now)
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
view_trouble(struct view const *view)
{
	switch (view->stage) {
	case VIEW_CHDIR:
		return "unable to chdir";
	case VIEW_STAT_DOWN:
		return "unable to stat down";
	case VIEW_OPEN_OK:
		return "unable to open supervise/ok";
	case VIEW_OPEN_STATUS:
		return "unable to open supervise/status";
	case VIEW_READ_STATUS:
		return "unable to read supervise/status";
	case VIEW_NOT_RUNNING:
		return "supervise not running";
	case VIEW_COMPLETE:
		break;
	}
	return NULL;
}

static int
put_state(stralloc *out, struct view const *r, time_t now)
{
	char const *trouble = view_trouble(r);

	if (!trouble)
		return view_is_up(r) ? put_up(out, r, now)
				     : put_down(out, r, now);
	if (put(out, trouble) == -1)
		return -1;
	if (r->stage == VIEW_NOT_RUNNING)
		return 0;
	return put(out, ": ") == -1 ? -1 : put(out, message_words(r->error));
}

int
view_line(stralloc *out, struct view const *view, time_t now)
{
	if (put(out, view->name) == -1 || put(out, ": ") == -1 ||
	    put_state(out, view, now) == -1)
		return -1;
	return put(out, "\n");
}
