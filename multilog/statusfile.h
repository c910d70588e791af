#ifndef MULTILOG_STATUSFILE_H
#define MULTILOG_STATUSFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/tai.h>

#define STATUSFILE_LEN 1001

/* A file that holds the latest selected line, filled up with newlines. */
struct statusfile {
	char const *path;
	char const *temporary; /* path and ".new"; the caller's */
	char line[STATUSFILE_LEN];
	bool pending; /* line is not in the file yet */
	bool told;
	tain retry; /* when to try again */
};

/* Makes sure that the file exists and can be written; 0, or -1 with errno. */
int statusfile_open(
    struct statusfile *f, char const *path, char const *temporary);

/* Takes the first 1000 bytes of a line; the last one given is kept. */
void statusfile_set(struct statusfile *f, char const *line, size_t len);

/* Writes what is pending, unless it failed a moment ago. */
void statusfile_advance(struct statusfile *f);

#endif
