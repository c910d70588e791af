/*
 * What appears is told by inotify.  What changes is told by its older brother
 * dnotify, a signal for each change in a directory: a process that ends with an
 * inotify watch stays for the 10 or 20 ms that the kernel takes to be sure that
 * nobody uses it any more, and whoever waits for us waits for that too.  Where
 * dnotify is not, inotify does that also, with a descriptor of its own, because
 * opening a file is news while a supervise is to appear, and must not be once
 * its files are read here.
 */
#include "svc/wait.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "supervise/report.h"
#include "supervise/status.h"

/* supervise opens its FIFOs last, and there is no other sign of that. */
#define APPEARS (IN_CREATE | IN_MOVED_TO | IN_OPEN)

/* Replaced; or rewritten in place, which supervise does on a full disk. */
#define CHANGES		(IN_MOVED_TO | IN_MODIFY)
#define CHANGES_DNOTIFY (DN_RENAME | DN_MODIFY | DN_MULTISHOT)

/* An id is a descriptor that dnotify signals for, or a watch of inotify. */
enum { WATCH = 1 << 30 };

void
wait_open(struct wait *w)
{
	sigset_t set;

	/* SIGIO takes the place of signals for which there was no room. */
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGIO);
	sigprocmask(SIG_BLOCK, &set, NULL);
	*w = (struct wait){.appear = -1, .watches = -1};
	w->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

void
wait_appear(struct wait *w, char const *directory)
{
	if (w->appear == -1)
		w->appear = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (inotify_add_watch(w->appear, directory, APPEARS | IN_ONLYDIR) ==
		-1 &&
	    errno != ENOENT && errno != ENOTDIR)
		w->blind = true;
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

void
wait_appear_end(struct wait *w)
{
	if (w->appear != -1)
		fd_close(w->appear);
	w->appear = -1;
}

static int
change_by_dnotify(struct wait *w)
{
	int fd;

	if (w->signals == -1)
		return -1;
	fd = open2(SUPERVISE_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	if (fcntl(fd, F_SETSIG, SIGRTMIN) == 0 &&
	    fcntl(fd, F_NOTIFY, CHANGES_DNOTIFY) == 0)
		return fd;
	fd_close(fd);
	return -1;
}

int
wait_change(struct wait *w)
{
	int id;

	if (w->watches == -1) {
		id = change_by_dnotify(w);
		if (id != -1)
			return id;
		w->watches = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	}
	id = inotify_add_watch(w->watches, SUPERVISE_DIR, CHANGES | IN_ONLYDIR);
	if (id == -1) {
		w->blind = true;
		return WAIT_NOTHING;
	}
	return id | WATCH;
}

void
wait_forget(int id)
{
	/* A watch may be another service's too, by another name. */
	if (id >= 0 && !(id & WATCH))
		fd_close(id);
}

/* Take the next event out of the buffer, refilled if it is empty. */
static bool
next_event(struct wait *w, struct inotify_event *event, char const **name)
{
	char const *at;

	if (w->events_used == w->events_len) {
		ssize_t n = fd_read(w->watches, w->events, sizeof w->events);

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

static int
changed_by_inotify(struct wait *w)
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
		return event.wd | WATCH;
	}
	return WAIT_NOTHING;
}

int
wait_changed(struct wait *w)
{
	struct signalfd_siginfo info;

	if (fd_read(w->signals, (char *)&info, sizeof info) == sizeof info)
		return info.ssi_signo == SIGIO ? WAIT_ANYTHING : info.ssi_fd;
	return w->watches == -1 ? WAIT_NOTHING : changed_by_inotify(w);
}

#else

void
wait_open(struct wait *w)
{
	*w = (struct wait){
	    .appear = -1, .signals = -1, .watches = -1, .blind = true};
}

void
wait_appear(struct wait *w, char const *directory)
{
	(void)w;
	(void)directory;
}

bool
wait_appeared(struct wait *w)
{
	(void)w;
	return false;
}

void
wait_appear_end(struct wait *w)
{
	(void)w;
}

int
wait_change(struct wait *w)
{
	(void)w;
	return WAIT_NOTHING;
}

void
wait_forget(int id)
{
	(void)id;
}

int
wait_changed(struct wait *w)
{
	(void)w;
	return WAIT_NOTHING;
}

#endif
