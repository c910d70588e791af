/*
 * inotify on the scan directory, and on the directory of each service that has
 * no logger, for the moment when it gets one.  An application may create files
 * in its directory all day long: only the names "log" and "run" count there.
 */
#include "svscan/watch.h"

#ifdef __linux__

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#define APPEARS (IN_CREATE | IN_MOVED_TO)
#define CHANGES (APPEARS | IN_DELETE | IN_MOVED_FROM)

int
watch_init(struct watch *watch)
{
	watch->directory = -1;
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	return watch->fd == -1 ? -1 : 0;
}

void
watch_directory(struct watch *watch)
{
	int wd;

	if (watch->fd == -1)
		return;
	wd = inotify_add_watch(watch->fd, ".", CHANGES | IN_ONLYDIR);
	if (wd != watch->directory && watch->directory != -1)
		inotify_rm_watch(watch->fd, watch->directory);
	watch->directory = wd;
}

static int
add(struct watch *watch, int *wd, char const *path)
{
	if (*wd != -1)
		return 0;
	*wd = inotify_add_watch(watch->fd, path, APPEARS | IN_ONLYDIR);
	if (*wd != -1)
		return 1;
	/* Of a directory that cannot be watched others speak. */
	return errno == ENOSPC || errno == ENOMEM ? -1 : 0;
}

int
watch_service(
    struct watch *watch, struct watch_service *service, char const *name)
{
	char path[NAME_MAX + sizeof "/log"];
	int a, b;

	if (watch->fd == -1)
		return 0;
	snprintf(path, sizeof path, "%s/log", name);
	a = add(watch, &service->service, name);
	b = a == -1 ? -1 : add(watch, &service->log, path);
	return a == -1 || b == -1 ? -1 : a || b;
}

void
watch_forget(struct watch *watch, struct watch_service *service)
{
	if (service->service != -1)
		inotify_rm_watch(watch->fd, service->service);
	if (service->log != -1)
		inotify_rm_watch(watch->fd, service->log);
	service->service = service->log = -1;
}

static bool
is_relevant(struct watch const *watch, struct inotify_event const *event)
{
	if (event->mask & IN_Q_OVERFLOW)
		return true;
	if (!event->len)
		return false;
	if (event->wd == watch->directory)
		return event->name[0] != '.';
	return strcmp(event->name, "log") == 0 ||
	       strcmp(event->name, "run") == 0;
}

bool
watch_read(struct watch *watch)
{
	union {
		struct inotify_event event;
		char bytes[4096];
	} buf;
	struct inotify_event event;
	bool relevant = false;
	ssize_t got;

	while ((got = fd_read(watch->fd, buf.bytes, sizeof buf.bytes)) > 0) {
		for (ssize_t i = 0; i < got;) {
			struct inotify_event const *at =
			    (struct inotify_event const *)(void const
				    *)(buf.bytes + i);
			memcpy(&event, at, sizeof event);
			relevant |= is_relevant(watch, at);
			i += (ssize_t)(sizeof event + event.len);
		}
	}
	/* Not to be polled again if it is broken: the timer goes on. */
	if (got == -1 && errno != EAGAIN) {
		close(watch->fd);
		watch->fd = watch->directory = -1;
	}
	return relevant;
}

#else

int
watch_init(struct watch *watch)
{
	watch->fd = watch->directory = -1;
	return 0;
}

void
watch_directory(struct watch *watch)
{
	(void)watch;
}

int
watch_service(
    struct watch *watch, struct watch_service *service, char const *name)
{
	(void)watch;
	(void)service;
	(void)name;
	return 0;
}

void
watch_forget(struct watch *watch, struct watch_service *service)
{
	(void)watch;
	(void)service;
}

bool
watch_read(struct watch *watch)
{
	(void)watch;
	return false;
}

#endif
