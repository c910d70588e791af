/*
 * The small files of a service directory that say how the service is to be
 * treated: supervise(8) describes each.  Read at every start.  A file counts
 * only if it is regular and holds at most OPTION_MAX bytes, all of which must
 * be understood; one that is wrong is as if it were not there, and said.  As
 * long as it cannot be known what one says, the service must not be started.
 */
#ifndef SUPERVISE_OPTIONS_H
#define SUPERVISE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTION_MAX	   64
#define LIMIT_DEATHS_MAX   255
#define OPTIONS_COMPLAINTS 200

enum kill_mode { KILL_PROCESS, KILL_GROUP, KILL_ALL };

struct options {
	uint32_t new_pidns; /* flags: 0 or 1 */
	uint32_t no_setsid;
	uint32_t essential;
	uint32_t notify_socket;
	uint32_t stop_signal;
	uint32_t kill_mode;	    /* an enum kill_mode */
	uint32_t timeout_kill_ms;   /* 0: never */
	uint32_t timeout_finish_ms; /* 0: no limit */
	uint32_t timeout_ready_ms;  /* 0: no limit */
	uint32_t ready_after_ms;    /* 0: no such file */
	uint32_t watchdog_ms;	    /* 0: none */
	uint32_t notification_fd;   /* 0: none */
	uint32_t restart_min_ms;
	uint32_t restart_max_ms;
	uint32_t limit_deaths; /* more than these ... */
	uint32_t limit_secs;   /* ... in so long; 0: no limit */
};

/*
 * Set one option from the text of its file, which may end in one newline.
 * 0; -1 when the text is wrong, and the option is as it was.
 */
int options_parse(
    struct options *options, char const *name, char const *text, size_t len);

/*
 * Read all of the current directory.  All that is wrong comes into one line of
 * complaints, "" if nothing is.  Null; or the name of a file that forbids a
 * start: errno says why it cannot be read, or is ENOTSUP ("flag-newpidns":
 * ignoring it would be unsafe).
 */
char const *options_read(
    struct options *options, char complaints[OPTIONS_COMPLAINTS]);

#define POLICY_TIMES (LIMIT_DEATHS_MAX + 1)

/*
 * When a service may be started again, and when it has died too often.  The
 * clock is an argument: milliseconds of any that only goes forward.
 */
struct policy {
	uint32_t delay_ms; /* from the last start to the next; 0: not begun */
	uint32_t deaths;   /* while there was a limit */
	/* Of the latest of them, a ring: tenths of a second, for 13 years. */
	uint32_t times[POLICY_TIMES];
};

/* Forget all deaths and delays: somebody wants it up again. */
void policy_reset(struct policy *policy);

/*
 * It has died after ran_ms.  Sets how long after its start the next may be;
 * true if that was one death too many.  A death that was asked for changes
 * nothing.
 */
bool policy_died(struct policy *policy, struct options const *options,
    uint64_t now_ms, uint64_t ran_ms, bool asked);

#endif
