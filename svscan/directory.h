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

/* Go where the path leads now, if that is elsewhere and can be entered.  False
 * if we are not where it leads. */
bool directory_follow(struct directory const *directory);

/* Is path, from the directory at, a directory with no symbolic link on the way?
 * False if that cannot be learned. */
bool directory_is_direct(int at, char const *path);

/* Does no symbolic link lead to where we are? */
bool directory_we_are_direct(struct directory const *directory);

/* Is name still the directory with that identity? */
bool directory_has(char const *name, struct scan_id const *id);

/*
 * Read the current directory.  Names that begin with a dot, and what is there
 * but no directory, are left out; whether they have a log/run is left unclear,
 * with no error.  0; -1 errno, and the listing is useless.
 */
int directory_read(struct listing *listing);

/* Look at one name.  False if it is not one to be listed. */
bool directory_look_at(struct scan_entry *entry, char const *name);

/* Has it a log/run?  Sets log, and error if that stays unclear. */
void directory_look_for_log(struct scan_entry *entry);

struct scan_entry *listing_entries(struct listing const *listing);
size_t listing_len(struct listing const *listing);
void listing_free(struct listing *listing);

#endif
