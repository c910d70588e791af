/*
 * What only Linux has; on other systems it fails, or is not done, and svscan
 * goes by its timer alone.
 */
#ifndef SVSCAN_LINUX_H
#define SVSCAN_LINUX_H

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
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
	IN_UNMOUNT,
	PR_SET_CHILD_SUBREAPER
};

static inline int
linux_has_it(void)
{
	errno = ENOSYS;
	return -1;
}

#define inotify_init1(flags)	 ((void)(flags), linux_has_it())
#define inotify_rm_watch(fd, wd) ((void)(fd), (void)(wd))
#define inotify_add_watch(fd, path, mask) \
	((void)(fd), (void)(path), (void)(mask), linux_has_it())
#define prctl(option, argument) ((void)(option), (void)(argument))
#endif

#ifndef O_PATH
#define O_PATH O_RDONLY
#endif

/* The signal mask.  The kernel's call, for the C library leaves signals that it
 * keeps to itself as they are, or not blocked. */
static inline void
signal_mask(int how, sigset_t const *set, sigset_t *before)
{
#ifdef SYS_rt_sigprocmask
	syscall(SYS_rt_sigprocmask, how, set, before, NSIG / 8);
#else
	sigprocmask(how, set, before);
#endif
}

/*
 * The default disposition.  The kernel's call, for the C library keeps two
 * signals to itself, which a parent that uses posix_spawn(3) leaves ignored.
 */
static inline void
signal_reset(int number)
{
#ifdef SYS_rt_sigaction
	static long const dfl[16]; /* SIG_DFL, no flags, no mask */

	syscall(SYS_rt_sigaction, number, dfl, NULL, NSIG / 8);
#else
	sigaction(number, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
#endif
}

#endif
