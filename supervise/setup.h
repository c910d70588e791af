/*
 * The files of supervise/ in the service directory: made, locked and opened
 * once, before the service is.  What exists already keeps its inode, owner and
 * mode: an admin gives a group the control of one service that way.  The umask
 * is out of the way for good, so that modes are what the manual says.
 */
#ifndef SUPERVISE_SETUP_H
#define SUPERVISE_SETUP_H

#include <stdbool.h>
#include <sys/types.h>

#define SETUP_LOCK SUPERVISE_DIR "/lock"

struct setup {
	bool down_file;
	mode_t mask; /* the umask, which is 0 now: for the service */
	int lock_fd;
	int control_fd;
	int ok_fd;	    /* -1 until setup_show() */
	int spare_fd;	    /* kept for when there are no others; -1: lent */
	char const *failed; /* the verb of what failed, and */
	char const *object; /* the file, below the service directory */
};

/*
 * Have a directory supervise in that of the service, also where a dangling
 * symlink points, parents included; with mode 0755 less the umask.  0; -1
 * errno.
 */
int setup_directory(char const *service);

/*
 * In the current directory: the directory supervise, the lock, with flock(2),
 * and the FIFOs, with control opened.  0; -1 errno and what failed, EWOULDBLOCK
 * when another supervise has the lock: nothing is changed before it but the
 * directory.
 */
int setup_open(struct setup *setup);

/* Note what could not be done.  -1. */
int setup_failed(struct setup *setup, char const *verb, char const *object);

/*
 * From now on clients see a supervise, and what it has published must be so.
 * 0; -1 errno, and it can be tried again.
 */
int setup_show(struct setup *setup);

/* Lend the spare descriptor to what follows, and take it back. */
void setup_spend(struct setup *setup);
void setup_regain(struct setup *setup);

#endif
