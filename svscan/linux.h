/*
 * What only Linux has; on other systems it fails, or is not done, and svscan
 * goes by its timer alone.
 */
#ifndef SVSCAN_LINUX_H
#define SVSCAN_LINUX_H

#include <signal.h>
#include <unistd.h>

#include "supervise/linux.h"

#ifdef __linux__
#include <sys/inotify.h>
#else
#include <stdint.h>

struct inotify_event {
	int wd;
	uint32_t mask, len;
	char name[];
};

enum {
	IN_NONBLOCK,
	IN_CLOEXEC,
	IN_ONLYDIR,
	IN_MASK_ADD,
	IN_ONESHOT,
	IN_CLOSE_WRITE,
	IN_CREATE,
	IN_DELETE,
	IN_MOVED_TO,
	IN_MOVED_FROM,
	IN_MOVE_SELF,
	IN_DELETE_SELF,
	IN_Q_OVERFLOW,
	IN_UNMOUNT
};

#define inotify_init1(flags)	 ((void)(flags), linux_missing())
#define inotify_rm_watch(fd, wd) ((void)(fd), (void)(wd))
#define inotify_add_watch(fd, path, mask) \
	((void)(fd), (void)(path), (void)(mask), linux_missing())
#endif

#ifndef O_PATH
#define O_PATH O_RDONLY
#endif

/* Block all signals of the set, and no others.  The kernel's call, for the C
 * library leaves two that it keeps to itself as they are. */
static inline void
linux_block_signals(sigset_t const *set)
{
#ifdef SYS_rt_sigprocmask
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, set, NULL, NSIG / 8);
#else
	sigprocmask(SIG_SETMASK, set, NULL);
#endif
}

#endif
