#ifndef MULTILOG_SCRIPT_H
#define MULTILOG_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum script_op {
	SCRIPT_DESELECT,
	SCRIPT_SELECT,
	SCRIPT_STDERR,
	SCRIPT_STDOUT,
	SCRIPT_STATUS,
	SCRIPT_DIR,
};

enum script_mistake {
	SCRIPT_FINE,
	SCRIPT_UNKNOWN,	  /* no such action: ignored */
	SCRIPT_MISPLACED, /* t d D not first, p not before the rest: ignored */
	SCRIPT_AFTER,	  /* something after a letter or a number of 0.76's:
			     the beginning counts, as there */
	SCRIPT_IGNORED,	  /* c or R with anything but a number and a unit */
	SCRIPT_NUMBER,	  /* no number where one must be: the least is taken */
	SCRIPT_LEAST,	  /* the number is too small: the least is taken */
	SCRIPT_HUGE,	  /* the number does not fit: the greatest is taken */
};

/* What holds for the directories that follow. */
struct script_limits {
	uint64_t size;	 /* bytes in current; at least 4096 */
	uint64_t number; /* files, current included; at least 2 */
	uint64_t total;	 /* bytes in all old files; 0: no limit */
	uint64_t age_s;	 /* seconds until current is rotated; 0: no limit */
	char const *processor; /* for sh -c; null: none */
};

struct script_step {
	enum script_op op;
	char const *text; /* pattern, file or directory */
	struct script_limits limits;
};

struct script {
	char stamp;	    /* its letter; 0: none */
	char const *prefix; /* null: none */
	bool examines;	    /* some step must look at every line */
	bool writes;	    /* some step puts lines somewhere */
	size_t actions;	    /* given so far, ignored ones included */
	size_t steps;
	struct script_limits limits;
	struct script_step *step; /* the caller's, one per action */
};

/* An empty script that will store its steps in step. */
void script_init(struct script *s, struct script_step *step);

/* Adds the next action and says what is wrong with it; the script is usable
   whatever was wrong. */
enum script_mistake script_add(struct script *s, char const *action);

/* The words for a mistake, to follow the action's name. */
char const *script_words(enum script_mistake m);

/* What an action is for, from the table that --help prints; or null. */
char const *script_help(char const *action);

/* Prints the answer to --help or --version; false if option is neither. */
bool script_option(char const *option);

/* Prints what each action means, or what is wrong with it.  step has room for
   n.  True if nothing is wrong and all could be printed. */
bool script_check(
    char const *const *actions, size_t n, struct script_step *step);

#endif
