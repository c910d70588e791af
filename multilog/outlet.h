#ifndef MULTILOG_OUTLET_H
#define MULTILOG_OUTLET_H

#include <stdbool.h>

#include "multilog/spool.h"

/* Standard output or standard error as a receiver of lines. */
struct outlet {
	int fd;
	char const *name; /* for warnings */
	struct spool spool;
	bool told; /* that it cannot be written */
};

/* Queues the first 200 bytes of a line (without its newline), as e does. */
void outlet_alert(struct outlet *o, char const *line, size_t len);

/* Writes what can be written without waiting.  What cannot be written at all
   (nobody reads any more) is dropped with one warning: logs go on. */
void outlet_advance(struct outlet *o);

#endif
