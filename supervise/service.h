/*
 * The service as supervise holds it: the machine's state, the process, the
 * facts, what is published and what is due; and the one place where the
 * machine's actions are carried out.
 *
 * From service_begin()'s success on nothing here gives up: it warns once,
 * publishes what is so, and tries again at service_deadline().
 */
#ifndef SUPERVISE_SERVICE_H
#define SUPERVISE_SERVICE_H

#include <stdbool.h>
#include <skalibs/tai.h>

#include "supervise/child.h"
#include "supervise/facts.h"
#include "supervise/publish.h"
#include "supervise/state.h"

struct service {
	char const *name; /* in messages */
	int lock_fd;	  /* not for the child */
	struct state state;
	struct child child;
	struct facts facts;
	struct published status;
	struct published report;
	bool changed;	/* since it was published */
	tain rested_at; /* when it may be started again */
	tain retry_at;	/* when what failed is tried again */
	bool over;	/* supervise is to leave */
};

/*
 * Adopt what an earlier supervise has left in the current directory, and
 * publish.
 * 0; -1 errno, no descriptor for the process to adopt.
 */
int service_begin(
    struct service *service, char const *name, bool down_file, int lock_fd);

/* Start it unless it runs already or is to stay down. */
void service_start_first(struct service *service);

/* What happens to the machine, and all that follows from it. */
void service_feed(struct service *service, enum event event);

/* Ask the child that is being started whether it has executed. */
void service_ask_link(struct service *service);

/* The process has ended; wait_status is null when it was not our child. */
void service_died(struct service *service, int const *wait_status);

/* Look whether the process that was adopted still lives. */
void service_ask_adopted(struct service *service);

/* Write what has changed, if anything has. */
void service_publish(struct service *service);

/* The earliest moment at which time alone changes something; null: never. */
tain const *service_deadline(struct service const *service, tain *deadline);

/* Do what is due at STAMP. */
void service_pass_time(struct service *service);

#endif
