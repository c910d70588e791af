/*
 * The files of supervise/ in the service directory: made, locked and opened
 * once, before the service is.  What exists already keeps its inode, owner and
 * mode: an admin gives a group the control of one service that way.
 */
#ifndef SUPERVISE_SETUP_H
#define SUPERVISE_SETUP_H

#define LOCK_FILE SUPERVISE_DIR "/lock"

/*
 * All in the current directory; each 0, a descriptor, or -1 errno.
 *
 * The directory, 0755; also where a dangling symlink points, parents included.
 */
int setup_directory(void);

/* Made 0600 and locked with flock(2); EWOULDBLOCK when another has it. */
int setup_lock(void);

/*
 * The reading end, non-blocking, of a FIFO made with this mode if missing;
 * EFTYPE's meaning is EINVAL: it is something else.
 */
int setup_fifo(char const *name, unsigned int mode);

#endif
