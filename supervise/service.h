/*
 * The service as supervise holds it: the machine's state, the process, the
 * facts, what is published and what is due; and the one place where the
 * machine's actions are carried out (those about processes are in life.c).
 *
 * From service_begin()'s success on nothing here gives up: it warns once,
 * publishes what is so, and tries again.
 */
#ifndef SUPERVISE_SERVICE_H
#define SUPERVISE_SERVICE_H

#include <stdbool.h>
#include <skalibs/tai.h>

#include "supervise/child.h"
#include "supervise/facts.h"
#include "supervise/notify.h"
#include "supervise/options.h"
#include "supervise/policy.h"
#include "supervise/publish.h"
#include "supervise/setup.h"
#include "supervise/state.h"

#define COMPLAINTS_MAX 200
#define RETRY_MS       1000 /* until what failed is tried again */

/* What may be due. */
enum timer {
	TIMER_REST,
	TIMER_KILL,
	TIMER_FINISH,
	TIMER_READY,
	TIMER_WATCHDOG,
	TIMER_SHOW,  /* until then nobody is told that it stops */
	TIMER_RETRY, /* whatever has failed */
	TIMER_COUNT
};

/* Whom the next signal is for. */
enum target { TARGET_DEFAULT, TARGET_PROCESS, TARGET_GROUP };

struct service {
	char const *name; /* in messages */
	char const *path; /* of its directory */
	struct setup const *setup;
	char const **room; /* of child_room() */
	struct state state;
	struct child child;
	struct facts facts;
	struct options options;
	struct notify notify;
	struct published status;
	struct published report;
	bool changed; /* since it was published */
	tain due[TIMER_COUNT];
	uint64_t rest_ms;   /* what ACTION_REST waits */
	int unsent;	    /* a signal that could not be sent, or 0 */
	enum target target; /* of the letter being obeyed */
	pid_t last_session; /* of the last run, 0 if it shares ours */
	pid_t last_group;   /* its process group */
	bool ended_unseen;  /* it ended while no supervise lived */
	bool final;	    /* down for good, and supervise/final says so */
	int final_trouble;  /* warn_memory */
	bool watched;	    /* the watchdog counts while it is not paused */
	bool over;	    /* supervise is to leave */
	char last_end[FACTS_END_MAX];	 /* that was warned of */
	char complaints[COMPLAINTS_MAX]; /* about the options */
	char status_text[STATUS_SIZE];	 /* as published */
	struct policy *policy;
};

/* Of a service that is all 0: get all the memory it will need.  0; -1 errno. */
int service_reserve(struct service *service);

/*
 * Adopt what an earlier supervise has left in the current directory.  0; -1
 * errno, no descriptor for the process to adopt.
 */
int service_begin(struct service *service, char const *name, char const *path,
    struct setup const *setup);

/* Start it unless it runs already or is to stay down. */
void service_start_first(struct service *service);

/* What happens to the machine, and all that follows from it. */
void service_feed(struct service *service, enum event event);

/* Stop it and leave, as the whole system does, or all services do. */
void service_shut_down(struct service *service);

/* One byte of the control FIFO. */
void service_obey(struct service *service, char letter);

/* Down for good: tell svscan, and leave; or try again later. */
void service_final(struct service *service);

/* The report alone, whatever has changed.  False: it could not be written. */
bool service_publish_report(struct service *service);

/* Write what has changed, if anything has. */
void service_publish(struct service *service);

void service_arm(struct service *service, enum timer timer, uint64_t ms);
void service_disarm(struct service *service, enum timer timer);

/* The earliest moment at which time alone changes something; null: never. */
tain const *service_deadline(struct service const *service, tain *deadline);

/* Do what is due at STAMP. */
void service_pass_time(struct service *service);

#endif
