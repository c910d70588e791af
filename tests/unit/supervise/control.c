/* The alphabet. */
#include "supervise/control.h"

#include <signal.h>

#include "tests/unit/unit.h"

static void
test_alphabet(void)
{
	char letters[EVENT_COUNT + 1] = "";
	bool used[EVENT_COUNT + NSIG] = {false};
	size_t at, n = 0;

	for (struct control const *c = control_alphabet; c->letter; c++) {
		CHECK(n < EVENT_COUNT);
		CHECK(!strchr(letters, c->letter));
		CHECK(c->event.kind < EVENT_COUNT);
		at = c->event.kind == EVENT_SIGNAL
			 ? EVENT_COUNT + (size_t)c->event.signal
			 : (size_t)c->event.kind;
		CHECK(!used[at]);
		used[at] = true;
		CHECK(c->help && c->help[0]);
		CHECK(control_find(c->letter) == c);
		letters[n++] = c->letter;
	}
	CHECK(strncmp(letters, "udopchaitkxq12br", 16) == 0);
	CHECK(control_find('u')->event.kind == EVENT_UP);
	CHECK(control_find('t')->event.signal == SIGTERM);
	CHECK(control_find('1')->event.signal == SIGUSR1);
	CHECK(control_find('Z') == NULL);
	CHECK(control_find(0) == NULL);
	unit_done("control: every letter once, with an event and a help");
}

int
main(void)
{
	test_alphabet();
	return unit_exit();
}
