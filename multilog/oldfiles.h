#ifndef MULTILOG_OLDFILES_H
#define MULTILOG_OLDFILES_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "multilog/stamp.h"

/* What a look through the old files of a directory has found. */
struct oldfiles {
	uint64_t count;
	uint64_t bytes;
	uint64_t oldest_bytes;
	char oldest[256];   /* smallest name; empty if there is none */
	char newest[256];   /* greatest name */
	struct stamp label; /* greatest label; all 0 if there is none */
};

/* Old files are those whose name begins with @ and has 25 bytes or more.
   Those up to the name after (inclusive) are counted, but are no candidates
   for oldest.  Sizes are added up only if sized.  0, or -1 with errno. */
int oldfiles_scan(DIR *list, char const *after, bool sized, struct oldfiles *o);

/* True if a file is also present as an old file. */
bool oldfiles_include(DIR *list, dev_t dev, ino_t ino);

/* Removes the oldest while there are more than number, or more than total
   bytes (if not 0); never the newest.  Goes on with the next one where one
   cannot be removed.  0, or -1 with errno and the name of the first that
   could not be removed in stuck (empty if the directory could not be read). */
int oldfiles_trim(DIR *list, uint64_t number, uint64_t total, char stuck[256]);

#endif
