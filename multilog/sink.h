#ifndef MULTILOG_SINK_H
#define MULTILOG_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/tai.h>

#include "multilog/spool.h"

/* Standard output or standard error as a receiver of lines. */
struct sink_stream {
	int fd;
	char const *name; /* for messages */
	struct spool spool;
	bool told; /* that it cannot be written */
	bool lost; /* something was given up, though there is a reader */
};

/* Queues the first 200 bytes of a line (without its newline), as e does. */
void sink_alert(struct sink_stream *o, char const *line, size_t len);

/* Writes what can be written without waiting, whole lines where they fit into
   PIPE_BUF.  What cannot be written at all is dropped with one warning: logs
   go on. */
void sink_write(struct sink_stream *o);

#define SINK_FILE_LEN 1001

/* A file that holds the latest selected line, filled up with newlines. */
struct sink_file {
	char const *path;
	char line[SINK_FILE_LEN];
	bool pending;  /* line is not in the file yet */
	bool in_place; /* has warned that it is overwritten */
	bool told;     /* has warned that it cannot be written */
	tain retry;
};

/* Makes sure that the file exists and can be written.  The path remains the
   caller's.  0, or -1 with errno. */
int sink_file_open(struct sink_file *f, char const *path);

/* Takes the first 1000 bytes of a line; the last one given is kept. */
void sink_file_set(struct sink_file *f, char const *line, size_t len);

/* Writes what is pending, unless that failed a moment ago; at once if now.  -1
   if it is still pending. */
int sink_file_write(struct sink_file *f, bool now);

#endif
