/*
 * Two inotify descriptors, because opening a file is news while a supervise is
 * to appear, and must not be once its files are read here.
 */
#include "svc/wait.h"

#ifdef __linux__

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>

#include <skalibs/allreadwrite.h>

#include "supervise/status.h"

/* supervise opens its FIFOs last, and there is no other sign of that. */
#define APPEARS (IN_CREATE | IN_MOVED_TO | IN_OPEN)

/* Replaced; or rewritten in place, which supervise does on a full disk. */
#define CHANGES (IN_MOVED_TO | IN_MODIFY)

void
wait_open(struct wait *w)
{
	*w = (struct wait){.blind = false};
	w->appear = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	w->change = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	w->blind = w->appear == -1 || w->change == -1;
}

void
wait_appear(struct wait *w, char const *directory)
{
	if (inotify_add_watch(w->appear, directory, APPEARS | IN_ONLYDIR) ==
		-1 &&
	    errno != ENOENT && errno != ENOTDIR)
		w->blind = true;
}

int
wait_change(struct wait *w)
{
	int id =
	    inotify_add_watch(w->change, SUPERVISE_DIR, CHANGES | IN_ONLYDIR);

	if (id == -1) {
		w->blind = true;
		return WAIT_NOTHING;
	}
	return id;
}

bool
wait_appeared(struct wait *w)
{
	char events[512];
	bool any = false;

	while (fd_read(w->appear, events, sizeof events) > 0)
		any = true;
	return any;
}

/* Take the next event out of the buffer, refilled if it is empty. */
static bool
next_event(struct wait *w, struct inotify_event *event, char const **name)
{
	char const *at;

	if (w->events_used == w->events_len) {
		ssize_t n = fd_read(w->change, w->events, sizeof w->events);

		w->events_used = 0;
		w->events_len = n > 0 ? (size_t)n : 0;
		if (n <= 0)
			return false;
	}
	at = w->events + w->events_used;
	memcpy(event, at, sizeof *event);
	*name = event->len ? at + sizeof *event : "";
	w->events_used += sizeof *event + event->len;
	return true;
}

int
wait_changed(struct wait *w)
{
	static char const *const status = &STATUS_FILE[sizeof SUPERVISE_DIR];
	static char const *const report = &REPORT_FILE[sizeof SUPERVISE_DIR];
	struct inotify_event event;
	char const *name;

	while (next_event(w, &event, &name)) {
		if (event.mask & IN_Q_OVERFLOW)
			return WAIT_ANYTHING;
		/* The watch has ended: supervise/ was removed, perhaps. */
		if (event.mask & IN_IGNORED)
			w->blind = true;
		else if (strcmp(name, status) != 0 && strcmp(name, report) != 0)
			continue;
		return event.wd;
	}
	return WAIT_NOTHING;
}

#else

void
wait_open(struct wait *w)
{
	*w = (struct wait){.appear = -1, .change = -1, .blind = true};
}

void
wait_appear(struct wait *w, char const *directory)
{
	(void)w;
	(void)directory;
}

int
wait_change(struct wait *w)
{
	(void)w;
	return WAIT_NOTHING;
}

bool
wait_appeared(struct wait *w)
{
	(void)w;
	return false;
}

int
wait_changed(struct wait *w)
{
	(void)w;
	return WAIT_NOTHING;
}

#endif
