/*
 * What only Linux has.  On other systems these fail with ENOSYS, or do nothing:
 * an adopted process is looked at once a second, orphans are not seen, and
 * nobody is believed on a socket.
 */
#ifndef SUPERVISE_LINUX_H
#define SUPERVISE_LINUX_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>

#define linux_pidfd_open(pid) syscall(SYS_pidfd_open, pid, 0)
#define linux_pidfd_signal(pidfd, number) \
	syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0)
#define linux_subreaper() prctl(PR_SET_CHILD_SUBREAPER, 1)

/* The C library keeps two signals to itself; the kernel's call resets them. */
static inline void
linux_default_signal(int signal)
{
	static long const dfl[16]; /* SIG_DFL, no flags, no mask */

	syscall(SYS_rt_sigaction, signal, dfl, NULL, NSIG / 8);
}
#else
static inline int
linux_missing(void)
{
	errno = ENOSYS;
	return -1;
}

#define linux_pidfd_open(pid)		  linux_missing()
#define linux_pidfd_signal(pidfd, number) linux_missing()
#define linux_subreaper()		  linux_missing()

static inline void
linux_default_signal(int signal)
{
	sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
}
#endif

#ifndef O_PATH
#define O_PATH O_RDONLY
#endif

#ifndef CLOCK_BOOTTIME
#define CLOCK_BOOTTIME CLOCK_MONOTONIC
#endif

#ifndef SCM_CREDENTIALS
struct ucred {
	pid_t pid;
	uid_t uid;
};
#define SCM_CREDENTIALS (-1)
#define SO_PASSCRED	SO_KEEPALIVE /* harmless */
#endif

#endif
