/*
 * How svc notices that something has changed in a directory: dnotify tells,
 * where there is any.  What is not watched has to be looked at again soon.
 */
#ifndef SVC_WAIT_H
#define SVC_WAIT_H

#define WAIT_BLIND_MS 20 /* soon */

/* What wait_next() returns besides a watch. */
enum { WAIT_NOTHING = -1, WAIT_ANYTHING = -2 };

/* A descriptor to poll for reading; -1: nothing can be watched. */
int wait_open(void);

/*
 * Watch the entries of a directory, and writes to them.  A watch, which is the
 * caller's to close; -1 if it cannot be watched.
 */
int wait_watch(char const *directory);

/*
 * The watch of the next change that wait_open()'s descriptor tells of;
 * WAIT_NOTHING so far, WAIT_ANYTHING: there were too many to tell.
 */
int wait_next(int fd);

#endif
