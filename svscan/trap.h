/*
 * The signals that are orders to svscan, and the deaths of its children.
 */
#ifndef SVSCAN_TRAP_H
#define SVSCAN_TRAP_H

/* Have them caught, from the first moment on, and all others reset. */
void trap_early(void);

/*
 * A descriptor to poll, for selfpipe_read; the first ones are those that have
 * come since trap_early.  -1 errno.
 */
int trap_begin(void);

/* In a child that is about to exec: the default disposition of all signals, and
 * none blocked. */
void trap_reset(void);

#endif
