/*
 * The services that svscan knows, each with at most one child: its supervise.
 * A logger is a service of its own, and so is the log service.
 *
 * They are in a list, and found by the identity of their directory.
 */
#ifndef SVSCAN_TABLE_H
#define SVSCAN_TABLE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <skalibs/tai.h>

#define TABLE_CHAINS 1024

/* NAME/log/supervise/control, and the like */
#define TABLE_PATH_MAX (NAME_MAX + sizeof "/log/supervise/logpipe")

struct identity {
	dev_t dev;
	ino_t ino;
};

/* The pipe to a logger: logger.h. */
struct logpipe {
	int fd;		    /* -1: none */
	bool ending;	    /* for reading alone, or else for writing, too */
	int error;	    /* why it has no name, or 0 */
	struct identity id; /* of the FIFO */
};

/* inotify's numbers for the directory, its log/ and its supervise's lock, or
 * -1: watch.h. */
struct watched {
	int directory, log, lock;
};

enum kind { KIND_SERVICE, KIND_LOGGER, KIND_LOG_SERVICE };

struct entry {
	enum kind kind;
	struct identity id; /* of its directory */
	char *name;    /* in the scan directory; a logger's is its service's */
	int directory; /* open if it is held, no name leads there, or another
			  supervise runs it; or -1 */

	bool leaving;	 /* it is being taken down; a logger: once it is not
			    used */
	unsigned wanted; /* it is listed; a logger: by so many that are */

	/* The child. */
	pid_t pid;	 /* 0: none */
	int told;	 /* the signal that it has got as its order, or 0 */
	tain not_before; /* it may be started again */
	bool placed;	 /* it is in the directory */
	bool misplaced;	 /* it is in another one */
	bool failed;	 /* the last one has not exited 0 */
	int warned;	 /* errno of the start that failed last, or 0 */
	bool waits;	 /* there is none, but a supervise that is not ours */
	tain again;	 /* look for that, or give an order, not before that */
	int wait_ms;	 /* and then again after so long */
	int tries;	 /* starts while it was being taken down */

	struct watched watched;

	/* A service's. */
	struct entry *logger; /* what its log leads to, or null */
	struct entry *output; /* the logger whose pipe its child writes to */

	/* A logger's. */
	unsigned users;	  /* how many have it as logger or output */
	unsigned writers; /* children that write to its pipe */
	bool overtaken;	  /* another logger of ours waits for its lock */
	struct logpipe pipe;

	/* The scan's. */
	unsigned scan; /* the last one that has seen it */

	/* The table's. */
	struct entry *next;  /* one that was added earlier */
	struct entry **link; /* what leads to this one */
	struct entry *by_id; /* the next in the chain */
};

struct table {
	struct entry *first;		   /* the one that was added last */
	struct entry *by_id[TABLE_CHAINS]; /* but for the log service */
};

bool table_is_same(struct identity const *a, struct identity const *b);

/* A new one, of which nothing runs.  Null: ENOMEM. */
struct entry *table_add(struct table *table, enum kind kind,
    struct identity const *id, char const *name);

/* Forget one of which nothing runs. */
void table_remove(struct table *table, struct entry *service);

/* The old name stays if there is no memory for another. */
void table_rename(struct entry *service, char const *name);

/* The service, or the logger, in that directory; or null. */
struct entry *table_find(
    struct table const *table, enum kind kind, struct identity const *id);

/* The one whose child that is; null if it is nobody's. */
struct entry *table_child(struct table const *table, pid_t pid);

/* It has a child, or is run by a supervise that is not ours. */
bool table_runs(struct entry const *service);

/* What follows the service's name in the name of the directory. */
char const *table_log(struct entry const *service);

/*
 * The path of a file in its directory (null: of the directory), relative to the
 * descriptor that is returned, which is not to be closed.
 */
int table_path(
    struct entry const *service, char const *file, char path[TABLE_PATH_MAX]);

#endif
