/*
 * An array of pointers, so that a service stays where it is while others come
 * and go; and chains of processes by the last bits of their pids, so that ten
 * thousand deaths, of services or of orphans, cost ten thousand short looks.
 */
#include "svscan/table.h"

#include <stdlib.h>
#include <string.h>

size_t
table_len(struct table const *table)
{
	return genalloc_len(struct service *, &table->services);
}

struct service *
table_get(struct table const *table, size_t number)
{
	return genalloc_s(struct service *, &table->services)[number];
}

int
service_update(struct service *service, struct scan_entry const *entry)
{
	char *name;

	service->listed = true;
	if (entry->log != SCAN_LOG_UNCLEAR && !service->catchall)
		service->logged = entry->log == SCAN_LOGGED;
	if (service->name && strcmp(service->name, entry->name) == 0)
		return 0;
	name = strdup(entry->name);
	if (!name)
		return -1;
	free(service->name);
	service->name = name;
	return 0;
}

struct service *
table_add(struct table *table, struct scan_entry const *entry)
{
	static struct logpipe const closed = LOGPIPE_CLOSED;
	static struct watch_service const unwatched = WATCH_NONE;
	struct service *service = calloc(1, sizeof *service);

	if (!service)
		return NULL;
	service->id = entry->id;
	service->pipe = closed;
	service->watch = unwatched;
	service->service.service = service->logger.service = service;
	service->number = table_len(table);
	if (service_update(service, entry) == 0 &&
	    genalloc_append(struct service *, &table->services, &service))
		return service;
	free(service->name);
	free(service);
	return NULL;
}

void
table_remove(struct table *table, struct service *service)
{
	struct service **services =
	    genalloc_s(struct service *, &table->services);
	size_t last = table_len(table) - 1;

	services[service->number] = services[last];
	services[service->number]->number = service->number;
	genalloc_setlen(struct service *, &table->services, last);
	logpipe_close(&service->pipe);
	free(service->name);
	free(service);
}

int
table_list(struct table const *table, genalloc *known)
{
	genalloc_setlen(struct scan_known, known, 0);
	for (size_t i = 0; i < table_len(table); i++) {
		struct service *service = table_get(table, i);
		struct scan_known one = {
		    .id = service->id, .name = service->name, .service = i};
		if (!genalloc_append(struct scan_known, known, &one))
			return -1;
	}
	return 0;
}

static struct process **
chain(struct table *table, pid_t pid)
{
	return &table->chains[(unsigned int)pid % TABLE_CHAINS];
}

void
table_started(struct table *table, struct process *process, pid_t pid)
{
	struct process **first = chain(table, pid);

	process->pid = pid;
	process->next = *first;
	*first = process;
}

struct service *
table_ended(struct table *table, pid_t pid, struct process **process)
{
	struct process **at = chain(table, pid), *found;

	while (*at && (*at)->pid != pid)
		at = &(*at)->next;
	found = *at;
	if (!found)
		return NULL;
	*at = found->next;
	found->pid = 0;
	*process = found;
	return found->service;
}

static struct plan_side
side(struct process const *process)
{
	struct plan_side side = {
	    .alive = process->pid != 0,
	    .told = process->told != 0,
	    .again = process->failed && process->tries < TABLE_TRIES,
	};

	return side;
}

struct plan_facts
service_facts(struct service const *service)
{
	struct plan_facts facts = {
	    .catchall = service->catchall,
	    .listed = service->listed,
	    .leaving = service->leaving,
	    .logged = service->logged,
	    .service = side(&service->service),
	    .logger = side(&service->logger),
	    .piped = service->piped,
	    .writing = service->pipe.writer != -1,
	};

	return facts;
}
