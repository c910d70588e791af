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

	/* For those who carry it out. */
	struct spool *spool; /* of a directory, or of standard output */
	struct sink_file *file;
	bool took; /* the line at hand */
};

struct script {
	char stamp; /* its letter; 0: none */
	char const *prefix;
	size_t prefix_len; /* 0: none */
	bool examines;	   /* some step must look at every line */
	bool writes;	   /* some step puts lines somewhere */
	size_t actions;	   /* given so far, ignored ones included */
	size_t steps;
	struct script_limits limits;
	struct script_step *step; /* the caller's, one per action */
};

/* An empty script that will store its steps in step. */
void script_init(struct script *s, struct script_step *step);

/* Adds the next action.  Returns what is wrong with it in words, to follow the
   action's name, or null; the script is usable whatever was wrong. */
char const *script_add(struct script *s, char const *action);

/* What an action is for, from the table that --help prints; or null. */
char const *script_help(char const *action);

/* Prints the answer to --help or --version; false if option is neither. */
bool script_option(char const *option);

/* Prints what each action means, or what is wrong with it.  True if nothing is
   wrong and all could be printed. */
bool script_check(char const *const *actions, size_t n);

#endif
