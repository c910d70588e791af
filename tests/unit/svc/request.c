/* svc's command line. */
#include "svc/request.h"

#include <stdlib.h>

#include "tests/unit/unit.h"

/* Parse "svc" and these words; the index of the first name, or -1. */
static int
parse(struct request *r, char const *words)
{
	static char copy[256];
	char const *argv[32] = {"svc"};
	int argc = 1;

	strncpy(copy, words, sizeof copy - 1);
	for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
		argv[argc++] = w;
	return request_parse(r, argc, argv);
}

static void
sends(char const *words, char const *letters)
{
	struct request r;

	CHECK(parse(&r, words) > 0);
	CHECK_STR(r.letters, letters);
	CHECK(r.letters_len == strlen(letters));
}

static void
test_letters(void)
{
	struct request r;

	sends("", "");
	sends("s", "");
	sends("-u s", "u");
	sends("-dx s", "dx");
	sends("-d -x s", "dx");
	sends("-uu -du s", "ud");
	sends("-u -- -d", "u");
	sends("-udopchaitkxq12br", "udopchaitkxq12br");
	CHECK(parse(&r, "-dx . log") == 2);
	CHECK(parse(&r, "-uZ s") == -1);
	CHECK(parse(&r, "--up s") == -1);
	unit_done("request: letters in order, each at most once");
}

static void
test_targets(void)
{
	sends("-+t s", "+t");
	sends("-t -+k s", "t+k");
	sends("-+t -=k s", "+t=k");
	sends("-+tk s", "+t+k");
	sends("-=tk s", "=t=k");
	sends("-+ s", "");
	sends("-=+t s", "+t");
	sends("-t+ s", "t");
	sends("-t+t s", "t");
	unit_done("request: + and = govern what follows, letter by letter");
}

static void
test_all_letters_fit(void)
{
	struct request r;
	char words[128] = "-";
	char target = '+';
	size_t n = 1;

	for (struct control const *c = control_alphabet; c->letter; c++) {
		words[n++] = target;
		words[n++] = c->letter;
		target = target == '+' ? '=' : '+';
	}
	words[n] = 0;
	CHECK(parse(&r, words) > 0);
	CHECK(r.letters_len <= REQUEST_MAX);
	unit_done("request: there is room for every letter with its target");
}

/* The texts are written by hand: do they say what there is? */
static void
test_texts(void)
{
	struct request r;
	char words[8] = "-? s", line[8] = "\n  -?  ", word[8] = " ? ";
	char const *all = "+=e";

	for (struct control const *c = control_alphabet; c->letter; c++) {
		words[1] = line[4] = word[1] = c->letter;
		CHECK(parse(&r, words) == 2);
		CHECK(r.letters[0] == c->letter && r.letters_len == 1);
		CHECK(
		    strstr(request_help, line) && strstr(request_usage, word));
	}
	for (; *all; all++) {
		words[1] = line[4] = word[1] = *all;
		CHECK(parse(&r, words) == 2 && r.letters_len == 0);
		CHECK(
		    strstr(request_help, line) && strstr(request_usage, word));
	}
	for (int letter = 1; letter < 256; letter++) {
		words[1] = line[4] = (char)letter;
		if (strchr("wT-", letter) || strstr(request_help, line))
			continue;
		CHECK(parse(&r, words) != 2);
	}
	unit_done("request: usage and help name every option, and no other");
}

static void
test_wait(void)
{
	struct request r;

	CHECK(parse(&r, "-u s") == 2);
	CHECK(!r.wait && !r.is_truthful);
	CHECK(r.timeout_ms == REQUEST_NO_TIMEOUT);
	CHECK(parse(&r, "-e s") == 2 && r.is_truthful && !r.wait);
	CHECK(parse(&r, "-wU -T 30000 s") == 4);
	CHECK(r.wait == 'U' && r.timeout_ms == 30000 && r.is_truthful);
	CHECK(parse(&r, "-w d -dT0 s") == 4);
	CHECK(r.wait == 'd' && r.timeout_ms == 0 && r.letters_len == 1);
	CHECK(parse(&r, "-w x s") == -1);
	CHECK(parse(&r, "-w uu s") == -1);
	CHECK(parse(&r, "-w") == -1);
	CHECK(parse(&r, "-T 1s s") == -1);
	CHECK(parse(&r, "-T -1 s") == -1);
	CHECK(parse(&r, "-T 2147483648 s") == -1);
	CHECK(parse(&r, "-T 99999999999999999999 s") == -1);
	CHECK(parse(&r, "-T 2147483647 s") > 0 && r.timeout_ms == 2147483647);
	unit_done("request: what is waited for, and how long");
}

static void
test_questions(void)
{
	struct request r;

	CHECK(parse(&r, "-wr s") == 2 && request_wish(&r) == 0);
	CHECK(request_is_for_up(&r) && !request_is_for_exit(&r));
	CHECK(parse(&r, "-t+u=do -dkwD s") == 3 && request_wish(&r) == 'o');
	CHECK(!request_is_for_up(&r) && !request_is_for_exit(&r));
	CHECK(parse(&r, "-rdx -wD s") == 3 && request_wish(&r) == 'd');
	CHECK(!request_is_for_up(&r) && request_is_for_exit(&r));
	CHECK(parse(&r, "-dx -wd s") == 3 && !request_is_for_exit(&r));
	CHECK(parse(&r, "-dx s") == 2 && !request_is_for_exit(&r));
	CHECK(!request_is_for_up(&r));
	unit_done("request: what is wished, and waited for");
}

int
main(void)
{
	test_letters();
	test_targets();
	test_all_letters_fit();
	test_wait();
	test_questions();
	test_texts();
	return unit_exit();
}
