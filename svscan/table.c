/*
 * A service stays where it is while others come and go; chains by identity, as
 * a scan looks for each.
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

void
table_rename(struct entry *service, char const *name)
{
	char *copy = strdup(name);

	if (!copy)
		return;
	free(service->name);
	service->name = copy;
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
	table_rename(service, name);
	if (!service->name) {
		free(service);
		return NULL;
	}
	service->kind = kind;
	service->id = *id;
	service->directory = -1;
	service->watched = (struct watched){-1, -1, -1};
	service->pipe = (struct logpipe){.fd = -1};
	service->next = table->first;
	service->link = &table->first;
	if (service->next)
		service->next->link = &service->next;
	table->first = service;
	if (kind != KIND_LOG_SERVICE) {
		service->by_id = *chain;
		*chain = service;
	}
	return service;
}

void
table_remove(struct table *table, struct entry *service)
{
	struct entry **at = &table->by_id[chain_of(&service->id)];

	if (service->kind != KIND_LOG_SERVICE) {
		while (*at != service)
			at = &(*at)->by_id;
		*at = service->by_id;
	}
	*service->link = service->next;
	if (service->next)
		service->next->link = service->link;
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
table_child(struct table const *table, pid_t pid)
{
	struct entry *s = table->first;

	while (s && s->pid != pid)
		s = s->next;
	return s;
}

bool
table_runs(struct entry const *service)
{
	return service->pid || service->waits;
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
