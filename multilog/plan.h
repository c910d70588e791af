#ifndef MULTILOG_PLAN_H
#define MULTILOG_PLAN_H

#include <stddef.h>

#include "multilog/lines.h"
#include "multilog/logdir.h"
#include "multilog/outlet.h"
#include "multilog/script.h"
#include "multilog/statusfile.h"

/* A script with everything it takes to carry it out. */
struct plan {
	struct script script;
	struct lines lines;
	struct logdir *dirs;
	size_t dir_count;
	struct statusfile *files;
	size_t file_count;
	struct outlet out;
	struct outlet err;
};

/* Understands the actions, opens what they name, allocates all that will be
   needed.  Warns of what it does not understand; says what is fatal.  0 or
   -1. */
int plan_make(struct plan *p, char const *const *actions, size_t n);

#endif
