/*
 * The language of the command line, pure: each argument is one action, known
 * by its first byte.  Whatever is wrong with an action, the script goes on as
 * daemontools' would, and the mistake is returned for a warning: a typing
 * error must neither stop a logger nor go unseen.
 */
#include "multilog/script.h"

#include <string.h>

#define SIZE_LEAST   4096
#define SIZE_USUAL   99999
#define NUMBER_USUAL 10

struct script_action const script_actions[SCRIPT_ACTIONS] = {
    {'t', "t", "stamp each line with a TAI64N label (first action only)"},
    {'d', "d", "stamp each line with the time in UTC, RFC 3339 (first only)"},
    {'D', "D", "stamp each line with the local time, RFC 3339 (first only)"},
    {'p', "ptext", "put text before each line, after the stamp"},
    {'-', "-pattern", "deselect lines that match"},
    {'+', "+pattern", "select lines that match"},
    {'e', "e", "the first 200 bytes of selected lines to standard error"},
    {'1', "1", "selected lines to standard output"},
    {'=', "=file", "keep the latest selected line in file"},
    {'s', "sSIZE[k|M|G]", "bytes in current, for the directories that follow"},
    {'n', "nNUMBER", "files in a directory, current included"},
    {'c', "cSIZE[k|M|G]", "bytes in all old files of a directory"},
    {'R', "RSECONDS[s|m|h|d]", "rotate what has become older than this"},
    {'!', "!command", "feed each file to a command before it becomes old"},
    {'.', "./directory", "append selected lines to this log"},
    {'/', "/directory", "append selected lines to this log"},
};

void
script_init(struct script *s, struct script_step *step)
{
	*s = (struct script){
	    .step = step,
	    .limits = {.size = SIZE_USUAL, .number = NUMBER_USUAL},
	};
}

struct script_action const *
script_find(char const *action)
{
	for (size_t i = 0; i < SCRIPT_ACTIONS; i++)
		if (action[0] && script_actions[i].letter == action[0])
			return script_actions + i;
	return NULL;
}

char const *
script_words(enum script_mistake m)
{
	switch (m) {
	case SCRIPT_FINE:
		return "fine";
	case SCRIPT_UNKNOWN:
		return "unknown action, ignored";
	case SCRIPT_MISPLACED:
		return "only at the beginning of the script, ignored";
	case SCRIPT_BEHIND:
		return "what is behind it is not understood";
	case SCRIPT_NUMBER:
		return "a number is missing";
	case SCRIPT_HUGE:
		return "the number is too big";
	}
	return "";
}

struct unit {
	char letter;
	uint64_t factor;
};

static struct unit const sizes[] = {
    {'k', 1024}, {'M', 1024 * 1024}, {'G', 1024 * 1024 * 1024}, {0, 1}};
static struct unit const times[] = {
    {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {0, 1}};
static struct unit const plain[] = {{0, 1}};

/* A number with a unit; the decimal prefix if something else follows. */
static enum script_mistake
number(char const *s, struct unit const *unit, uint64_t *result)
{
	uint64_t n = 0;
	char const *digits = s;
	bool huge = false;

	for (; *s >= '0' && *s <= '9'; s++) {
		unsigned int digit = (unsigned int)(*s - '0');

		huge = huge || n > (UINT64_MAX - digit) / 10;
		n = n * 10 + digit;
	}
	while (unit->letter && unit->letter != *s)
		unit++;
	huge = huge || n > UINT64_MAX / unit->factor;
	*result = huge ? UINT64_MAX : n * unit->factor;
	if (s == digits)
		return SCRIPT_NUMBER;
	if (s[unit->letter != 0])
		return SCRIPT_BEHIND;
	return huge ? SCRIPT_HUGE : SCRIPT_FINE;
}

static enum script_mistake
number_at_least(
    char const *s, struct unit const *unit, uint64_t least, uint64_t *result)
{
	enum script_mistake m = number(s, unit, result);

	if (*result < least)
		*result = least;
	/* Files cannot be longer than an off_t says. */
	if (*result > INT64_MAX)
		*result = INT64_MAX;
	return m;
}

static void
add_step(struct script *s, enum script_op op, char const *text)
{
	s->step[s->steps++] = (struct script_step){op, text, s->limits};
	if (op != SCRIPT_STDOUT && op != SCRIPT_DIR)
		s->examines = true;
	if (op != SCRIPT_SELECT && op != SCRIPT_DESELECT)
		s->writes = true;
}

static enum script_mistake
add_stamp(struct script *s, enum script_stamp stamp, char const *behind)
{
	if (s->actions != 1)
		return SCRIPT_MISPLACED;
	s->stamp = stamp;
	return *behind ? SCRIPT_BEHIND : SCRIPT_FINE;
}

static enum script_mistake
add_prefix(struct script *s, char const *text)
{
	if (s->prefix || s->actions != 1 + (s->stamp != SCRIPT_STAMP_NONE))
		return SCRIPT_MISPLACED;
	s->prefix = text;
	return SCRIPT_FINE;
}

static enum script_mistake
add_letter(struct script *s, enum script_op op, char const *behind)
{
	add_step(s, op, NULL);
	return *behind ? SCRIPT_BEHIND : SCRIPT_FINE;
}

enum script_mistake
script_add(struct script *s, char const *action)
{
	char const *operand = action + 1;

	s->actions++;
	switch (action[0]) {
	case 't':
		return add_stamp(s, SCRIPT_STAMP_TAI64N, operand);
	case 'd':
		return add_stamp(s, SCRIPT_STAMP_UTC, operand);
	case 'D':
		return add_stamp(s, SCRIPT_STAMP_LOCAL, operand);
	case 'p':
		return add_prefix(s, operand);
	case '-':
		add_step(s, SCRIPT_DESELECT, operand);
		return SCRIPT_FINE;
	case '+':
		add_step(s, SCRIPT_SELECT, operand);
		return SCRIPT_FINE;
	case 'e':
		return add_letter(s, SCRIPT_STDERR, operand);
	case '1':
		if (*operand)
			return SCRIPT_UNKNOWN;
		return add_letter(s, SCRIPT_STDOUT, operand);
	case '=':
		add_step(s, SCRIPT_STATUS, operand);
		return SCRIPT_FINE;
	case '.':
	case '/':
		add_step(s, SCRIPT_DIR, action);
		return SCRIPT_FINE;
	case 's':
		return number_at_least(
		    operand, sizes, SIZE_LEAST, &s->limits.size);
	case 'n':
		return number_at_least(operand, plain, 2, &s->limits.number);
	case 'c':
		return number_at_least(operand, sizes, 0, &s->limits.total);
	case 'R':
		return number_at_least(operand, times, 0, &s->limits.age_s);
	case '!':
		s->limits.processor = operand;
		return SCRIPT_FINE;
	}
	return SCRIPT_UNKNOWN;
}
