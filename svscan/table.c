/*
 * An array of pointers, so that a service stays where it is while others come
 * and go; chains by pid and by identity, so that ten thousand deaths, of
 * services or of orphans, cost ten thousand short searches; and a plain list of
 * those that have something to do, which is empty most of the time.
 */
#include "svscan/table.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
table_is_same(struct identity const *a, struct identity const *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

size_t
table_len(struct table const *table)
{
	return genalloc_len(struct entry *, &table->services);
}

struct entry *
table_get(struct table const *table, size_t number)
{
	return genalloc_s(struct entry *, &table->services)[number];
}

int
table_rename(struct entry *service, char const *name)
{
	char *copy = strdup(name);

	if (!copy)
		return -1;
	free(service->name);
	service->name = copy;
	return 0;
}

static size_t
chain_of(struct identity const *id)
{
	return (size_t)(id->ino ^ id->dev) % TABLE_CHAINS;
}

struct entry *
table_add(struct table *table, enum kind kind, struct identity const *id,
    char const *name)
{
	struct entry *service = calloc(1, sizeof *service);
	struct entry **chain = &table->by_id[chain_of(id)];

	if (!service)
		return NULL;
	service->kind = kind;
	service->id = *id;
	service->directory = -1;
	service->watched = (struct watched){-1, -1, -1, {0, 0}};
	service->pipe = (struct logpipe){.writer = -1, .reader = -1};
	service->number = table_len(table);
	if (table_rename(service, name) == -1 ||
	    !genalloc_append(struct entry *, &table->services, &service)) {
		free(service->name);
		free(service);
		return NULL;
	}
	if (kind != KIND_LOG_SERVICE) {
		service->by_id = *chain;
		*chain = service;
	}
	return service;
}

static void
leave_agenda(struct table *table, struct entry *service)
{
	if (!service->on_agenda)
		return;
	service->on_agenda = false;
	*(service->earlier ? &service->earlier->later : &table->first) =
	    service->later;
	*(service->later ? &service->later->earlier : &table->last) =
	    service->earlier;
}

void
table_remove(struct table *table, struct entry *service)
{
	struct entry **all = genalloc_s(struct entry *, &table->services);
	struct entry **at = &table->by_id[chain_of(&service->id)];
	size_t last = table_len(table) - 1;

	if (service->kind != KIND_LOG_SERVICE) {
		while (*at != service)
			at = &(*at)->by_id;
		*at = service->by_id;
	}
	leave_agenda(table, service);
	all[service->number] = all[last];
	all[service->number]->number = service->number;
	genalloc_setlen(struct entry *, &table->services, last);
	free(service->other);
	free(service->name);
	free(service);
}

struct entry *
table_find(struct table const *table, enum kind kind, struct identity const *id)
{
	struct entry *s = table->by_id[chain_of(id)];

	while (s && (s->kind != kind || !table_is_same(&s->id, id)))
		s = s->by_id;
	return s;
}

struct entry *
table_saw(struct table *table, struct identity const *id, char const *name,
    unsigned int scan)
{
	struct entry *s = table_find(table, KIND_SERVICE, id);
	bool new = !s;

	if (new)
		s = table_add(table, KIND_SERVICE, id, name);
	if (!s)
		return NULL;
	if (s->scan != scan)
		s->named = false;
	s->scan = scan;
	s->named |= !new &&strcmp(s->name, name) == 0;
	if (s->named || (s->other && strcmp(s->other, name) <= 0))
		return s;
	free(s->other);
	s->other = strdup(name);
	return s->other ? s : NULL;
}

char const *
table_settle_name(struct entry *service)
{
	return service->named || !service->other ? service->name
						 : service->other;
}

void
table_started(struct table *table, struct entry *service, pid_t pid)
{
	struct entry **chain = &table->by_pid[pid % TABLE_CHAINS];

	service->pid = pid;
	service->by_pid = *chain;
	*chain = service;
}

struct entry *
table_ended(struct table *table, pid_t pid)
{
	struct entry **at = &table->by_pid[pid % TABLE_CHAINS], *found;

	while (*at && (*at)->pid != pid)
		at = &(*at)->by_pid;
	found = *at;
	if (!found)
		return NULL;
	*at = found->by_pid;
	found->pid = 0;
	return found;
}

void
table_at(struct table *table, struct entry *service, tain const *due)
{
	if (service->on_agenda) {
		if (tain_less(due, &service->due))
			service->due = *due;
		return;
	}
	service->on_agenda = true;
	service->due = *due;
	service->later = NULL;
	service->earlier = table->last;
	*(table->last ? &table->last->later : &table->first) = service;
	table->last = service;
}

struct entry *
table_due(struct table *table)
{
	struct entry *service = table->first;

	while (service && tain_future(&service->due))
		service = service->later;
	if (service)
		leave_agenda(table, service);
	return service;
}

void
table_next(struct table const *table, tain *next)
{
	for (struct entry *s = table->first; s; s = s->later)
		if (tain_less(&s->due, next))
			*next = s->due;
}

char const *
table_log(struct entry const *service)
{
	return service->kind == KIND_LOGGER ? "log" : "";
}

int
table_path(
    struct entry const *service, char const *file, char path[TABLE_PATH_MAX])
{
	bool named = service->directory == -1;
	bool logger = named && service->kind == KIND_LOGGER;

	snprintf(path, TABLE_PATH_MAX, "%s%s%s%s", named ? service->name : ".",
	    logger ? "/log" : "", file ? "/" : "", file ? file : "");
	return named ? AT_FDCWD : service->directory;
}
