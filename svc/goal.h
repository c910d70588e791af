/*
 * What svc -w waits for, and whether a service has come to it.  Pure: it is
 * judged from two looks at the service, one before the command was sent and
 * one now.
 */
#ifndef SVC_GOAL_H
#define SVC_GOAL_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "supervise/report.h"
#include "supervise/status.h"

enum goal {
	GOAL_NONE,
	GOAL_UP,
	GOAL_READY,
	GOAL_DOWN,
	GOAL_FINISHED,
	GOAL_RESTARTED,
	GOAL_RESTARTED_READY
};

/* One letter of -w. */
struct goal_letter {
	char letter;
	enum goal goal;
	char const *help;
};

/* All of them; ends with letter 0. */
extern struct goal_letter const goal_alphabet[];

/* GOAL_NONE if it is not a letter of -w. */
enum goal goal_find(char letter);

/* A look at a service. */
struct goal_view {
	bool detailed;	/* there is a report: starts, deaths and ready are known
			 */
	bool up;	/* ./run runs, and is not being stopped */
	bool ready;	/* and says so, if it ever does */
	bool process;	/* there is one, or one is being started */
	bool finishing; /* ./finish runs */
	bool staying;	/* it is down, and nobody is going to start it */
	bool failed;	/* staying, because it has failed too often */
	uint64_t starts;
	uint64_t deaths;
	struct timespec since; /* of the last change of pid */
};

/* The report's state may be "": daemontools and runit write none. */
struct goal_view goal_view(
    struct status const *status, struct report const *report);

/* What the letters that were sent ask for: the last of u o r, or d, or none. */
enum goal_wish { WISH_NONE, WISH_START, WISH_DOWN };
enum goal_wish goal_wish(char const *letters, size_t len);

/*
 * Is the service now where it is to be?  Down means that it stays down if that
 * is the wish; that it has been up, if it was to be started; otherwise that it
 * stays down or has been down since, for however short a time.
 */
bool goal_reached(enum goal goal, enum goal_wish wish,
    struct goal_view const *before, struct goal_view const *now);

/* Has it failed since, so that it will never be there? */
bool goal_hopeless(enum goal goal, struct goal_view const *before,
    struct goal_view const *now);

/* Can it be reached only with a supervise that lives? */
bool goal_is_up(enum goal goal);

#endif
