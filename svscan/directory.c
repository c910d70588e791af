/*
 * Reads the scan directory: one stat(2) for each name, following links, and
 * one for its log/run.  An error is a property of the entry; only a directory
 * that cannot be read at all, or memory that cannot be had, is an error here.
 */
#include "svscan/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/direntry.h>
#include <skalibs/djbunix.h>

int
directory_enter(struct directory *directory, char const *path)
{
	directory->path = path;
	directory->origin = -1;
	if (!path)
		return 0;
	directory->origin = open2(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return chdir(path);
}

void
directory_follow(struct directory const *directory)
{
	int at = directory->origin == -1 ? AT_FDCWD : directory->origin;
	struct stat here, there;
	int fd;

	if (!directory->path || (at == AT_FDCWD && directory->path[0] != '/'))
		return;
	if (fstatat(at, directory->path, &there, 0) == -1 ||
	    stat(".", &here) == -1 ||
	    (here.st_dev == there.st_dev && here.st_ino == there.st_ino))
		return;
	fd = openat(at, directory->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return;
	/* Where this fails we stay, and try again at the next look. */
	if (fchdir(fd) == -1)
		errno = 0;
	fd_close(fd);
}

bool
directory_has(char const *name, struct scan_id const *id)
{
	struct stat st;

	return stat(name, &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_dev == id->dev && st.st_ino == id->ino;
}

struct scan_entry *
listing_entries(struct listing const *listing)
{
	return genalloc_s(struct scan_entry, &listing->entries);
}

size_t
listing_len(struct listing const *listing)
{
	return genalloc_len(struct scan_entry, &listing->entries);
}

void
listing_free(struct listing *listing)
{
	genalloc_free(struct scan_entry, &listing->entries);
	stralloc_free(&listing->names);
}

static bool
means_absent(int error)
{
	return error == ENOENT || error == ENOTDIR;
}

static void
look_for_log(struct scan_entry *entry, char const *name)
{
	char path[NAME_MAX + sizeof "/log/run"];
	struct stat st;
	int len = snprintf(path, sizeof path, "%s/log/run", name);

	entry->log = SCAN_LOGGED;
	if ((size_t)len < sizeof path && stat(path, &st) == 0)
		return;
	if ((size_t)len >= sizeof path)
		errno = ENAMETOOLONG;
	entry->log = SCAN_UNLOGGED;
	if (means_absent(errno))
		return;
	entry->log = SCAN_LOG_UNCLEAR;
	entry->error = errno;
}

/* True if the name is one to be listed. */
static bool
look_at(struct scan_entry *entry, char const *name)
{
	struct stat st;

	if (stat(name, &st) == 0) {
		if (!S_ISDIR(st.st_mode))
			return false;
		entry->kind = SCAN_DIRECTORY;
		entry->id.dev = st.st_dev;
		entry->id.ino = st.st_ino;
		look_for_log(entry, name);
		return true;
	}
	entry->error = errno;
	entry->kind = means_absent(errno) ? SCAN_ABSENT : SCAN_UNCLEAR;
	/* A name that went away since it was read is nothing to speak of. */
	return entry->kind == SCAN_UNCLEAR || lstat(name, &st) == 0;
}

/* The name's place in listing->names, as the memory may still move. */
static int
add(struct listing *listing, char const *name)
{
	struct scan_entry entry = {.log = SCAN_UNLOGGED};

	if (!look_at(&entry, name))
		return 0;
	entry.name = (char const *)(uintptr_t)listing->names.len;
	if (!stralloc_catb(&listing->names, name, strlen(name) + 1) ||
	    !genalloc_append(struct scan_entry, &listing->entries, &entry))
		return -1;
	return 0;
}

static int
read_names(struct listing *listing, DIR *dir)
{
	direntry *d;

	for (;;) {
		errno = 0;
		d = readdir(dir);
		if (!d)
			return errno ? -1 : 0;
		if (d->d_name[0] != '.' && add(listing, d->d_name) == -1)
			return -1;
	}
}

int
directory_read(struct listing *listing)
{
	DIR *dir = opendir(".");
	struct scan_entry *entries;
	int result;

	genalloc_setlen(struct scan_entry, &listing->entries, 0);
	listing->names.len = 0;
	if (!dir)
		return -1;
	result = read_names(listing, dir);
	dir_close(dir);
	if (result == -1)
		genalloc_setlen(struct scan_entry, &listing->entries, 0);
	entries = listing_entries(listing);
	for (size_t i = 0; i < listing_len(listing); i++)
		entries[i].name = listing->names.s + (uintptr_t)entries[i].name;
	return result;
}
