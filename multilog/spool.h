#ifndef MULTILOG_SPOOL_H
#define MULTILOG_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

/* What waits to be written: first buf, then run. */
struct spool {
	char *buf; /* the owner's; null if runs are never interrupted */
	size_t len;
	char const *run; /* somebody else's memory, unchanged until drained */
	size_t run_len;
	size_t done; /* bytes of both together already written */
};

/* Appends n bytes.  They must stay where they are until all is written; buf
   must have room for whatever is added between two drained states. */
void spool_add(struct spool *s, char const *p, size_t n);

/* Appends a copy of n bytes to buf. */
void spool_copy(struct spool *s, char const *p, size_t n);

/* Bytes not yet written. */
size_t spool_left(struct spool const *s);

/* Describes the next bytes, at most most of them; returns 0, 1 or 2. */
int spool_next(struct spool const *s, size_t most, struct iovec iov[2]);

/* Takes note that n more bytes are written. */
void spool_wrote(struct spool *s, size_t n);

/* Bytes from the next one to the last newline that lies in [from, to), itself
   included; 0 if there is none.  to must not exceed spool_left(). */
size_t spool_last_line(struct spool const *s, size_t from, size_t to);

#endif
