/*
 * Any command line of svc: what is sent and waited for is what a slow reading
 * of svc(8) says.  The words are separated by NULs.
 */
#include "svc/request.h"

#include "tests/fuzz/fuzz.h"

#define WORDS 24

static char const letters[] = "udopchaitkxq12br";

/* Each letter once, with the last + or = before it. */
static void
slow_add(char *to, char letter, char target)
{
	size_t n = strlen(to);

	if (strchr(to, letter))
		return;
	if (target)
		to[n++] = target;
	to[n++] = letter;
	to[n] = 0;
}

static bool
is_number(char const *s)
{
	uint64_t n = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		n = n * 10 + (uint64_t)(*s - '0');
		if (n > INT32_MAX)
			return false;
	}
	return true;
}

/* The first word that is no option; -1 if they are wrong. */
static int
slow_parse(struct request *r, int argc, char const *const *argv)
{
	char target = 0;
	int i = 1;

	*r = (struct request){.timeout_ms = -1};
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		if (strcmp(argv[i], "--") == 0)
			return i + 1;
		for (char const *p = argv[i] + 1; *p; p++) {
			char const *arg;

			if (*p == '+' || *p == '=') {
				target = *p;
				continue;
			}
			if (strchr(letters, *p)) {
				slow_add(r->letters, *p, target);
				continue;
			}
			r->is_truthful = true;
			if (*p == 'e')
				continue;
			if (*p != 'w' && *p != 'T')
				return -1;
			arg = p[1] ? p + 1 : ++i < argc ? argv[i] : NULL;
			if (!arg)
				return -1;
			if (*p == 'T' && !is_number(arg))
				return -1;
			if (*p == 'w' &&
			    (strlen(arg) != 1 || !strchr("uUdDrR", *arg)))
				return -1;
			if (*p == 'T')
				r->timeout_ms = atoi(arg);
			else
				r->wait = *arg;
			break;
		}
	}
	return i;
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char *text = malloc(size + 1);
	char const *argv[WORDS + 2] = {"svc"};
	struct request got, want;
	int argc = 1, is, should;
	size_t at = 0;

	CHECK(text);
	memcpy(text, data, size);
	text[size] = 0;
	for (; at < size && argc <= WORDS; at += strlen(text + at) + 1)
		argv[argc++] = text + at;
	is = request_parse(&got, argc, argv);
	should = slow_parse(&want, argc, argv);
	CHECK(is == should);
	if (is != -1) {
		CHECK(strcmp(got.letters, want.letters) == 0);
		CHECK(got.letters_len == strlen(got.letters));
		CHECK(got.wait == want.wait);
		CHECK(got.timeout_ms == want.timeout_ms);
		CHECK(got.is_truthful == want.is_truthful);
	}
	free(text);
	return 0;
}
