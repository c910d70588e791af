#ifndef MULTILOG_LOGDIR_H
#define MULTILOG_LOGDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <skalibs/tai.h>

#include "multilog/message.h"
#include "multilog/rotation.h"
#include "multilog/script.h"
#include "multilog/spool.h"

/* One log directory. */
struct logdir {
	struct spool spool; /* what is to be appended */

	int lock_fd;
	struct rotation rotation;
	bool asked;   /* current is to be rotated once the spool is empty */
	bool leaving; /* TERM has come */
	tain due;     /* when current is too old; infinite: never */

	tain retry; /* until then, it pauses after trouble */
	struct message_trouble told;
};

/* Opens and locks a directory, making it first if there is none; changes
   nothing else in it.  0, or -1 after saying what is fatal. */
int logdir_open(
    struct logdir *d, char const *path, struct script_limits const *limits);

/* Recovers what a predecessor has left, up to the point where lines can be
   appended; does not wait, and starts no processor.  The x bit of current goes
   with the first line.  0, or -1 after saying what is fatal. */
int logdir_recover(struct logdir *d);

/* Goes on with whatever is to be done: appends the spool, rotates at most
   once.  Warns of trouble and tries again when it is time.  True if there is
   more to do at once. */
bool logdir_advance(struct logdir *d);

/* True if more lines may be given to it. */
bool logdir_ready(struct logdir const *d);

/* Makes room for what will be made of the next bytes to be read: returns how
   many bytes it may become, least to want; 0 if it must wait. */
size_t logdir_room(struct logdir *d, size_t least, size_t want);

/* Moves deadline forward to when logdir_advance() must be called next. */
void logdir_deadline(struct logdir const *d, tain *deadline);

/* TERM has come: tries again at once what is paused, and soon what fails, and
   waits no more for a processor to make room. */
void logdir_leave(struct logdir *d);

/* Ends all rotation: what is still to come goes into current, however long it
   gets.  For the last lines of a process that must not wait any more. */
void logdir_overfill(struct logdir *d);

/* True if something is not written yet, a processor runs, or its output is
   still to be taken. */
bool logdir_busy(struct logdir const *d);

/* Ends: makes current durable, then clean; ends a running processor.  What
   has not been written is given up, whole lines only.  0, or -1 after saying
   what was lost. */
int logdir_close(struct logdir *d);

#endif
