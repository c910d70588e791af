/*
 * Actions: what each means, and what is wrong with those that are wrong.
 */
#include "multilog/script.h"

#include "tests/unit/unit.h"

#define COUNT(array) (sizeof array / sizeof *array)

static struct script_step step[32];
static struct script s;

/* What the words for a mistake begin with. */
#define FINE	  NULL
#define UNKNOWN	  "unknown action, ignored"
#define MISPLACED "only at the beginning"
#define AFTER	  "what comes after it"
#define IGNORED	  "not a number with a unit, ignored"
#define NUMBER	  "a number is missing"
#define LEAST	  "the number is too small"
#define HUGE	  "the number is too big"

static bool
says(char const *wrong, char const *words)
{
	return words ? wrong && !strncmp(wrong, words, strlen(words)) : !wrong;
}

static char const *
parse(char const *const *actions, size_t n)
{
	char const *m = NULL;

	script_init(&s, step);
	for (size_t i = 0; i < n; i++)
		m = script_add(&s, actions[i]);
	return m;
}

#define PARSE(...)                                \
	parse((char const *const[]){__VA_ARGS__}, \
	    COUNT(((char const *const[]){__VA_ARGS__})))

static void
test_steps(void)
{
	CHECK(says(PARSE("t", "-a*", "+b", "e", "1", "=f", "./d"), FINE));
	CHECK(s.stamp == 't' && s.steps == 6);
	CHECK(step[0].op == SCRIPT_DESELECT && step[1].op == SCRIPT_SELECT);
	CHECK(step[2].op == SCRIPT_STDERR && step[3].op == SCRIPT_STDOUT);
	CHECK(step[4].op == SCRIPT_STATUS && step[5].op == SCRIPT_DIR);
	CHECK_STR(step[0].text, "a*");
	CHECK_STR(step[4].text, "f");
	CHECK_STR(step[5].text, "./d");
	CHECK(s.examines && s.writes);
	PARSE("d", "1", "/d");
	CHECK(s.stamp == 'd' && !s.examines);
	PARSE("D", "pweb: ", "-x");
	CHECK(s.stamp == 'D' && !s.writes && s.examines);
	CHECK_STR(s.prefix, "web: ");
	unit_done("multilog/script: steps");
}

static void
test_limits(void)
{
	PARSE("./a", "s50M", "n3", "!cmd", "R1d", "c10G", "./b", "s1", "n0",
	    "./c");
	CHECK(step[0].limits.size == 99999 && step[0].limits.number == 10);
	CHECK(!step[0].limits.processor && !step[0].limits.age_s);
	CHECK(step[1].limits.size == 50 * 1024 * 1024);
	CHECK(step[1].limits.number == 3 && step[1].limits.age_s == 86400);
	CHECK(step[1].limits.total == UINT64_C(10) << 30);
	CHECK_STR(step[1].limits.processor, "cmd");
	CHECK(step[2].limits.size == 4096 && step[2].limits.number == 2);
	CHECK_STR(step[2].limits.processor, "cmd");
	unit_done("multilog/script: limits");
}

static void
test_numbers(void)
{
	static struct {
		char const *text;
		char const *mistake;
		uint64_t size;
	} const rows[] = {
	    {"s5000", FINE, 5000},
	    {"s16777216", FINE, 16777216},
	    {"s8k", FINE, 8192},
	    {"s5000x", AFTER, 5000},
	    {"s8kk", AFTER, 8192},
	    {"s", NUMBER, 4096},
	    {"sk", NUMBER, 4096},
	    {"s-1", NUMBER, 4096},
	    {"s0", LEAST, 4096},
	    {"s4095", LEAST, 4096},
	    {"s4096", FINE, 4096},
	    {"s10m", AFTER, 4096},
	    {"s18446744073709551617", HUGE, INT64_MAX},
	    {"s18446744073709551615k", HUGE, INT64_MAX},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		CHECK(says(PARSE(rows[i].text), rows[i].mistake));
		CHECK(s.limits.size == rows[i].size);
	}
	unit_done("multilog/script: numbers");
}

/* What can remove history is obeyed only if all of it is understood. */
static void
test_new_limits(void)
{
	static char const *const wrong[] = {
	    "c10gb", "c1T", "c", "cG", "c-1", "c10 k", "c1kk"};
	static char const *const wrong_ages[] = {
	    "R1w", "R1D", "R", "Rd", "R1hh", "R-5"};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		CHECK(says(PARSE(wrong[i]), IGNORED));
		CHECK(says(PARSE("c1M", wrong[i]), IGNORED));
		CHECK(s.limits.total == 1024 * 1024);
	}
	for (size_t i = 0; i < COUNT(wrong_ages); i++) {
		CHECK(says(PARSE("R7", wrong_ages[i]), IGNORED));
		CHECK(s.limits.age_s == 7);
	}
	CHECK(says(PARSE("R7d"), FINE) && s.limits.age_s == 604800);
	CHECK(says(PARSE("R90s"), FINE) && s.limits.age_s == 90);
	CHECK(says(PARSE("c99999999999999999999"), HUGE));
	CHECK(says(PARSE("n0"), LEAST) && s.limits.number == 2);
	CHECK(says(PARSE("n1"), LEAST) && s.limits.number == 2);
	CHECK(says(PARSE("n2"), FINE));
	CHECK(says(PARSE("n5x"), AFTER) && s.limits.number == 5);
	unit_done("multilog/script: limits that daemontools does not have");
}

static void
test_mistakes(void)
{
	CHECK(says(PARSE("log/main"), UNKNOWN));
	CHECK(says(PARSE(""), UNKNOWN));
	CHECK(says(PARSE("1x"), UNKNOWN));
	CHECK(says(PARSE("./d", "t"), MISPLACED));
	CHECK(!s.stamp && s.steps == 1);
	CHECK(says(PARSE("./d", "px"), MISPLACED) && !s.prefix);
	CHECK(says(PARSE("t", "px", "py"), MISPLACED));
	CHECK(says(PARSE("tx"), AFTER) && s.stamp == 't');
	CHECK(says(PARSE("error"), AFTER) && s.writes);
	unit_done("multilog/script: mistakes");
}

static void
test_table(void)
{
	for (int c = 1; c < 256; c++) {
		char action[3] = {(char)c, '9', 0};
		char const *m;

		if (c == '1')
			action[1] = 0;
		m = PARSE(action);
		CHECK((m && says(m, UNKNOWN)) == !script_help(action));
	}
	CHECK(!script_help(""));
	unit_done("multilog/script: the table has what the parser knows");
}

int
main(void)
{
	test_steps();
	test_limits();
	test_numbers();
	test_new_limits();
	test_mistakes();
	test_table();
	return unit_exit();
}
