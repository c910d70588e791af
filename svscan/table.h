/*
 * The services that svscan knows, found by number or by the process id of one
 * of their supervises.
 */
#ifndef SVSCAN_TABLE_H
#define SVSCAN_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <skalibs/genalloc.h>
#include <skalibs/tai.h>

#include "svscan/logpipe.h"
#include "svscan/plan.h"
#include "svscan/scan.h"
#include "svscan/watch.h"

/* How often a supervise is started while it is being taken down, to find what
 * another one that failed may have left behind, or to empty the pipe. */
#define TABLE_TRIES 2

#define TABLE_CHAINS 4096

/* A supervise, or the process that waits for another one to leave. */
struct process {
	struct service *service;
	struct process *next; /* whose pid is in the same chain */
	pid_t pid;	      /* 0: none */
	int told;	 /* the signal it has been sent as its order, or 0 */
	tain not_before; /* it may be started again */
	bool fresh;	 /* there was no supervise here before it */
	bool failed;	 /* the last one did not exit 0 */
	bool warned;	 /* that it cannot be started */
	bool waits;	 /* that it waits for another one was said */
	int tries;	 /* starts while it was being taken down */
};

struct service {
	struct scan_id id;
	char *name;
	size_t number; /* in the table */
	size_t turn;   /* in the queue, from 1; 0: it is in none */
	tain due;      /* when its turn comes */
	bool catchall; /* it has no process but a logger: the log service */
	bool listed;   /* as of the last look */
	bool logged;   /* has log/run, as of the last look */
	bool doubtful; /* that its supervises are where its name leads */
	bool leaving;  /* is being taken down */
	bool piped;    /* the supervise alive has the pipe as its output */
	int unnamed;   /* why its pipe had no name, as was said; 0: it had */
	struct process service, logger;
	struct logpipe pipe;
	struct watch_service watch;
};

struct table {
	genalloc services; /* of struct service *, in no order */
	struct process *chains[TABLE_CHAINS];
};

size_t table_len(struct table const *table);
struct service *table_get(struct table const *table, size_t number);

/* A new service, of which nothing runs; null if there is no memory. */
struct service *table_add(struct table *table, struct scan_entry const *entry);

/* Take on what was seen of a known service.  0; -1 ENOMEM, old name kept. */
int service_update(struct service *service, struct scan_entry const *entry);

/* Forget a service of which nothing runs.  The last one gets its number. */
void table_remove(struct table *table, struct service *service);

/*
 * List all for scan_match.  The list is the caller's, and good as long as no
 * name changes.  0; -1 ENOMEM.
 */
int table_list(struct table const *table, genalloc *known);

/* The process has this pid now. */
void table_started(struct table *table, struct process *process, pid_t pid);

/*
 * A child has ended: the service that it belonged to, whose process has no pid
 * now, and *process is that; or null for a child that we know nothing of.
 */
struct service *table_ended(
    struct table *table, pid_t pid, struct process **process);

/* The facts that the table holds; unread is left false. */
struct plan_facts service_facts(struct service const *service);

#endif
