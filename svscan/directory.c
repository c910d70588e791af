/*
 * Reads the scan directory: one stat(2) for each name, following links, and
 * one for its log/run where that is asked for.  An error is a property of the
 * entry; only a directory that cannot be read at all, or memory that cannot be
 * had, is an error here.
 */
#include "svscan/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif
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

bool
directory_is_direct(int at, char const *path)
{
#ifdef SYS_openat2
	/* openat2(2), RESOLVE_NO_SYMLINKS; not all have the kernel's header. */
	struct {
		uint64_t flags, mode, resolve;
	} how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = 4};
	long fd = syscall(SYS_openat2, at, path, &how, sizeof how);

	if (fd != -1)
		fd_close((int)fd);
	return fd != -1;
#else
	(void)at;
	(void)path;
	return false;
#endif
}

bool
directory_we_are_direct(struct directory const *directory)
{
	int at = directory->origin == -1 ? AT_FDCWD : directory->origin;

	return !directory->path || directory_is_direct(at, directory->path);
}

bool
directory_follow(struct directory const *directory)
{
	int at = directory->origin == -1 ? AT_FDCWD : directory->origin;
	struct stat here, there;
	bool result;
	int fd;

	if (!directory->path || (at == AT_FDCWD && directory->path[0] != '/'))
		return true;
	if (fstatat(at, directory->path, &there, 0) == -1 ||
	    stat(".", &here) == -1)
		return false;
	if (here.st_dev == there.st_dev && here.st_ino == there.st_ino)
		return true;
	fd = openat(at, directory->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return false;
	/* Where this fails we stay, and try again at the next look. */
	result = fchdir(fd) == 0;
	fd_close(fd);
	return result;
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

void
directory_look_for_log(struct scan_entry *entry)
{
	char path[NAME_MAX + sizeof "/log/run"];
	struct stat st;

	snprintf(path, sizeof path, "%s/log/run", entry->name);
	if (stat(path, &st) == 0) {
		entry->log = SCAN_LOGGED;
		return;
	}
	entry->log = SCAN_UNLOGGED;
	if (means_absent(errno))
		return;
	entry->log = SCAN_LOG_UNCLEAR;
	entry->error = errno;
}

bool
directory_look_at(struct scan_entry *entry, char const *name)
{
	struct stat st;

	*entry = (struct scan_entry){.name = name, .log = SCAN_LOG_UNCLEAR};
	if (stat(name, &st) == 0) {
		if (!S_ISDIR(st.st_mode))
			return false;
		entry->kind = SCAN_DIRECTORY;
		entry->id.dev = st.st_dev;
		entry->id.ino = st.st_ino;
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
	struct scan_entry entry;

	if (!directory_look_at(&entry, name))
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
