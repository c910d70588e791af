#ifndef MULTILOG_SPOOL_H
#define MULTILOG_SPOOL_H

#include <stddef.h>

/* What waits to be written, in one piece. */
struct spool {
	char *buf; /* the owner's; null if all comes in one piece */
	char const *next;
	size_t left; /* bytes not yet written */
};

/* Appends n bytes to buf, which must have room for whatever is added between
   two drained states.  Without a buf they must stay where they are until all
   is written, and the spool must be drained. */
void spool_add(struct spool *s, char const *p, size_t n);

/* Takes note that n more bytes are written. */
void spool_wrote(struct spool *s, size_t n);

/* Bytes from the next one to the last newline that lies in [from, to), itself
   included; 0 if there is none.  to must not exceed what is left. */
size_t spool_last_line(struct spool const *s, size_t from, size_t to);

#endif
