/*
 * The services that svscan knows.
 */
#ifndef SVSCAN_TABLE_H
#define SVSCAN_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <skalibs/genalloc.h>
#include <skalibs/tai.h>

#include "svscan/drain.h"
#include "svscan/logpipe.h"
#include "svscan/plan.h"
#include "svscan/scan.h"
#include "svscan/watch.h"

/* How often a supervise is started while it is being taken down, to find what
 * another one that failed may have left behind. */
#define TABLE_TRIES 2

/* A supervise. */
struct process {
	pid_t pid;	 /* 0: none */
	tain not_before; /* it may be started again */
	bool listens;	 /* it has been seen to */
	bool told;	 /* its order has been given */
	bool failed;	 /* the last one did not exit 0 */
	int tries;	 /* starts while it was being taken down */
};

struct service {
	struct scan_id id;
	char *name;
	bool listed;  /* as of the last look */
	bool logged;  /* has log/run, as of the last look */
	bool leaving; /* is being taken down */
	bool piped;   /* the supervise alive has the pipe as its output */
	bool warned;  /* that it cannot be started */
	int unnamed;  /* why its pipe had no name, as was said; 0: it had */
	struct process service, logger;
	struct logpipe pipe;
	struct drain drain;
	struct watch_service watch;
};

struct table {
	genalloc services; /* of struct service *, in no order */
};

#define TABLE_ZERO                        \
	{                                 \
		.services = GENALLOC_ZERO \
	}

size_t table_len(struct table const *table);
struct service *table_get(struct table const *table, size_t i);

/* A new service, of which nothing runs; null if there is no memory. */
struct service *table_add(struct table *table, struct scan_entry const *entry);

/* Take on what was seen of a known service.  0; -1 ENOMEM, old name kept. */
int service_update(struct service *service, struct scan_entry const *entry);

/* Forget the service with number i, whose number the last one gets. */
void table_remove(struct table *table, size_t i);

/*
 * List all for scan_match.  The list is the caller's, and good as long as no
 * name changes.  0; -1 ENOMEM.
 */
int table_list(struct table const *table, genalloc *known);

/* The facts that the table holds; drained is left false. */
struct plan_facts service_facts(struct service const *service);

#endif
