/*
 * Short looks at files below a service, with one descriptor in reserve: with
 * the table of descriptors full, svscan must still be able to stop what it has
 * started.
 */
#ifndef SVSCAN_FILES_H
#define SVSCAN_FILES_H

#include <stdbool.h>

#include "svscan/table.h"

/* Have the reserve.  0; -1 errno, and files_close() tries again. */
int files_reserve(void);

/* Open, non-blocking and close-on-exec, with the reserve if there is no other
 * descriptor.  To be closed by files_close() and soon; -1 errno. */
int files_open(int at, char const *path, int flags);

/* The same for a FIFO; no link is followed.  -1 errno, EEXIST: it is none. */
int files_open_fifo(int at, char const *path, int flags);

/* Close one, and have the reserve again.  errno is kept. */
void files_close(int fd);

/* Of what is open; {0, 0} if that cannot be learned. */
struct identity files_identity(int fd);

/* Of the directory that a path leads to.  0; -1 errno, which is ENOTDIR if it
 * is something else. */
int files_directory(int at, char const *path, struct identity *id);

/* Is that the directory, or file, with that identity? */
bool files_is(int at, char const *path, struct identity const *id);

/*
 * Have its directory open in service->directory, so that all that follows is
 * done there, wherever its name leads by then.  False if the name leads
 * elsewhere.  True without it if it is there, but cannot be opened.
 */
bool files_hold(struct entry *service);
void files_release(struct entry *service);

#endif
