#ifndef MULTILOG_ROTATE_H
#define MULTILOG_ROTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line that ends within so many bytes of the size limit ends the file. */
#define ROTATE_WINDOW 2000

enum rotate_current {
	ROTATE_CURRENT_ABSENT,
	ROTATE_CURRENT_CLEAN,  /* complete and on disk: the x bit */
	ROTATE_CURRENT_USABLE, /* no x bit, but empty, or ours all the time */
	ROTATE_CURRENT_WHOLE,  /* no x bit, ends with a newline */
	ROTATE_CURRENT_TORN,   /* no x bit, ends within a line */
	ROTATE_CURRENT_LINKED, /* also present under its final name */
	ROTATE_CURRENT_OPEN,   /* we are writing it */
};
#define ROTATE_CURRENTS 7

enum rotate_piece {
	ROTATE_PIECE_ABSENT,
	ROTATE_PIECE_PART,     /* without the x bit */
	ROTATE_PIECE_COMPLETE, /* with the x bit: complete and on disk */
	ROTATE_PIECE_LINKED,   /* also present under its final name */
};
#define ROTATE_PIECES 4

enum rotate_processor {
	ROTATE_PROCESSOR_NONE,
	ROTATE_PROCESSOR_IDLE,
	ROTATE_PROCESSOR_RUNNING,
	ROTATE_PROCESSOR_DONE,	  /* exited 0, its output not yet on disk */
	ROTATE_PROCESSOR_RESTING, /* failed, not to be tried again yet */
};
#define ROTATE_PROCESSORS 5

/* Everything the decision depends on. */
struct rotate_facts {
	enum rotate_current current;
	enum rotate_piece previous;
	enum rotate_piece processed;
	bool newstate; /* exists */
	enum rotate_processor processor;
	bool wanted; /* current is to be rotated; only if open or clean */
	bool spare;  /* one more .u would cost an old file, after a .u */
};

enum rotate_step {
	ROTATE_REST,	       /* nothing to do, or nothing to do now */
	ROTATE_CREATE_CURRENT, /* and make the directory durable */
	ROTATE_OPEN_CURRENT,   /* go on appending; x bit away */
	ROTATE_SYNC_CURRENT,   /* to disk, then the x bit */
	ROTATE_REMOVE_CURRENT, /* it has its final name already */
	ROTATE_MOVE_CURRENT,   /* becomes previous */
	ROTATE_NAME_CURRENT_S, /* becomes an old file, .s */
	ROTATE_NAME_CURRENT_U, /* becomes an old file, .u */
	ROTATE_NAME_PREVIOUS_S,
	ROTATE_NAME_PREVIOUS_U,
	ROTATE_NAME_PROCESSED,	 /* .s */
	ROTATE_REMOVE_PREVIOUS,	 /* its content is safe elsewhere */
	ROTATE_REMOVE_PROCESSED, /* incomplete, or has its final name */
	ROTATE_REMOVE_NEWSTATE,	 /* incomplete */
	ROTATE_KEEP_NEWSTATE,	 /* becomes state */
	ROTATE_START_PROCESSOR,
	ROTATE_SYNC_PROCESSED, /* and newstate; then the x bit */
};
#define ROTATE_STEPS 17

/* The one next step.  Repeated with the facts it leaves behind it always ends
   in ROTATE_REST, whatever files a crash has left. */
enum rotate_step rotate_next(struct rotate_facts const *f);

/* How many of the next left bytes go into current before the next decision,
   and whether it is full afterwards.  Line is the caller's spool_last_line()
   for the bounds that rotate_window() gives: 0 if no line ends there. */
struct rotate_window {
	size_t from; /* where in what is left to look for a line's end */
	size_t to;   /* nowhere, if not after from */
};
struct rotate_window rotate_window(uint64_t size, uint64_t limit, size_t left);
size_t rotate_amount(
    uint64_t size, uint64_t limit, size_t left, size_t line, bool *full);

#endif
