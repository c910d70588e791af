/*
 * What only Linux has, besides the watches of watch.h.
 */
#ifndef SVSCAN_LINUX_H
#define SVSCAN_LINUX_H

#include <signal.h>
#include <unistd.h>

#include "supervise/linux.h"

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
