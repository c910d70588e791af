/*
 * The scan directory: which it is, and what is in it.  It is the current
 * directory of svscan; when its path comes to mean another directory, svscan
 * follows.
 */
#ifndef SVSCAN_DIRECTORY_H
#define SVSCAN_DIRECTORY_H

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

#include "svscan/scan.h"

struct directory {
	char const *path; /* null: where svscan was started */
	int origin;	  /* what a relative path starts from, or -1 */
};

/* What was read: entries, and their names. */
struct listing {
	genalloc entries; /* of struct scan_entry */
	stralloc names;
};

#define LISTING_ZERO                                             \
	{                                                        \
		.entries = GENALLOC_ZERO, .names = STRALLOC_ZERO \
	}

/* Make path (or null) the current directory.  0; -1 errno. */
int directory_enter(struct directory *directory, char const *path);

/* Go where the path leads now, if that is elsewhere and can be entered. */
void directory_follow(struct directory const *directory);

/* Is name still the directory with that identity? */
bool directory_has(char const *name, struct scan_id const *id);

/*
 * Read the current directory.  Names that begin with a dot, and what is there
 * but no directory, are left out.  0; -1 errno, and the listing is useless.
 */
int directory_read(struct listing *listing);

struct scan_entry *listing_entries(struct listing const *listing);
size_t listing_len(struct listing const *listing);
void listing_free(struct listing *listing);

#endif
