/*
 * How svc notices changes in a directory: by dnotify, where there is such a
 * thing.  What cannot be watched must be looked at every WAIT_BLIND_MS.
 */
#ifndef SVC_WAIT_H
#define SVC_WAIT_H

#define WAIT_BLIND_MS 20

/* What wait_next() returns if not a watch. */
enum { WAIT_NOTHING = -1, WAIT_ANYTHING = -2 };

/* A descriptor to poll for reading; -1: nothing can be watched. */
int wait_open(void);

/*
 * Watch the entries of a directory, and writes to them.  A descriptor for the
 * caller to close; -1 if that is not possible.
 */
int wait_watch(char const *directory);

/*
 * The watch of the next change read from wait_open()'s descriptor; WAIT_NOTHING
 * if there is none, WAIT_ANYTHING if changes were lost.
 */
int wait_next(int fd);

#endif
