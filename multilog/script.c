/*
 * The language of the command line: each argument is one action, known by its
 * first byte.  Whatever is wrong with an action, the script goes on as that of
 * daemontools would, and the mistake is returned for a warning: a typing error
 * must neither stop a logger nor go unseen.  A limit that daemontools does not
 * have is obeyed only if all of it is understood, since it can remove history.
 */
#include "multilog/script.h"

#include <string.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/types.h>

#define SIZE_LEAST   4096
#define SIZE_USUAL   99999
#define NUMBER_LEAST 2
#define NUMBER_USUAL 10

static struct {
	char const *usage;
	char const *help;
} const rows[] = {
    {"t", "stamp each line with a TAI64N label (first action only)"},
    {"d", "stamp each line with the time in UTC, RFC 3339 (first only)"},
    {"D", "stamp each line with the local time, RFC 3339 (first only)"},
    {"ptext", "put text before each line, after the stamp"},
    {"-pattern", "deselect lines that match"},
    {"+pattern", "select lines that match"},
    {"e", "the first 200 bytes of selected lines to standard error"},
    {"1", "selected lines to standard output"},
    {"=file", "keep the latest selected line in file"},
    {"sSIZE[k|M|G]", "bytes in current, for the directories that follow"},
    {"nNUMBER", "files in a directory, current included"},
    {"cSIZE[k|M|G]", "bytes in all old files of a directory"},
    {"RSECONDS[s|m|h|d]", "rotate what has become older than this"},
    {"!command", "feed each file to a command before it becomes old"},
    {"./directory", "append selected lines to this log"},
    {"/directory", "append selected lines to this log"},
};
#define ROWS (sizeof rows / sizeof *rows)

void
script_init(struct script *s, struct script_step *step)
{
	*s = (struct script){
	    .step = step,
	    .limits = {.size = SIZE_USUAL, .number = NUMBER_USUAL},
	};
}

#define AFTER "what comes after it is not understood"

/* The limit that an action sets, or null. */
static uint64_t *
limit_of(struct script_limits *l, char letter)
{
	return letter == 's'   ? &l->size
	       : letter == 'n' ? &l->number
	       : letter == 'c' ? &l->total
	       : letter == 'R' ? &l->age_s
			       : NULL;
}

/* Sets one.  Those of daemontools have a least value; they are the number at
   the beginning, as there, whatever follows it. */
static char const *
set_limit(uint64_t *limit, char letter, char const *s)
{
	static uint64_t const sizes[] = {1 << 10, 1 << 20, 1 << 30};
	static uint64_t const seconds[] = {1, 60, 3600, 86400};
	char const *units = letter == 'n' ? "" : letter == 'R' ? "smhd" : "kMG";
	char const *unit;
	uint64_t least = letter == 's'	 ? SIZE_LEAST
			 : letter == 'n' ? NUMBER_LEAST
					 : 0;
	uint64_t n = 0, factor = 1;
	/* Stops at a digit that would overflow. */
	size_t some = uint64_scan(s, &n), all = strspn(s, "0123456789");
	bool huge;

	s += all;
	unit = *s ? strchr(units, *s) : NULL;
	if (unit) {
		factor = (letter == 'R' ? seconds : sizes)[unit - units];
		s++;
	}
	huge = some < all || n > (uint64_t)INT64_MAX / factor;
	n = huge ? INT64_MAX : n * factor;
	if (!least && (!all || *s))
		return "not a number with a unit, ignored";
	*limit = n < least ? least : n;
	return !all	   ? "a number is missing"
	       : *s	   ? AFTER
	       : huge	   ? "the number is too big"
	       : n < least ? "the number is too small, the least possible is "
			     "used"
			   : NULL;
}

static char const *
add_step(struct script *s, enum script_op op, char const *text)
{
	s->step[s->steps++] = (struct script_step){
	    .op = op, .text = text, .limits = s->limits, .took = true};
	if (op != SCRIPT_STDOUT && op != SCRIPT_DIR)
		s->examines = true;
	if (op != SCRIPT_SELECT && op != SCRIPT_DESELECT)
		s->writes = true;
	return NULL;
}

char const *
script_add(struct script *s, char const *action)
{
	static char const unknown[] = "unknown action, ignored";
	static char const misplaced[] =
	    "only at the beginning of the script, ignored";
	char const *operand = action + 1;
	char const *after = *action && *operand ? AFTER : NULL;
	uint64_t *limit;

	s->actions++;
	switch (action[0]) {
	case 't':
	case 'd':
	case 'D':
		if (s->actions != 1)
			return misplaced;
		s->stamp = action[0];
		return after;
	case 'p':
		if (s->actions != 1 + (s->stamp != 0))
			return misplaced;
		s->prefix = operand;
		s->prefix_len = strlen(operand);
		return NULL;
	case '-':
		return add_step(s, SCRIPT_DESELECT, operand);
	case '+':
		return add_step(s, SCRIPT_SELECT, operand);
	case 'e':
		add_step(s, SCRIPT_STDERR, NULL);
		return after;
	case '1':
		return after ? unknown : add_step(s, SCRIPT_STDOUT, NULL);
	case '=':
		return add_step(s, SCRIPT_STATUS, operand);
	case '.':
	case '/':
		return add_step(s, SCRIPT_DIR, action);
	case '!':
		s->limits.processor = operand;
		return NULL;
	}
	limit = limit_of(&s->limits, action[0]);
	return limit ? set_limit(limit, action[0], operand) : unknown;
}

char const *
script_help(char const *action)
{
	for (size_t i = 0; i < ROWS; i++)
		if (action[0] && rows[i].usage[0] == action[0])
			return rows[i].help;
	return NULL;
}

static bool
put(char const *s)
{
	return allwrite(1, s, strlen(s)) == strlen(s);
}

static bool
put_row(char const *left, char const *right)
{
	static char const spaces[] = "                     ";
	size_t n = strlen(left);

	return put("  ") && put(left) &&
	       put(n < 20 ? spaces + n : spaces + 20) && put(right);
}

bool
script_option(char const *option)
{
	bool help = !strcmp(option, "--help");

	if (!help && strcmp(option, "--version") != 0)
		return false;
	put(help ? "usage: multilog action ...\n"
		   "       multilog --check action ...\n"
		 : "multilog (upkeep) " VERSION "\n");
	for (size_t i = 0; i < ROWS && help; i++) {
		put_row(rows[i].usage, rows[i].help);
		put("\n");
	}
	return true;
}

/* A star at the beginning of a pattern that does not get past the stamp. */
static bool
stops_in_stamp(struct script const *s, char const *action)
{
	return s->stamp && (action[0] == '-' || action[0] == '+') &&
	       action[1] == '*' && action[2] &&
	       strchr(
		   s->stamp == 't' ? "@0123456789abcdef" : "0123456789-T:.Z+",
		   action[2]);
}

bool
script_check(char const *const *actions, size_t n)
{
	struct script_step step; /* one after the other */
	struct script s;
	bool good = true;
	bool printed = true;

	script_init(&s, &step);
	for (size_t i = 0; i < n; i++) {
		char const *wrong = script_add(&s, actions[i]);
		char const *help = script_help(actions[i]);
		uint64_t const *limit = limit_of(&s.limits, actions[i][0]);
		char number[UINT64_FMT + 1];

		s.steps = 0;
		printed = put_row(actions[i], help ? help : "") && printed;
		if (wrong) {
			put(help ? " -- wrong: " : "wrong: ");
			put(wrong);
			good = false;
		} else if (limit) { /* as it was understood */
			number[uint64_fmt(number, *limit)] = 0;
			put(": ");
			put(number);
		}
		if (stops_in_stamp(&s, actions[i]))
			put(" -- warning: the star can end within the stamp; "
			    "two stars match any text");
		put("\n");
	}
	if (!s.writes)
		put("wrong: nothing is written: no directory, =file, e or 1\n");
	return good && printed && s.writes;
}
