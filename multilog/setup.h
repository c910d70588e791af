#ifndef MULTILOG_SETUP_H
#define MULTILOG_SETUP_H

#include <stddef.h>

#include "multilog/lines.h"
#include "multilog/logdir.h"
#include "multilog/script.h"
#include "multilog/sink.h"

/* A script with everything it takes to carry it out. */
struct setup {
	struct lines lines;
	struct logdir *dirs;
	size_t dir_count;
	struct sink_file *files;
	size_t file_count;
	struct sink_stream out;
	struct sink_stream err;
};

/* Understands the actions, opens what they name, provides all the memory that
   will be needed to read read_size bytes at once.  Warns of what it does not
   understand; says what is fatal.  0 or -1. */
int setup_make(
    struct setup *p, char const *const *actions, size_t n, size_t read_size);

/* How much a read from standard input should take. */
size_t setup_read_size(void);

#endif
