/*
 * The texts of --help, --version and --check, all from the table of actions.
 */
#include "multilog/explain.h"

#include <stdlib.h>
#include <string.h>
#include <skalibs/buffer.h>
#include <skalibs/types.h>

#include "multilog/script.h"

#define USAGE                          \
	"usage: multilog action ...\n" \
	"       multilog --check action ...\n"

static void
put(char const *s)
{
	buffer_puts(buffer_1, s);
}

static void
put_row(char const *left, char const *right)
{
	put("  ");
	put(left);
	for (size_t n = strlen(left); n < 20; n++)
		put(" ");
	put(" ");
	put(right);
}

bool
explain_option(char const *option)
{
	if (!strcmp(option, "--version")) {
		put("multilog (upkeep) " VERSION "\n");
	} else if (!strcmp(option, "--help")) {
		put(USAGE);
		for (size_t i = 0; i < SCRIPT_ACTIONS; i++) {
			put_row(
			    script_actions[i].usage, script_actions[i].help);
			put("\n");
		}
	} else {
		return false;
	}
	buffer_flush(buffer_1);
	return true;
}

static void
put_number(uint64_t n)
{
	char text[UINT64_FMT];

	put(": ");
	buffer_put(buffer_1, text, uint64_fmt(text, n));
}

static void
put_value(struct script const *s, char letter)
{
	if (letter == 's')
		put_number(s->limits.size);
	else if (letter == 'n')
		put_number(s->limits.number);
	else if (letter == 'c')
		put_number(s->limits.total);
	else if (letter == 'R')
		put_number(s->limits.age_s);
}

bool
explain_script(char const *const *actions, size_t n)
{
	struct script s;
	struct script_step *step = calloc(n + 1, sizeof *step);
	bool good = true;

	if (!step)
		return false;
	script_init(&s, step);
	for (size_t i = 0; i < n; i++) {
		enum script_mistake m = script_add(&s, actions[i]);
		struct script_action const *row = script_find(actions[i]);

		put_row(actions[i], m == SCRIPT_FINE || !row ? "" : row->help);
		put(m == SCRIPT_FINE && row ? row->help : "");
		if (m != SCRIPT_FINE) {
			put(row ? " -- wrong: " : "wrong: ");
			put(script_words(m));
			good = false;
		} else {
			put_value(&s, actions[i][0]);
		}
		put("\n");
	}
	if (!s.writes) {
		put("wrong: nothing is written: no directory, =file, e or 1\n");
		good = false;
	}
	free(step);
	return buffer_flush(buffer_1) && good;
}
