/*
 * Monitoring has parsed these lines since 2001: nothing may be added, and the
 * line of a service that is as it should be ends in "seconds".
 */
#include "svstat/view.h"

#include "supervise/error.h"
#include "supervise/message.h"

bool
view_is_up(struct view const *view)
{
	return view->stage == VIEW_COMPLETE && view->status.pid != 0 &&
	       view->status.run != STATUS_FINISHING;
}

bool
view_trouble(char words[REPORT_TEXT_MAX], struct view const *view)
{
	static char const *const unable[] = {
	    [VIEW_CHDIR] = "unable to chdir: ",
	    [VIEW_STAT_DOWN] = "unable to stat down: ",
	    [VIEW_OPEN_OK] = "unable to open supervise/ok: ",
	    [VIEW_OPEN_STATUS] = "unable to open supervise/status: ",
	    [VIEW_READ_STATUS] = "unable to read supervise/status: ",
	    [VIEW_NOT_RUNNING] = "supervise not running",
	};
	bool has_errno = view->stage != VIEW_NOT_RUNNING;

	if (view->stage == VIEW_COMPLETE)
		return false;
	message_join(words, REPORT_TEXT_MAX, unable[view->stage],
	    has_errno ? error_words(view->error) : "");
	return true;
}

void
view_line(struct text *text, struct view const *view, time_t now)
{
	struct status const *s = &view->status;
	bool up = view_is_up(view);
	char words[REPORT_TEXT_MAX];

	text_put(text, view->name);
	text_put(text, ": ");
	if (view_trouble(words, view)) {
		text_put(text, words);
		text_put(text, "\n");
		return;
	}
	if (up) {
		text_put(text, "up (pid ");
		text_number(text, s->pid);
		text_put(text, ") ");
	} else {
		text_put(text, "down ");
	}
	text_number(text, status_age(&s->since, now));
	text_put(text, " seconds");
	if (view->down_file == up)
		text_put(text, up ? ", normally down" : ", normally up");
	if (up && s->paused)
		text_put(text, ", paused");
	if (s->want == (up ? 'd' : 'u'))
		text_put(text, up ? ", want down" : ", want up");
	text_put(text, "\n");
}
