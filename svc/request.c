/*
 * The letters that are sent are those of supervise/control's table, each at
 * most once; the others are in the table here.  Usage and help are made from
 * both.
 *
 * + and = govern all letters behind them here, and one letter in the FIFO: so
 * every letter is sent with its own, and none is there for what the next svc
 * sends.
 */
#include "svc/request.h"

#include <string.h>

#include <skalibs/sgetopt.h>
#include <skalibs/types.h>

/* clang-format off */
static struct option {
	char letter;
	char const *value;
	char const *help;
} const options[] = {
    {CONTROL_GROUP,   NULL,    "group: what is behind it signals the group"},
    {CONTROL_PROCESS, NULL,    "process: what is behind it signals ./run"},
    {'w',             "state", "wait: until it is"},
    {'T',             "ms",    "time: wait for at most that long; 0: no limit"},
    {'e',             NULL,    "exit: the exit code tells, as with -w and -T"},
};
/* clang-format on */
enum { OPTIONS = sizeof options / sizeof *options };

/* target is CONTROL_GROUP, CONTROL_PROCESS, or 0. */
static void
add(struct request *r, char letter, char target)
{
	if (memchr(r->letters, letter, r->letters_len))
		return;
	if (target)
		r->letters[r->letters_len++] = target;
	r->letters[r->letters_len++] = letter;
}

static int
set(struct request *r, char letter, char const *value)
{
	unsigned int ms;

	r->is_truthful = true;
	if (letter == 'e')
		return 0;
	if (letter == 'w') {
		r->goal =
		    value[0] && !value[1] ? goal_find(value[0]) : GOAL_NONE;
		return r->goal == GOAL_NONE ? -1 : 0;
	}
	if (!uint0_scan(value, &ms) || ms > INT32_MAX)
		return -1;
	r->timeout_ms = (int)ms;
	return 0;
}

static void
option_letters(char *letters)
{
	size_t n = 0;

	for (struct control const *c = control_alphabet; c->letter; c++)
		letters[n++] = c->letter;
	for (size_t i = 0; i < OPTIONS; i++) {
		letters[n++] = options[i].letter;
		if (options[i].value)
			letters[n++] = ':';
	}
	letters[n] = 0;
}

int
request_parse(struct request *r, int argc, char const *const *argv)
{
	subgetopt l = SUBGETOPT_ZERO;
	char letters[EVENT_COUNT + 2 * OPTIONS + 1];
	char target = 0;
	int letter;

	*r = (struct request){
	    .goal = GOAL_NONE, .timeout_ms = REQUEST_NO_TIMEOUT};
	option_letters(letters);
	while ((letter = subgetopt_r(argc, argv, letters, &l)) != -1) {
		if (letter == '?')
			return -1;
		if (letter == CONTROL_GROUP || letter == CONTROL_PROCESS)
			target = (char)letter;
		else if (control_find((char)letter))
			add(r, (char)letter, target);
		else if (set(r, (char)letter, l.arg) == -1)
			return -1;
	}
	return l.ind;
}

/* ", u up" */
static void
put_word(buffer *b, char letter, char const *help)
{
	buffer_put(b, &letter, 1);
	buffer_puts(b, " ");
	buffer_put(b, help, strcspn(help, ":"));
}

void
request_usage(buffer *b)
{
	buffer_puts(b, "svc options: ");
	for (struct control const *c = control_alphabet; c->letter; c++) {
		put_word(b, c->letter, c->help);
		buffer_puts(b, ", ");
	}
	for (size_t i = 0; i < OPTIONS; i++) {
		put_word(b, options[i].letter, options[i].help);
		buffer_puts(b, i + 1 < OPTIONS ? ", " : "\n");
	}
}

static void
put_synopsis(buffer *b)
{
	buffer_puts(b, "usage: svc [-");
	for (struct control const *c = control_alphabet; c->letter; c++)
		buffer_put(b, &c->letter, 1);
	for (size_t i = 0; i < OPTIONS; i++)
		if (!options[i].value)
			buffer_put(b, &options[i].letter, 1);
	for (size_t i = 0; i < OPTIONS; i++) {
		if (!options[i].value)
			continue;
		buffer_puts(b, "] [-");
		buffer_put(b, &options[i].letter, 1);
		buffer_puts(b, " ");
		buffer_puts(b, options[i].value);
	}
	buffer_puts(b, "] service ...\n");
}

/* "  -u  up: start it" */
static void
put_help(buffer *b, char letter, char const *help)
{
	buffer_puts(b, "  -");
	buffer_put(b, &letter, 1);
	buffer_puts(b, "  ");
	buffer_puts(b, help);
}

void
request_help(buffer *b)
{
	put_synopsis(b);
	for (struct control const *c = control_alphabet; c->letter; c++) {
		put_help(b, c->letter, c->help);
		buffer_puts(b, "\n");
	}
	for (size_t i = 0; i < OPTIONS; i++) {
		char const *separator = " ";

		put_help(b, options[i].letter, options[i].help);
		if (options[i].letter == 'w')
			for (struct goal_letter const *g = goal_alphabet;
			     g->letter; g++) {
				buffer_puts(b, separator);
				put_word(b, g->letter, g->help);
				separator = ", ";
			}
		buffer_puts(b, "\n");
	}
}
