/*
 * When: as soon as something has happened, but no more than a third of the time
 * is spent on looks; and after a pause, for what no event tells.  The pause is
 * a minute where watches tell of everything, else five seconds; it is short at
 * first when a name has just come to lead nowhere, for that is how a directory
 * looks that is being replaced.
 */
#include "svscan/look.h"

#include <errno.h>
#include <string.h>

#include "svscan/moment.h"
#include "svscan/warn.h"

#define TOLD_PAUSE_MS	60000
#define UNTOLD_PAUSE_MS 5000
#define SHORT_PAUSE_MS	20

void
look_begin(struct look *look, struct table *table, struct queue *queue)
{
	look->table = table;
	look->queue = queue;
	look->next = look->settled = STAMP;
	look->followed = true;
	look->pause_ms = TOLD_PAUSE_MS;
	if (watch_init(&look->watch) == -1)
		warn_unable("watch the directory, looking every 5 seconds", "",
		    "", errno);
}

void
look_soon(struct look *look, bool thorough)
{
	if (tain_less(&look->settled, &look->next))
		look->next = look->settled;
	look->asked = true;
	look->thorough |= thorough;
}

void
look_read(struct look *look)
{
	enum watch_news news = watch_read(&look->watch);

	if (news != WATCH_NOTHING)
		look_soon(look, news == WATCH_LOGGERS);
}

/* The watch first, so that what comes after the look is an event. */
static void
look_at_log(
    struct look *look, struct watch_service *watch, struct scan_entry *entry)
{
	if (watch_service(&look->watch, watch, entry->name) == -1)
		look->unwatched = errno;
	directory_look_for_log(entry);
	if (entry->log == SCAN_LOGGED)
		watch_forget_log(&look->watch, watch);
}

static void
update(struct look *look, struct service *s, struct scan_entry *entry)
{
	bool listed = s->listed, logged = s->logged;

	if (s->catchall)
		return;
	if (strcmp(s->name, entry->name) != 0) {
		s->doubtful = true;
		queue_at(look->queue, s, &STAMP);
	}
	if (look->thorough)
		look_at_log(look, &s->watch, entry);
	look->told &= s->watch.tells;
	if (service_update(s, entry) == -1)
		look->lacking = errno;
	if (listed != s->listed || logged != s->logged)
		queue_at(look->queue, s, &STAMP);
}

static void
lose(struct look *look, struct service *s)
{
	/* The log service need not be listed. */
	if (s->catchall)
		return;
	s->listed = false;
	queue_at(look->queue, s, &STAMP);
}

/* The log service is what its name leads to, whatever that is. */
static void
follow_catchall(struct look *look)
{
	struct scan_entry entry;

	if (look->catchall && directory_look_at(&entry, look->catchall->name) &&
	    entry.kind == SCAN_DIRECTORY)
		look->catchall->id = entry.id;
}

/* Null; errno. */
static struct service *
add(struct look *look, struct scan_entry const *entry)
{
	struct service *s;

	if (queue_reserve(look->queue, table_len(look->table) + 1) == -1)
		return NULL;
	s = table_add(look->table, entry);
	if (s)
		queue_at(look->queue, s, &STAMP);
	return s;
}

static void
add_new(struct look *look, struct scan_entry *entry)
{
	struct watch_service watch = WATCH_NONE;
	struct service *s = NULL;

	look_at_log(look, &watch, entry);
	if (entry->log != SCAN_LOG_UNCLEAR) {
		s = add(look, entry);
		if (!s)
			look->lacking = errno;
	}
	if (s)
		s->watch = watch;
	else
		watch_forget(&look->watch, &watch);
	look->told &= s && watch.tells;
}

static void
take_on(struct look *look, struct listing const *now)
{
	struct scan_known *k = genalloc_s(struct scan_known, &look->known);
	size_t m = genalloc_len(struct scan_known, &look->known);
	struct scan_entry *e = listing_entries(now);

	scan_match(e, listing_len(now), k, m);
	for (size_t i = 0; i < m; i++) {
		struct service *s = table_get(look->table, k[i].service);
		if (k[i].fate == SCAN_GONE)
			lose(look, s);
		if (k[i].fate == SCAN_SEEN)
			update(look, s, &e[k[i].entry]);
	}
	for (size_t i = 0; i < listing_len(now); i++)
		if (e[i].verdict == SCAN_NEW)
			add_new(look, &e[i]);
}

/* Say what is wrong with names, unless it was so at the last look.  True if one
 * has just come to lead nowhere. */
static bool
speak_of_names(struct look *look, struct listing const *now)
{
	struct listing const *before = &look->seen;
	bool result = false;

	for (size_t i = 0; i < listing_len(now); i++) {
		struct scan_entry const *e = listing_entries(now) + i;
		char const *rest = e->kind == SCAN_DIRECTORY ? "/log/run" : "";
		look->told &= !e->error;
		if (!scan_is_news(
			e, listing_entries(before), listing_len(before)))
			continue;
		warn_unable("stat ", e->name, rest, e->error);
		result |= e->kind == SCAN_ABSENT;
	}
	return result;
}

static void
plan_next_look(struct look *look, tain const *began, bool hurry)
{
	int longest = look->told ? TOLD_PAUSE_MS : UNTOLD_PAUSE_MS;

	moment_to_go_on(&look->settled, began, 3);
	look->pause_ms = hurry ? SHORT_PAUSE_MS : look->pause_ms * 2;
	if (look->pause_ms > longest)
		look->pause_ms = longest;
	moment_in(&look->next, look->pause_ms);
	/* One that finds the same trouble again must know that it is. */
	look->thorough = !look->told;
	look->asked = false;
}

/* True if both the directory and the table could be listed. */
static bool
read_both(struct look *look, struct listing *now)
{
	if (directory_read(now) == 0 &&
	    table_list(look->table, &look->known) == 0) {
		warn_once(&look->said_unreadable, 0, "");
		return true;
	}
	warn_once(&look->said_unreadable, errno, "read directory");
	listing_free(now);
	return false;
}

bool
look_now(struct look *look)
{
	struct listing now = LISTING_ZERO;
	bool had_followed = look->followed, hurry;
	tain began;

	tain_now_g();
	began = STAMP;
	look->thorough |= !look->asked;
	look->unwatched = look->lacking = 0;
	look->followed = directory_follow(&look->directory);
	/* Before the look, so that what comes after it is an event. */
	watch_directory(&look->watch);
	follow_catchall(look);
	look->told = look->watch.tells && look->followed &&
		     directory_we_are_direct(&look->directory);
	if (!read_both(look, &now)) {
		look->told = false;
		plan_next_look(look, &began, false);
		return false;
	}
	take_on(look, &now);
	warn_once(&look->said_lacking, look->lacking, "note a service");
	warn_once(&look->said_unwatched, look->unwatched,
	    "watch every service for a log/run");
	hurry = speak_of_names(look, &now);
	listing_free(&look->seen);
	look->seen = now;
	plan_next_look(
	    look, &began, hurry || (had_followed && !look->followed));
	return true;
}

struct service *
look_add_catchall(struct look *look, char const *name)
{
	struct scan_entry entry;
	struct service *s;

	errno = EINVAL;
	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return NULL;
	errno = ENOTDIR;
	if (!directory_look_at(&entry, name))
		return NULL;
	if (entry.kind != SCAN_DIRECTORY) {
		errno = entry.error;
		return NULL;
	}
	s = add(look, &entry);
	if (s)
		s->catchall = s->logged = true;
	look->catchall = s;
	return s;
}
