/*
 * Looking costs one stat(2) for each name, following links, one for its log,
 * and one more for log/run if there is a log.  An error is a property of the
 * name; only a directory that cannot be read at all leaves everything as it is.
 */
#include "svscan/rescan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "supervise/message.h"
#include "svscan/files.h"

#define PAUSE_MS 5000
/* The first pause when a name has just come to lead nowhere: it may be being
 * replaced. */
#define SHORT_PAUSE_MS 20
#define LN_S	       1 /* for which ln may leave its temporary link */
#define TROUBLE_MAX    (NAME_MAX + sizeof "//-2147483648/")

static bool
means_absent(int error)
{
	return error == ENOENT || error == ENOTDIR;
}

/* Say it, unless it was so at the last scan. */
static void
note_trouble(
    struct rescan *rescan, char const *name, char const *rest, int error)
{
	stralloc const *old = &rescan->old_troubles;
	char text[TROUBLE_MAX];
	int len = snprintf(text, sizeof text, "/%s/%d/", name, error);

	/* Said again, if there is no memory to remember it. */
	stralloc_catb(&rescan->troubles, text, (size_t)len);
	if (old->len && memmem(old->s, old->len, text, (size_t)len))
		return;
	rescan->hurry |= means_absent(error);
	message_warn(&(struct message){
	    .verb = "stat", .name = name, .rest = rest, .error = error});
}

/*
 * ln -sfn makes a link by such a name, and renames it at once: nobody is to be
 * called by it.  Not if it stays: then it is a link like others.
 */
static bool
is_of_ln(struct rescan *rescan, char const *name)
{
	struct stat st;
	time_t age;

	if (strncmp(name, "Cu", 2) != 0 ||
	    strlen(name) != sizeof "CuXXXXXX" - 1 || lstat(name, &st) == -1 ||
	    !S_ISLNK(st.st_mode))
		return false;
	/* time(2) may be a tick behind the file system. */
	age = time(NULL) - st.st_ctime;
	if (age < -1 || age > LN_S)
		return false;
	rescan->wait_ms = LN_S * 1000;
	return true;
}

/* A new service gets the first of its names in the alphabet, and keeps it as
 * long as it leads there. */
static void
note_service(struct rescan *rescan, struct services *all,
    struct identity const *id, char const *name)
{
	struct entry *s = table_find(&all->table, KIND_SERVICE, id);

	if (!s)
		s = table_add(&all->table, KIND_SERVICE, id, name);
	if (!s) {
		rescan->lacking = errno;
		return;
	}
	s->scan = rescan->scan;
	if (strcmp(s->name, name) != 0 &&
	    ((!s->wanted && strcmp(s->name, name) > 0) ||
		!files_is(AT_FDCWD, s->name, id)))
		service_rename(s, name);
}

/* Names that begin with a dot, and what is there but no directory, are left
 * out. */
static void
note_name(struct rescan *rescan, struct services *all, char const *name)
{
	struct entry const *own = all->own.service;
	struct identity id = {0, 0};
	struct stat st;
	int error;

	if (files_directory(AT_FDCWD, name, &id) == 0) {
		/* The log service need not be listed, and may be. */
		if (!(own && table_is_same(&own->id, &id)))
			note_service(rescan, all, &id, name);
		return;
	}
	error = errno;
	/* A name that went away since it was read is nothing to speak of. */
	if (!id.ino && (!means_absent(error) || lstat(name, &st) == 0))
		note_trouble(rescan, name, NULL, error);
}

/* 0; -1 errno */
static int
note_names(struct rescan *rescan, struct services *all)
{
	int fd = files_open(AT_FDCWD, ".", O_RDONLY | O_DIRECTORY), error;
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *d;

	if (!dir && fd != -1)
		files_close(fd);
	if (!dir)
		return -1;
	while (errno = 0, (d = readdir(dir)))
		if (d->d_name[0] != '.' && !is_of_ln(rescan, d->d_name))
			note_name(rescan, all, d->d_name);
	error = errno;
	/* skalibs's would close twice if it is interrupted. */
	closedir(dir);
	files_reserve();
	errno = error;
	return error ? -1 : 0;
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

/* Go where the path leads now, or else stay, and try again at the next scan.
 * False if we are not where it leads. */
static bool
follow(struct rescan const *rescan)
{
	bool result;
	int fd;

	if (!rescan->path)
		return true;
	fd = files_open(rescan->origin, rescan->path, O_RDONLY | O_DIRECTORY);
	result = fd != -1 && fchdir(fd) == 0;
	if (fd != -1)
		files_close(fd);
	return result;
}

/* The directory of its log, if that has a run, or else {0, 0}.  A log/ is
 * watched until it has one.  0; -1 errno. */
static int
look_for_log(struct services *all, struct entry *s, struct identity *id)
{
	char path[TABLE_PATH_MAX], run[TABLE_PATH_MAX];
	int at = table_path(s, "log", path), result;
	struct stat st;

	table_path(s, "log/run", run);
	result = files_directory(at, path, id);
	if (result == 0 && fstatat(at, run, &st, 0) == -1) {
		/* The watch comes before the look that counts. */
		snprintf(path, sizeof path, "%s/log", s->name);
		watch_add(&all->watch, &s->watched.log, path, WATCH_LOG);
		result = fstatat(at, run, &st, 0);
	} else {
		watch_forget(&all->watch, &s->watched.log);
	}
	if (result == 0)
		return 0;
	*id = (struct identity){0, 0};
	return means_absent(errno) ? 0 : -1;
}

/* Have the service use the logger that its log leads to.  0; -1 errno, that is
 * not clear, or 0, its name leads elsewhere by now. */
static int
update_log(struct services *all, struct entry *s)
{
	struct identity id, known = {0, 0};
	struct entry *logger = NULL;

	if (s->logger)
		known = s->logger->id;
	/* What is new may be another directory's: look again in this one. */
	if (!s->wanted || look_for_log(all, s, &id) == -1 ||
	    !table_is_same(&id, &known)) {
		if (!files_hold(s)) {
			errno = 0;
			return -1;
		}
		if (look_for_log(all, s, &id) == -1)
			return -1;
	}
	if (id.ino) {
		logger = table_find(&all->table, KIND_LOGGER, &id);
		if (!logger)
			logger =
			    table_add(&all->table, KIND_LOGGER, &id, s->name);
		if (!logger)
			return -1;
	} else if (s->logger) {
		message_warn(&(struct message){.verb = "find",
		    .name = s->name,
		    .rest = "log/run",
		    .error = ENOENT});
	}
	service_set_logger(s, logger);
	return 0;
}

static void
update(struct rescan *rescan, struct services *all, struct entry *s)
{
	bool was_listed = s->wanted || s->pid, held = s->directory != -1;
	bool clear;

	if (s->watched.directory == -1)
		watch_add(
		    &all->watch, &s->watched.directory, s->name, WATCH_SERVICE);
	clear = update_log(all, s) == 0;
	if (!clear && errno)
		note_trouble(rescan, s->name, "log/run", errno);
	if (!clear && !errno)
		all->rescan = true;
	if (!held)
		files_release(s);
	/* What may have a logger is not started without it. */
	if (clear || was_listed)
		s->wanted = 1;
}

static void
lose(struct entry *s)
{
	struct identity id;

	/* A name that cannot be looked at changes nothing. */
	if ((s->wanted || !s->pid) &&
	    (files_directory(AT_FDCWD, s->name, &id) == 0 ||
		means_absent(errno)))
		s->wanted = 0;
}

static void
warn_once(int *last, int error, char const *verb)
{
	message_warn_once(
	    last, &(struct message){.verb = verb, .error = error});
}

static void
plan_next(struct rescan *rescan, tain const *began)
{
	/* Half of the time, at most. */
	tain_now_g();
	tain_sub(&rescan->earliest, &STAMP, began);
	tain_add_g(&rescan->earliest, &rescan->earliest);
	rescan->pause_ms =
	    rescan->hurry ? SHORT_PAUSE_MS : rescan->pause_ms * 2;
	if (rescan->pause_ms > PAUSE_MS)
		rescan->pause_ms = PAUSE_MS;
	if (rescan->wait_ms > rescan->pause_ms)
		rescan->wait_ms = rescan->pause_ms;
	tain_from_millisecs(&rescan->next, rescan->wait_ms);
	tain_add_g(&rescan->next, &rescan->next);
}

/* If memory was lacking for a name, no service is taken for gone. */
static void
take_on(struct rescan *rescan, struct services *all)
{
	/* Loggers are added meanwhile, before the first. */
	for (struct entry *s = all->table.first; s; s = s->next) {
		service_check_place(s);
		if (s->kind != KIND_SERVICE)
			continue;
		if (s->scan == rescan->scan)
			update(rescan, all, s);
		else if (!rescan->lacking)
			lose(s);
	}
}

bool
rescan_now(struct rescan *rescan, struct services *all)
{
	struct entry *own = all->own.service;
	bool had_followed = rescan->followed;
	struct identity id;
	tain began;
	int error = 0;

	tain_now_g();
	began = STAMP;
	all->rescan = rescan->hurry = false;
	all->watch.error = rescan->lacking = 0;
	rescan->scan++;
	rescan->troubles.len = 0;
	rescan->wait_ms = PAUSE_MS;
	rescan->followed = follow(rescan);
	watch_add(&all->watch, &all->watch.directory, ".", WATCH_SCAN);
	/* The log service is what its name leads to. */
	if (own && files_directory(AT_FDCWD, own->name, &id) == 0)
		own->id = id;
	if (note_names(rescan, all) == -1)
		error = errno;
	else
		take_on(rescan, all);
	service_count(all);
	warn_once(&rescan->said_unreadable, error, "read directory");
	if (!error) {
		stralloc old = rescan->old_troubles;

		rescan->old_troubles = rescan->troubles;
		rescan->troubles = old;
		warn_once(
		    &rescan->said_lacking, rescan->lacking, "note a service");
		warn_once(&rescan->said_unwatched, all->watch.error,
		    "watch every service");
	}
	rescan->hurry |= had_followed && !rescan->followed;
	plan_next(rescan, &began);
	return !error;
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
rescan_soon(struct rescan *rescan)
{
	if (tain_less(&rescan->earliest, &rescan->next))
		rescan->next = rescan->earliest;
}

struct entry *
rescan_add_log_service(struct services *all, char const *name)
{
	struct identity id;
	struct entry *s;

	errno = EINVAL;
	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return NULL;
	if (files_directory(AT_FDCWD, name, &id) == -1)
		return NULL;
	s = table_add(&all->table, KIND_LOG_SERVICE, &id, name);
	if (s)
		s->wanted = 1;
	return s;
}
