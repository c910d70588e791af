#ifndef MULTILOG_ROTATE_H
#define MULTILOG_ROTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line that ends within so many bytes of the size limit ends the file. */
#define ROTATE_WINDOW 2000

/* What there is of a file. */
enum rotate_file {
	ROTATE_ABSENT,
	ROTATE_PART,	 /* without the x bit: it may lack something */
	ROTATE_COMPLETE, /* with the x bit: complete and on disk */
	ROTATE_LINKED,	 /* with its final name as well */
	ROTATE_OPEN,	 /* current: we are writing it */
	ROTATE_SEALED,	 /* current: ours, to be renamed; takes no more */
};
#define ROTATE_PIECES	4 /* all but those of current */
#define ROTATE_CURRENTS 6

enum rotate_processor {
	ROTATE_PROCESSOR_NONE,
	ROTATE_PROCESSOR_IDLE,
	ROTATE_PROCESSOR_RUNNING,
	ROTATE_PROCESSOR_DONE,	  /* exited 0, its output not yet on disk */
	ROTATE_PROCESSOR_RESTING, /* not to be started yet */
};
#define ROTATE_PROCESSORS 5

/* Everything the decision depends on. */
struct rotate_facts {
	enum rotate_file current; /* complete if it is empty, too */
	enum rotate_file previous;
	enum rotate_file processed;
	enum rotate_file newstate;
	enum rotate_processor processor;
	bool wanted; /* current is to be rotated */
	bool gap;    /* current may lack something: it becomes a .u */
	bool spare;  /* one more .u would cost an old file, after a .u */
	bool dirty;  /* names have changed that may not be on disk */
};

enum rotate_step {
	ROTATE_REST, /* nothing to do, or nothing to do now */
	ROTATE_CREATE_CURRENT,
	ROTATE_OPEN_CURRENT,   /* go on appending; an unclean one has a gap */
	ROTATE_SEAL_CURRENT,   /* to disk, then the x bit unless it has a gap */
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
	ROTATE_SYNC_PROCESSED, /* and newstate; then the x bit, on disk too */
	ROTATE_SYNC_NAMES,     /* the directory to disk */
};
#define ROTATE_STEPS 18

/* The one next step.  Repeated with the facts it leaves behind it always ends
   in ROTATE_REST, whatever files a crash has left. */
enum rotate_step rotate_next(struct rotate_facts const *f);

/* True if current cannot be given its next name now, so that it has to take
   all that is read. */
bool rotate_must_wait(struct rotate_facts const *f);

/* True if a file of that size takes nothing more: it is as big as the limit,
   or ends with a line within the window below it. */
bool rotate_is_full(uint64_t size, uint64_t limit, bool ends_line);

/* Where to look, in the next left bytes for a file of that size, for the end
   of the line that ends the file: in [from, to); nowhere if that is empty.
   Returns to, which is also how much the file takes if none is there. */
size_t rotate_window(uint64_t size, uint64_t limit, size_t left, size_t *from);

#endif
