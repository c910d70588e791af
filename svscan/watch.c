/*
 * An application may create files in its directory all day long: only the names
 * "log" and "run" count there.
 */
#include "svscan/watch.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#ifdef __linux__

int
watch_begin(struct watch *watch)
{
	watch->directory = -1;
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	return watch->fd == -1 ? -1 : 0;
}

void
watch_forget(struct watch *watch, int *wd)
{
	if (*wd != -1)
		inotify_rm_watch(watch->fd, *wd);
	*wd = -1;
}

void
watch_add(struct watch *watch, int *wd, char const *path, uint32_t events)
{
	int new;

	/* The limit is one of many at once: no more of them in this scan. */
	if (watch->fd == -1 || watch->error)
		return;
	new = inotify_add_watch(watch->fd, path, events | IN_MASK_ADD);
	if (new == -1 && (errno == ENOSPC || errno == ENOMEM))
		watch->error = errno;
	if (new != *wd)
		watch_forget(watch, wd);
	*wd = new;
}

static bool
tells(struct watch const *watch, struct inotify_event const *event)
{
	if (event->mask & (IN_Q_OVERFLOW | IN_UNMOUNT | WATCH_LEAVES))
		return true;
	if (!event->len)
		return false;
	if (event->wd == watch->directory)
		return event->name[0] != '.';
	return strcmp(event->name, "log") == 0 ||
	       strcmp(event->name, "run") == 0;
}

/* Whoever held the lock of a supervise has closed it, or is about to. */
static void
note_lock(struct table *table, int wd)
{
	for (struct entry *s = table->first; s; s = s->next) {
		if (s->watched.lock != wd)
			continue;
		s->wait_ms = 1;
		s->again = STAMP;
	}
}

bool
watch_read(struct watch *watch, struct table *table)
{
	union {
		struct inotify_event event;
		char bytes[4096];
	} buf;
	bool result = false;
	ssize_t got;

	if (watch->fd == -1)
		return false;
	while ((got = fd_read(watch->fd, buf.bytes, sizeof buf.bytes)) > 0) {
		for (ssize_t i = 0; i < got;) {
			void const *at = buf.bytes + i;
			struct inotify_event const *event = at;

			if (event->mask & IN_CLOSE_WRITE)
				note_lock(table, event->wd);
			else
				result |= tells(watch, event);
			i += (ssize_t)(sizeof *event + event->len);
		}
	}
	/* Not to be polled again if it is broken: the timer goes on. */
	if (got == -1 && errno != EAGAIN) {
		close(watch->fd);
		watch->fd = watch->directory = -1;
	}
	return result;
}

#endif
