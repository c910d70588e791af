#ifndef MULTILOG_LINES_H
#define MULTILOG_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "multilog/script.h"
#include "multilog/sink.h"
#include "multilog/spool.h"
#include "multilog/stamp.h"

struct lines {
	/* What has been read and not yet given away: [start, end) of in.  One
	   byte more than cap is there, for a missing newline. */
	char *in;
	size_t cap;
	size_t start;
	size_t end;
	bool ended;  /* no more will come: what is there is all */
	bool inside; /* in starts within a line whose beginning is gone */

	bool more; /* lines_give() had no room for all that is complete */

	/* Lines with something put before them are made here; null if there
	   is nothing to put.  What has been given stays in its place until all
	   receivers have written it. */
	char *text;
	size_t text_cap;
	size_t head;		 /* how much is put before each */
	struct stamp_text stamp; /* for the next line that is given */
	tain now;		 /* of the latest read */
	bool late; /* only the line after the next one began with it */

	struct script script;
	struct sink_stream *alerts; /* standard error */
};

/* How many bytes should be read at most, to the end of what is in in: what they
   become is bounded.  Moves what has not been given away: nothing may be
   spooled. */
size_t lines_room(struct lines *l);

/* The most that the lines can become if n more bytes are read. */
size_t lines_become(struct lines const *l, size_t n);

/* How many more bytes can be read so that they become room bytes at most. */
size_t lines_fit(struct lines const *l, size_t room);

/* Takes note of n more bytes read at that moment. */
void lines_add(struct lines *l, size_t n, tain now);

/* True if a line has begun whose end has not been read. */
bool lines_partial(struct lines const *l);

/* Gives the next lines away: all that are complete, as far as there is room.
   Nothing may be spooled.  False if there was nothing to give: more must be
   read first, or it has ended. */
bool lines_give(struct lines *l);

#endif
