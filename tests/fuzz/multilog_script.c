/*
 * Any command line: the parser takes it, and what it makes of it keeps the
 * promises of script.h.
 */
#include "multilog/script.c"

#include <stdlib.h>

#define ACTIONS 64

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct script_step step[ACTIONS];
	struct script s;
	char *text = malloc(size + 1);
	size_t at = 0;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	script_init(&s, step);
	while (at <= size && s.actions < ACTIONS) {
		char const *wrong = script_add(&s, text + at);

		if ((wrong && !*wrong) || s.steps > s.actions)
			abort();
		if (wrong && !strncmp(wrong, "unknown", 7) && text[at] != '1' &&
		    script_help(text + at))
			abort();
		at += strlen(text + at) + 1;
	}
	for (size_t i = 0; i < s.steps; i++) {
		struct script_limits const *l = &step[i].limits;

		if (l->size < 4096 || l->size > INT64_MAX || l->number < 2)
			abort();
		if (step[i].op == SCRIPT_DIR && step[i].text[0] != '.' &&
		    step[i].text[0] != '/')
			abort();
	}
	free(text);
	return 0;
}
