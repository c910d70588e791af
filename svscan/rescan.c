/*
 * Comparing is merging two sorted lists: ten thousand services cost two sorts,
 * not a hundred million comparisons.  Directories are sorted by identity, then
 * by name; after them come the names that are no directory, by name alone.
 *
 * Looking costs one stat(2) for each name, following links, one for its log,
 * and one more for log/run if there is a log.  An error is a property of the
 * entry; only a directory that cannot be read at all, or memory that cannot be
 * had, leaves everything as it is.
 */
#include "svscan/rescan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervise/message.h"
#include "svscan/deadline.h"
#include "svscan/files.h"

#define PAUSE_MS 5000
#define SHORT_PAUSE_MS                                    \
	20 /* at first, when a name has just come to lead \
	      nowhere: it may be being replaced */

enum log { LOG_NONE, LOG_THERE, LOG_UNCLEAR };

static int
compare_ids(struct identity const *a, struct identity const *b)
{
	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	return 0;
}

static int
compare_entries(void const *va, void const *vb)
{
	struct rescan_entry const *a = va, *b = vb;
	bool odd_a = a->kind != RESCAN_DIRECTORY;
	bool odd_b = b->kind != RESCAN_DIRECTORY;
	int diff = 0;

	if (odd_a != odd_b)
		return odd_a ? 1 : -1;
	if (!odd_a)
		diff = compare_ids(&a->id, &b->id);
	return diff ? diff : strcmp(a->name, b->name);
}

static int
compare_known(void const *va, void const *vb)
{
	struct rescan_known const *a = va, *b = vb;

	return compare_ids(&a->id, &b->id);
}

static size_t
count_directories(struct rescan_entry const *entries, size_t n)
{
	size_t low = 0;

	while (low < n) {
		size_t middle = low + (n - low) / 2;
		if (entries[middle].kind == RESCAN_DIRECTORY)
			low = middle + 1;
		else
			n = middle;
	}
	return low;
}

/* The entry of that name among those that are no directory, or null. */
static struct rescan_entry const *
find_odd(struct rescan_entry const *entries, size_t n, char const *name)
{
	struct rescan_entry key = {.name = name, .kind = RESCAN_UNCLEAR};
	size_t directories = count_directories(entries, n);

	if (directories == n)
		return NULL;
	return bsearch(&key, entries + directories, n - directories,
	    sizeof *entries, compare_entries);
}

/* Of the names from first to last, which are one directory: which is it? */
static size_t
choose(struct rescan_entry const *entries, size_t first, size_t last,
    char const *name)
{
	for (size_t i = first; i < last; i++)
		if (strcmp(entries[i].name, name) == 0)
			return i;
	return first;
}

static void
judge(struct rescan_entry const *entries, size_t n, struct rescan_known *known)
{
	struct rescan_entry const *odd = find_odd(entries, n, known->name);

	known->fate =
	    odd && odd->kind == RESCAN_UNCLEAR ? RESCAN_UNTOUCHED : RESCAN_GONE;
}

void
rescan_match(struct rescan_entry *entries, size_t n, struct rescan_known *known,
    size_t m)
{
	size_t directories, last, k = 0;

	if (n)
		qsort(entries, n, sizeof *entries, compare_entries);
	if (m)
		qsort(known, m, sizeof *known, compare_known);
	directories = count_directories(entries, n);
	for (size_t i = 0; i < n; i++)
		entries[i].verdict = RESCAN_IGNORE;
	for (size_t i = 0; i < directories; i = last) {
		struct identity const *id = &entries[i].id;
		for (last = i + 1; last < directories; last++)
			if (compare_ids(&entries[last].id, id) != 0)
				break;
		while (k < m && compare_ids(&known[k].id, id) < 0)
			judge(entries, n, &known[k++]);
		if (k < m && compare_ids(&known[k].id, id) == 0) {
			known[k].fate = RESCAN_SEEN;
			known[k].entry =
			    choose(entries, i, last, known[k].name);
			entries[known[k++].entry].verdict = RESCAN_KNOWN;
		} else {
			entries[i].verdict = RESCAN_NEW;
		}
	}
	while (k < m)
		judge(entries, n, &known[k++]);
}

bool
rescan_is_news(struct rescan_entry const *entry,
    struct rescan_entry const *before, size_t n)
{
	struct rescan_entry const *old;

	if (!entry->error)
		return false;
	if (!n)
		return true;
	if (entry->kind != RESCAN_DIRECTORY)
		old = find_odd(before, n, entry->name);
	else
		old =
		    bsearch(entry, before, n, sizeof *before, compare_entries);
	return !old || old->error != entry->error;
}

static struct rescan_entry *
entries_of(struct listing const *listing)
{
	return genalloc_s(struct rescan_entry, &listing->entries);
}

static size_t
length_of(struct listing const *listing)
{
	return genalloc_len(struct rescan_entry, &listing->entries);
}

static void
free_listing(struct listing *listing)
{
	genalloc_free(struct rescan_entry, &listing->entries);
	stralloc_free(&listing->names);
}

static bool
means_absent(int error)
{
	return error == ENOENT || error == ENOTDIR;
}

/* False if it is not one to be listed. */
static bool
look_at(struct rescan_entry *entry, char const *name)
{
	struct stat st;

	*entry = (struct rescan_entry){.name = name};
	if (stat(name, &st) == 0) {
		entry->id.dev = st.st_dev;
		entry->id.ino = st.st_ino;
		return S_ISDIR(st.st_mode);
	}
	entry->error = errno;
	entry->kind = means_absent(errno) ? RESCAN_ABSENT : RESCAN_UNCLEAR;
	/* A name that went away since it was read is nothing to speak of. */
	return entry->kind == RESCAN_UNCLEAR || lstat(name, &st) == 0;
}

/* Names that begin with a dot, and what is there but no directory, are left
 * out.  An entry's name is its place in listing->names, which may still move.
 */
static int
read_names(struct listing *listing, DIR *dir)
{
	struct rescan_entry entry;
	struct dirent *d;

	while (errno = 0, (d = readdir(dir))) {
		if (d->d_name[0] == '.' || !look_at(&entry, d->d_name))
			continue;
		entry.name = (char const *)(uintptr_t)listing->names.len;
		if (!stralloc_catb(
			&listing->names, d->d_name, strlen(d->d_name) + 1) ||
		    !genalloc_append(
			struct rescan_entry, &listing->entries, &entry))
			return -1;
	}
	return errno ? -1 : 0;
}

static int
read_directory(struct listing *listing)
{
	int fd = files_open(AT_FDCWD, ".", O_RDONLY | O_DIRECTORY), result;
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct rescan_entry *entries;

	if (!dir && fd != -1)
		files_close(fd);
	if (!dir)
		return -1;
	result = read_names(listing, dir);
	/* Not dir_close(), which closes twice if it is interrupted. */
	closedir(dir);
	files_reserve();
	entries = entries_of(listing);
	for (size_t i = 0; i < length_of(listing); i++)
		entries[i].name = listing->names.s + (uintptr_t)entries[i].name;
	return result;
}

int
rescan_enter(struct rescan *rescan, char const *path)
{
	rescan->path = path;
	rescan->origin = -1;
	if (!path)
		return 0;
	rescan->origin = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return chdir(path);
}

/* Go where the path leads now, if that is elsewhere and can be entered.  False
 * if we are not where it leads. */
static bool
follow(struct rescan const *rescan)
{
	int at = rescan->origin == -1 ? AT_FDCWD : rescan->origin, fd;
	struct stat here, there;
	bool result;

	if (!rescan->path || (at == AT_FDCWD && rescan->path[0] != '/'))
		return true;
	if (fstatat(at, rescan->path, &there, 0) == -1 ||
	    stat(".", &here) == -1)
		return false;
	if (here.st_dev == there.st_dev && here.st_ino == there.st_ino)
		return true;
	fd = files_open(at, rescan->path, O_RDONLY | O_DIRECTORY);
	if (fd == -1)
		return false;
	/* Where this fails we stay, and try again at the next scan. */
	result = fchdir(fd) == 0;
	files_close(fd);
	return result;
}

/* Has it a log/run?  The watch comes before the look that counts. */
static enum log
look_for_log(struct services *all, struct service *s, struct identity *log)
{
	char path[TABLE_PATH_MAX];
	struct stat st;
	bool known;
	int error;

	snprintf(path, sizeof path, "%s/log", s->name);
	error = stat(path, &st) == -1  ? errno
		: !S_ISDIR(st.st_mode) ? ENOTDIR
				       : 0;
	if (error) {
		watch_log(&all->watch, s, NULL);
		errno = error;
		return means_absent(error) ? LOG_NONE : LOG_UNCLEAR;
	}
	*log = (struct identity){.dev = st.st_dev, .ino = st.st_ino};
	known = s->logger && table_is_same(log, &s->logger->id);
	if (!known)
		watch_log(&all->watch, s, log);
	snprintf(path, sizeof path, "%s/log/run", s->name);
	if (stat(path, &st) == 0) {
		watch_log(&all->watch, s, NULL);
		return LOG_THERE;
	}
	if (!means_absent(errno))
		return LOG_UNCLEAR;
	if (known)
		watch_log(&all->watch, s, log);
	return LOG_NONE;
}

/* Have the service use the logger that its log leads to.  0; -1 errno, that is
 * not clear. */
static int
update_log(struct services *all, struct service *s)
{
	struct service *logger = NULL;
	struct identity id;

	switch (look_for_log(all, s, &id)) {
	case LOG_UNCLEAR:
		return -1;
	case LOG_THERE:
		logger = table_logger(&all->table, &id);
		if (!logger)
			logger =
			    table_add(&all->table, KIND_LOGGER, &id, s->name);
		if (!logger)
			return -1;
		break;
	case LOG_NONE:
		if (s->logger)
			message_warn(&(struct message){.verb = "find",
			    .name = s->name,
			    .rest = "log/run",
			    .error = ENOENT});
		break;
	}
	service_set_logger(all, s, logger);
	return 0;
}

static void
update(struct services *all, struct service *s, struct rescan_entry *entry)
{
	/* The log service is what its name leads to, whether listed or not. */
	if (s->kind == KIND_LOG_SERVICE)
		return;
	if (strcmp(s->name, entry->name) != 0 &&
	    service_rename(all, s, entry->name) == -1)
		entry->error = errno;
	service_list(all, s);
	watch_service(&all->watch, s);
	if (update_log(all, s) == -1)
		entry->error = errno;
}

static int
add_new(struct services *all, struct rescan_entry *entry)
{
	struct service *s =
	    table_add(&all->table, KIND_SERVICE, &entry->id, entry->name);

	if (!s)
		return -1;
	watch_service(&all->watch, s);
	if (update_log(all, s) == 0) {
		service_list(all, s);
		return 0;
	}
	entry->error = errno;
	watch_forget(&all->watch, s);
	table_remove(&all->table, s);
	return 0;
}

static int
list_known(struct table const *table, genalloc *known)
{
	genalloc_setlen(struct rescan_known, known, 0);
	for (size_t i = 0; i < table_len(table); i++) {
		struct service *s = table_get(table, i);
		struct rescan_known one = {
		    .id = s->id, .name = s->name, .service = i};

		if (s->kind != KIND_LOGGER &&
		    !genalloc_append(struct rescan_known, known, &one))
			return -1;
	}
	return 0;
}

/* 0; or the error for which services are lacking. */
static int
take_on(struct rescan *rescan, struct services *all, struct listing const *now)
{
	struct rescan_known *k =
	    genalloc_s(struct rescan_known, &rescan->known);
	size_t m = genalloc_len(struct rescan_known, &rescan->known);
	struct rescan_entry *e = entries_of(now);
	int lacking = 0;

	rescan_match(e, length_of(now), k, m);
	for (size_t i = 0; i < m; i++) {
		struct service *s = table_get(&all->table, k[i].service);

		if (k[i].fate == RESCAN_GONE && s->wanted &&
		    s->kind != KIND_LOG_SERVICE)
			service_unlist(all, s);
		if (k[i].fate == RESCAN_SEEN)
			update(all, s, &e[k[i].entry]);
	}
	for (size_t i = 0; i < length_of(now); i++)
		if (e[i].verdict == RESCAN_NEW && add_new(all, &e[i]) == -1)
			lacking = errno;
	return lacking;
}

/* Say what is wrong with names, unless it was so at the last scan.  True if one
 * has just come to lead nowhere. */
static bool
speak_of_names(struct rescan const *rescan, struct listing const *now)
{
	struct listing const *before = &rescan->seen;
	bool result = false;

	for (size_t i = 0; i < length_of(now); i++) {
		struct rescan_entry const *e = entries_of(now) + i;

		if (!rescan_is_news(e, entries_of(before), length_of(before)))
			continue;
		message_warn(&(struct message){.verb = "stat",
		    .name = e->name,
		    .rest = e->kind == RESCAN_DIRECTORY ? "log/run" : NULL,
		    .error = e->error});
		result |= e->kind == RESCAN_ABSENT;
	}
	return result;
}

static void
warn_once(int *last, int error, char const *verb)
{
	message_warn_once(
	    last, &(struct message){.verb = verb, .error = error});
}

static void
plan_next(struct rescan *rescan, tain const *began, bool hurry)
{
	deadline_of_share(&rescan->earliest, began, 3);
	rescan->pause_ms = hurry ? SHORT_PAUSE_MS : rescan->pause_ms * 2;
	if (rescan->pause_ms > PAUSE_MS)
		rescan->pause_ms = PAUSE_MS;
	deadline_in(&rescan->next, rescan->pause_ms);
}

/* The log service need not be listed. */
static void
follow_log_service(struct service *s)
{
	struct rescan_entry entry;

	if (s && look_at(&entry, s->name) && entry.kind == RESCAN_DIRECTORY)
		s->id = entry.id;
}

bool
rescan_now(struct rescan *rescan, struct services *all)
{
	struct listing now = {GENALLOC_ZERO, STRALLOC_ZERO};
	bool had_followed = rescan->followed, hurry;
	tain began;
	int lacking;

	tain_now_g();
	began = STAMP;
	all->rescan = false;
	all->watch.error = 0;
	rescan->followed = follow(rescan);
	watch_scan_directory(&all->watch);
	follow_log_service(all->own.service);
	if (read_directory(&now) == -1 ||
	    list_known(&all->table, &rescan->known) == -1) {
		warn_once(&rescan->said_unreadable, errno, "read directory");
		free_listing(&now);
		plan_next(rescan, &began, false);
		return false;
	}
	warn_once(&rescan->said_unreadable, 0, "");
	lacking = take_on(rescan, all, &now);
	warn_once(&rescan->said_lacking, lacking, "note a service");
	warn_once(
	    &rescan->said_unwatched, all->watch.error, "watch every service");
	hurry = speak_of_names(rescan, &now);
	free_listing(&rescan->seen);
	rescan->seen = now;
	plan_next(rescan, &began, hurry || (had_followed && !rescan->followed));
	return true;
}

void
rescan_begin(struct rescan *rescan, struct services *all)
{
	rescan->next = rescan->earliest = STAMP;
	rescan->followed = true;
	rescan->pause_ms = PAUSE_MS;
	if (watch_begin(&all->watch) == -1)
		message_warn(&(struct message){
		    .verb = "watch the directory, looking every 5 seconds",
		    .error = errno});
}

void
rescan_soon(struct rescan *rescan, int ms)
{
	tain when;

	deadline_in(&when, ms);
	if (tain_less(&when, &rescan->earliest))
		when = rescan->earliest;
	if (tain_less(&when, &rescan->next))
		rescan->next = when;
}

struct service *
rescan_add_log_service(struct services *all, char const *name)
{
	struct rescan_entry entry;
	struct service *s;

	errno = EINVAL;
	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return NULL;
	errno = ENOTDIR;
	if (!look_at(&entry, name))
		return NULL;
	if (entry.kind != RESCAN_DIRECTORY) {
		errno = entry.error;
		return NULL;
	}
	s = table_add(&all->table, KIND_LOG_SERVICE, &entry.id, name);
	if (s) {
		s->wanted = 1;
		table_at(&all->table, s, &STAMP);
	}
	return s;
}
