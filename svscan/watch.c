/*
 * inotify on the scan directory, and on that of each service, for the moment
 * when it is moved or removed and when it gets a logger.  An application may
 * create files in its directory all day long: only the names "log" and "run"
 * count there.
 *
 * A watch tells of everything only on a file system of this machine, and only
 * of a directory that no further symbolic link leads to: who exchanges a link
 * half way is not seen.
 */
#include "svscan/watch.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include "svscan/directory.h"

#define APPEARS (IN_CREATE | IN_MOVED_TO)
#define CHANGES (APPEARS | IN_DELETE | IN_MOVED_FROM)
#define LEAVES	(IN_MOVE_SELF | IN_DELETE_SELF)

int
watch_init(struct watch *watch)
{
	watch->directory = -1;
	watch->tells = false;
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	return watch->fd == -1 ? -1 : 0;
}

static bool
is_local(char const *path)
{
	struct statfs fs;

	if (statfs(path, &fs) == -1)
		return false;
	/* statfs(2) */
	switch ((unsigned long)fs.f_type) {
	case 0x9123683e: /* btrfs */
	case 0xef53:	 /* ext2, ext3, ext4 */
	case 0xf2f52010: /* f2fs */
	case 0x794c7630: /* overlayfs */
	case 0x858458f6: /* ramfs */
	case 0x01021994: /* tmpfs */
	case 0x58465342: /* xfs */
		return true;
	}
	return false;
}

/* Is name a directory, or a link to a path without any further link? */
static bool
is_direct(char const *name)
{
	char target[PATH_MAX];
	ssize_t len = readlink(name, target, sizeof target - 1);

	if (len == -1)
		return errno == EINVAL;
	target[len] = 0;
	return directory_is_direct(AT_FDCWD, target);
}

void
watch_directory(struct watch *watch)
{
	int wd;

	if (watch->fd == -1)
		return;
	wd = inotify_add_watch(watch->fd, ".", CHANGES | LEAVES | IN_ONLYDIR);
	if (wd == watch->directory)
		return;
	if (watch->directory != -1)
		inotify_rm_watch(watch->fd, watch->directory);
	watch->directory = wd;
	watch->tells = wd != -1 && is_local(".");
}

/* Whatever path leads to now, which may be a new directory. */
static int
add(struct watch *watch, int *wd, char const *path, uint32_t events)
{
	int old = *wd, error;

	*wd = inotify_add_watch(
	    watch->fd, path, events | IN_ONLYDIR | IN_MASK_ADD);
	error = *wd == -1 ? errno : 0;
	if (old != -1 && old != *wd)
		inotify_rm_watch(watch->fd, old);
	/* Of a directory that cannot be watched others speak. */
	errno = error;
	return error == ENOSPC || error == ENOMEM ? -1 : 0;
}

int
watch_service(
    struct watch *watch, struct watch_service *service, char const *name)
{
	char path[NAME_MAX + sizeof "/log"];
	int old = service->service;

	if (watch->fd == -1)
		return 0;
	if (add(watch, &service->service, name, APPEARS | LEAVES) == -1)
		return -1;
	if (service->service != old)
		service->tells =
		    service->service != -1 && is_local(name) && is_direct(name);
	snprintf(path, sizeof path, "%s/log", name);
	return add(watch, &service->log, path, APPEARS);
}

static void
forget(struct watch *watch, int *wd)
{
	if (*wd != -1)
		inotify_rm_watch(watch->fd, *wd);
	*wd = -1;
}

void
watch_forget_log(struct watch *watch, struct watch_service *service)
{
	forget(watch, &service->log);
}

void
watch_forget(struct watch *watch, struct watch_service *service)
{
	forget(watch, &service->service);
	forget(watch, &service->log);
}

void
watch_end(struct watch *watch)
{
	forget(watch, &watch->directory);
	watch->tells = false;
}

static enum watch_news
news_of(struct watch const *watch, struct inotify_event const *event)
{
	if (event->mask & (IN_Q_OVERFLOW | IN_UNMOUNT))
		return WATCH_LOGGERS;
	if (event->mask & LEAVES)
		return WATCH_NAMES;
	if (!event->len)
		return WATCH_NOTHING;
	if (event->wd == watch->directory)
		return event->name[0] == '.' ? WATCH_NOTHING : WATCH_NAMES;
	if (strcmp(event->name, "log") == 0 || strcmp(event->name, "run") == 0)
		return WATCH_LOGGERS;
	return WATCH_NOTHING;
}

enum watch_news
watch_read(struct watch *watch)
{
	union {
		struct inotify_event event;
		char bytes[4096];
	} buf;
	enum watch_news one, all = WATCH_NOTHING;
	ssize_t got;

	while ((got = fd_read(watch->fd, buf.bytes, sizeof buf.bytes)) > 0) {
		for (ssize_t i = 0; i < got;) {
			struct inotify_event const *event =
			    (struct inotify_event const *)(void const
				    *)(buf.bytes + i);
			one = news_of(watch, event);
			all = one > all ? one : all;
			i += (ssize_t)(sizeof *event + event->len);
		}
	}
	/* Not to be polled again if it is broken: the timer goes on. */
	if (got == -1 && errno != EAGAIN) {
		close(watch->fd);
		watch->fd = watch->directory = -1;
		watch->tells = false;
	}
	return all;
}

#else

int
watch_init(struct watch *watch)
{
	watch->fd = watch->directory = -1;
	watch->tells = false;
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
watch_forget_log(struct watch *watch, struct watch_service *service)
{
	(void)watch;
	(void)service;
}

void
watch_forget(struct watch *watch, struct watch_service *service)
{
	(void)watch;
	(void)service;
}

void
watch_end(struct watch *watch)
{
	(void)watch;
}

enum watch_news
watch_read(struct watch *watch)
{
	(void)watch;
	return WATCH_NOTHING;
}

#endif
