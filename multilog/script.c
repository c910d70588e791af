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

char const *
script_words(enum script_mistake m)
{
	static char const *const words[] = {
	    [SCRIPT_FINE] = "fine",
	    [SCRIPT_UNKNOWN] = "unknown action, ignored",
	    [SCRIPT_MISPLACED] = "only at the beginning of the script, ignored",
	    [SCRIPT_AFTER] = "what comes after it is not understood",
	    [SCRIPT_IGNORED] = "not a number with a unit, ignored",
	    [SCRIPT_NUMBER] = "a number is missing",
	    [SCRIPT_LEAST] =
		"the number is too small, the least possible is used",
	    [SCRIPT_HUGE] = "the number is too big",
	};

	return words[m];
}

/* A number with one of the units, each followed by what it stands for.  The
   decimal prefix if something else follows. */
static enum script_mistake
scan(char const *s, char const *units, uint64_t const *factors, uint64_t *n)
{
	char const *digits = s;
	char const *unit;
	uint64_t factor = 1;
	bool huge = false;

	*n = 0;
	for (; *s >= '0' && *s <= '9'; s++) {
		unsigned int digit = (unsigned int)(*s - '0');

		huge = huge || *n > ((uint64_t)INT64_MAX - digit) / 10;
		*n = *n * 10 + digit;
	}
	unit = *s ? strchr(units, *s) : NULL;
	if (unit) {
		factor = factors[unit - units];
		s++;
	}
	huge = huge || *n > (uint64_t)INT64_MAX / factor;
	*n = huge ? INT64_MAX : *n * factor;
	if (s - (unit != NULL) == digits)
		return SCRIPT_NUMBER;
	return *s ? SCRIPT_AFTER : huge ? SCRIPT_HUGE : SCRIPT_FINE;
}

static enum script_mistake
scan_size(char const *s, uint64_t *n)
{
	static uint64_t const factors[] = {1 << 10, 1 << 20, 1 << 30};

	return scan(s, "kMG", factors, n);
}

/* A limit of daemontools: as there, whatever follows the number. */
static enum script_mistake
at_least(enum script_mistake m, uint64_t least, uint64_t *n)
{
	if (*n >= least)
		return m;
	*n = least;
	return m == SCRIPT_FINE ? SCRIPT_LEAST : m;
}

/* A limit that daemontools does not have. */
static enum script_mistake
obey(enum script_mistake m, uint64_t const *n, uint64_t *limit)
{
	if (m != SCRIPT_FINE && m != SCRIPT_HUGE)
		return SCRIPT_IGNORED;
	*limit = *n;
	return m;
}

static enum script_mistake
add_limit(struct script_limits *l, char letter, char const *operand)
{
	static uint64_t const seconds[] = {1, 60, 3600, 86400};
	uint64_t n = 0;

	switch (letter) {
	case 's':
		return at_least(
		    scan_size(operand, &l->size), SIZE_LEAST, &l->size);
	case 'n':
		return at_least(scan(operand, "", NULL, &l->number),
		    NUMBER_LEAST, &l->number);
	case 'c':
		return obey(scan_size(operand, &n), &n, &l->total);
	}
	return obey(scan(operand, "smhd", seconds, &n), &n, &l->age_s);
}

static enum script_mistake
add_step(struct script *s, enum script_op op, char const *text)
{
	s->step[s->steps++] = (struct script_step){op, text, s->limits};
	if (op != SCRIPT_STDOUT && op != SCRIPT_DIR)
		s->examines = true;
	if (op != SCRIPT_SELECT && op != SCRIPT_DESELECT)
		s->writes = true;
	return SCRIPT_FINE;
}

enum script_mistake
script_add(struct script *s, char const *action)
{
	char const *operand = action + 1;
	enum script_mistake after =
	    *action && *operand ? SCRIPT_AFTER : SCRIPT_FINE;

	s->actions++;
	switch (action[0]) {
	case 't':
	case 'd':
	case 'D':
		if (s->actions != 1)
			return SCRIPT_MISPLACED;
		s->stamp = action[0];
		return after;
	case 'p':
		if (s->actions != 1 + (s->stamp != 0))
			return SCRIPT_MISPLACED;
		s->prefix = operand;
		return SCRIPT_FINE;
	case '-':
		return add_step(s, SCRIPT_DESELECT, operand);
	case '+':
		return add_step(s, SCRIPT_SELECT, operand);
	case 'e':
		add_step(s, SCRIPT_STDERR, NULL);
		return after;
	case '1':
		return after ? SCRIPT_UNKNOWN
			     : add_step(s, SCRIPT_STDOUT, NULL);
	case '=':
		return add_step(s, SCRIPT_STATUS, operand);
	case '.':
	case '/':
		return add_step(s, SCRIPT_DIR, action);
	case 's':
	case 'n':
	case 'c':
	case 'R':
		return add_limit(&s->limits, action[0], operand);
	case '!':
		s->limits.processor = operand;
		return SCRIPT_FINE;
	}
	return SCRIPT_UNKNOWN;
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
	if (!strcmp(option, "--version")) {
		put("multilog (upkeep) " VERSION "\n");
		return true;
	}
	if (strcmp(option, "--help") != 0)
		return false;
	put("usage: multilog action ...\n"
	    "       multilog --check action ...\n");
	for (size_t i = 0; i < ROWS; i++) {
		put_row(rows[i].usage, rows[i].help);
		put("\n");
	}
	return true;
}

/* The number that an action has set, as it was understood. */
static bool
put_value(struct script_limits const *l, char letter)
{
	char text[UINT64_FMT + 1];
	uint64_t n = letter == 's'   ? l->size
		     : letter == 'n' ? l->number
		     : letter == 'c' ? l->total
				     : l->age_s;

	if (!strchr("sncR", letter))
		return true;
	text[uint64_fmt(text, n)] = 0;
	return put(": ") && put(text);
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
script_check(char const *const *actions, size_t n, struct script_step *step)
{
	struct script s;
	bool good = true;
	bool printed = true;

	script_init(&s, step);
	for (size_t i = 0; i < n; i++) {
		enum script_mistake m = script_add(&s, actions[i]);
		char const *help = script_help(actions[i]);

		printed = put_row(actions[i], help ? help : "") && printed;
		if (m == SCRIPT_FINE) {
			put_value(&s.limits, actions[i][0]);
		} else {
			put(help ? " -- wrong: " : "wrong: ");
			put(script_words(m));
			good = false;
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
