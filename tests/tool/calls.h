/*
 * The system calls that may fail, and with what: what their pages in section 2
 * of the manual list, without what only a mistake of the program brings about
 * (EBADF, EFAULT, EINVAL), and without what tells that a file is not there or
 * is of another kind, which tests make in truth.  "short" is a read or a write
 * of one byte.
 *
 * EROFS, ENOSPC, EDQUOT and EPERM are for an open that writes or makes a file,
 * EMFILE is for a fcntl that makes a descriptor, EAGAIN is for a descriptor
 * that does not block, EPIPE for a pipe or a socket; ENOSPC, EDQUOT and EFBIG
 * are for a write to a file, and EIO is for reads and writes of anything but
 * pipes and sockets: see may_fail() in kill_at.c.
 */
#include <sys/syscall.h>

#define LOOK   "EACCES EIO ENOMEM ELOOP "
#define CHANGE "EACCES EPERM EIO ENOMEM EROFS ENOSPC EDQUOT "
#define FULL   "EMFILE ENFILE "

static struct call {
	char const *name;
	long number;
	char const *errors;
} const calls[] = {
#ifdef SYS_open
    {"open", SYS_open, LOOK FULL "EINTR EROFS ENOSPC EDQUOT EPERM"},
    {"stat", SYS_stat, LOOK},
    {"lstat", SYS_lstat, LOOK},
    {"access", SYS_access, LOOK "EROFS"},
    {"readlink", SYS_readlink, LOOK},
    {"rename", SYS_rename, CHANGE},
    {"unlink", SYS_unlink, "EACCES EPERM EIO ENOMEM EROFS"},
    {"mkdir", SYS_mkdir, CHANGE "EMLINK"},
    {"mknod", SYS_mknod, CHANGE},
    {"link", SYS_link, CHANGE "EMLINK"},
    {"chmod", SYS_chmod, LOOK "EPERM EROFS"},
    {"pipe", SYS_pipe, "EMFILE ENFILE"},
    {"dup2", SYS_dup2, "EINTR EMFILE"},
    {"fork", SYS_fork, "EAGAIN ENOMEM"},
    {"vfork", SYS_vfork, "EAGAIN ENOMEM"},
    {"poll", SYS_poll, "EINTR ENOMEM"},
    {"select", SYS_select, "EINTR ENOMEM"},
    {"inotify_init", SYS_inotify_init, FULL "ENOMEM"},
#endif
    {"openat", SYS_openat, LOOK FULL "EINTR EROFS ENOSPC EDQUOT EPERM"},
    {"newfstatat", SYS_newfstatat, LOOK},
    {"fstat", SYS_fstat, "EIO ENOMEM"},
    {"faccessat", SYS_faccessat, LOOK "EROFS"},
    {"readlinkat", SYS_readlinkat, LOOK},
    {"renameat", SYS_renameat, CHANGE},
    {"renameat2", SYS_renameat2, CHANGE},
    {"unlinkat", SYS_unlinkat, "EACCES EPERM EIO ENOMEM EROFS"},
    {"mkdirat", SYS_mkdirat, CHANGE "EMLINK"},
    {"mknodat", SYS_mknodat, CHANGE},
    {"linkat", SYS_linkat, CHANGE "EMLINK"},
    {"fchmod", SYS_fchmod, "EIO EPERM EROFS"},
    {"fchmodat", SYS_fchmodat, LOOK "EPERM EROFS"},
    {"fchown", SYS_fchown, "EIO EPERM EROFS"},
    {"ftruncate", SYS_ftruncate, "EINTR EIO EFBIG ENOSPC"},
    {"fallocate", SYS_fallocate, "EINTR EIO ENOSPC EFBIG EOPNOTSUPP"},
    {"fsync", SYS_fsync, "EINTR EIO ENOSPC EDQUOT"},
    {"fdatasync", SYS_fdatasync, "EINTR EIO ENOSPC EDQUOT"},
    {"close", SYS_close, "EINTR EIO ENOSPC EDQUOT"},
    {"getdents64", SYS_getdents64, "EIO ENOMEM"},
    {"chdir", SYS_chdir, LOOK},
    {"fchdir", SYS_fchdir, "EACCES EIO"},
    {"read", SYS_read, "EAGAIN EINTR EIO short"},
    {"readv", SYS_readv, "EAGAIN EINTR EIO short"},
    {"pread64", SYS_pread64, "EINTR EIO short"},
    {"write", SYS_write, "EAGAIN EINTR EIO ENOSPC EDQUOT EFBIG EPIPE short"},
    {"writev", SYS_writev, "EAGAIN EINTR EIO ENOSPC EDQUOT EFBIG EPIPE short"},
    {"pwrite64", SYS_pwrite64, "EINTR EIO ENOSPC EDQUOT EFBIG short"},
    {"pipe2", SYS_pipe2, "EMFILE ENFILE"},
    {"dup", SYS_dup, "EMFILE"},
    {"fcntl", SYS_fcntl, "EMFILE"},
    {"dup3", SYS_dup3, "EINTR EMFILE"},
    {"flock", SYS_flock, "EINTR ENOLCK"},
    {"socket", SYS_socket, FULL "ENOMEM EACCES ENOBUFS"},
    {"bind", SYS_bind, LOOK "ENOSPC EROFS EADDRINUSE"},
    {"sendto", SYS_sendto, "EAGAIN EINTR ENOBUFS ENOMEM"},
    {"recvmsg", SYS_recvmsg, "EAGAIN EINTR ENOMEM"},
    {"setsockopt", SYS_setsockopt, "ENOMEM EPERM"},
    {"clone", SYS_clone, "EAGAIN ENOMEM"},
    {"execve", SYS_execve, "EACCES EAGAIN EIO ENOMEM EMFILE ENFILE ETXTBSY"},
    {"wait4", SYS_wait4, "EINTR"},
    {"waitid", SYS_waitid, "EINTR"},
    {"kill", SYS_kill, "EPERM"},
    {"pidfd_open", SYS_pidfd_open, FULL "ENOMEM ENOSYS"},
    {"pidfd_send_signal", SYS_pidfd_send_signal, "EPERM ENOSYS"},
    {"ppoll", SYS_ppoll, "EINTR ENOMEM"},
    {"pselect6", SYS_pselect6, "EINTR ENOMEM"},
    {"nanosleep", SYS_nanosleep, "EINTR"},
    {"clock_nanosleep", SYS_clock_nanosleep, "EINTR"},
    {"inotify_init1", SYS_inotify_init1, FULL "ENOMEM"},
    {"inotify_add_watch", SYS_inotify_add_watch, "EACCES ENOMEM ENOSPC"},
    {"signalfd4", SYS_signalfd4, FULL "ENOMEM"},
    {"timerfd_create", SYS_timerfd_create, FULL "ENOMEM"},
    {"eventfd2", SYS_eventfd2, FULL "ENOMEM"},
    {"memfd_create", SYS_memfd_create, FULL "ENOMEM"},
    {"prlimit64", SYS_prlimit64, "EPERM"},
    {"setrlimit", SYS_setrlimit, "EPERM"},
    {"setpgid", SYS_setpgid, "EPERM EACCES"},
    {"setsid", SYS_setsid, "EPERM"},
    {"setpriority", SYS_setpriority, "EPERM EACCES"},
    {"prctl", SYS_prctl, "EPERM"},
    {"clone3", SYS_clone3, "EAGAIN ENOMEM"},
};

static struct {
	char const *name;
	int error;
} const errors[] = {{"EACCES", EACCES}, {"EADDRINUSE", EADDRINUSE},
    {"EAGAIN", EAGAIN}, {"EDQUOT", EDQUOT}, {"EFBIG", EFBIG}, {"EINTR", EINTR},
    {"EIO", EIO}, {"ELOOP", ELOOP}, {"EMFILE", EMFILE}, {"EMLINK", EMLINK},
    {"ENFILE", ENFILE}, {"ENOBUFS", ENOBUFS}, {"ENOLCK", ENOLCK},
    {"ENOMEM", ENOMEM}, {"ENOSPC", ENOSPC}, {"ENOSYS", ENOSYS},
    {"EOPNOTSUPP", EOPNOTSUPP}, {"EPERM", EPERM}, {"EPIPE", EPIPE},
    {"EROFS", EROFS}, {"ETXTBSY", ETXTBSY}};
