/*
 * Any bytes as a report, and any report as bytes: what is accepted is written
 * and read back as the same, what is written is accepted, and of what is cut
 * off anywhere nothing is taken for another value.
 */
#include "supervise/report.h"

#include <errno.h>

#include "tests/fuzz/fuzz.h"

static bool
same(struct report const *a, struct report const *b)
{
	static char const *const names[] = {"state", "pid", "since",
	    "ready_since", "want", "attempts", "starts", "deaths", "exit_code",
	    "exit_signal", "ran_ms", "leftovers", "end", "error", "status_text",
	    "notify_socket", "session", "born", "boot", "init", "lock",
	    "supervise", "next", "resume"};
	char x[REPORT_TEXT_MAX], y[REPORT_TEXT_MAX];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		CHECK(report_value(x, a, names[i]));
		CHECK(report_value(y, b, names[i]));
		if (strcmp(x, y) != 0)
			return false;
	}
	return true;
}

/* Lines of names without an =, or a newline, that no reader could read. */
static void
check_lines(char const *text, size_t len)
{
	CHECK(len && len <= REPORT_LONGEST && text[len - 1] == '\n');
	for (size_t at = 0; at < len;) {
		char const *end = memchr(text + at, '\n', len - at);
		char const *is = memchr(text + at, '=', len - at);

		CHECK(is && is < end && is > text + at);
		at = (size_t)(end - text) + 1;
	}
}

/* The value of a name in a text, as it stands there, or nothing. */
static void
check_cut(struct report const *whole, char const *text, size_t len)
{
	static char const *const numbers[] = {"pid", "starts", "deaths", "born",
	    "init", "supervise", "ready_since", "session", "ran_ms"};
	struct report cut;

	if (report_parse(&cut, text, len) == -1) {
		CHECK(errno == EPROTO && !cut.state[0]);
		return;
	}
	CHECK(cut.pid == whole->pid);
	CHECK(strcmp(cut.state, whole->state) == 0);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		char x[REPORT_TEXT_MAX], y[REPORT_TEXT_MAX];

		report_value(x, whole, numbers[i]);
		report_value(y, &cut, numbers[i]);
		CHECK(
		    !x[0] || !y[0] || strcmp(y, "0") == 0 || strcmp(x, y) == 0);
	}
}

static void
check_written(struct report const *r, size_t where)
{
	char text[REPORT_LONGEST];
	size_t len = report_format(text, r);
	struct report back;

	check_lines(text, len);
	CHECK(report_parse(&back, text, len) == 0);
	CHECK(same(r, &back));
	check_cut(r, text, where % len);
	/* Overwritten in place, it may end in a piece of the last one. */
	if (where % len > 2)
		check_cut(r, text, len - 1);
}

static void
read_it(struct input in)
{
	char *text = malloc(in.left + 1);
	size_t len = take(&in, text, in.left);
	struct report r;

	CHECK(text);
	/* Times that no clock can show are not written. */
	if (report_parse(&r, text, len) == 0)
		check_written(&r, len * 7);
	else
		CHECK(errno == EPROTO && !r.state[0]);
	free(text);
}

/* A value that somebody has set: printable, and shorter than its room. */
static void
fill(struct input *in, char *to, size_t size)
{
	size_t len = next(in) % size;

	len = take(in, to, len);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)to[i] < ' ')
			to[i] = ' ';
	to[len] = 0;
}

static void
write_it(struct input in)
{
	struct report r = {0};
	uint64_t *const numbers[] = {&r.pid, &r.attempts, &r.starts, &r.deaths,
	    &r.ran_ms, &r.leftovers, &r.session, &r.born, &r.init,
	    &r.supervise};
	uint32_t code;
	size_t where = next(&in) * 8U;

	fill(&in, r.state, sizeof r.state);
	fill(&in, r.want, sizeof r.want);
	/* supervise writes neither without a word. */
	r.state[0] = r.state[0] ? r.state[0] : 's';
	r.want[0] = r.want[0] ? r.want[0] : 'w';
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		take(&in, numbers[i], next(&in) % 9);
	r.pid %= UINT64_MAX;
	take(&in, &code, sizeof code);
	r.end = (enum report_end)(code % 4);
	/* There is no signal 0, and nothing else has a code. */
	r.end_code = r.end == END_EXITED   ? code >> 24
		     : r.end == END_KILLED ? 1 + (code >> 24) % 64
					   : 0;
	take(&in, &code, sizeof code);
	r.since.tv_sec = (time_t)code;
	r.ready_since.tv_sec = (time_t)code * 2;
	take(&in, &code, sizeof code);
	r.since.tv_nsec = (long)(code % 1000000000);
	r.ready_since.tv_nsec = (long)(code / 7);
	fill(&in, r.error, sizeof r.error);
	fill(&in, r.status_text, sizeof r.status_text);
	fill(&in, r.notify_socket, sizeof r.notify_socket);
	fill(&in, r.boot, sizeof r.boot);
	fill(&in, r.lock, sizeof r.lock);
	fill(&in, r.next, sizeof r.next);
	fill(&in, r.resume, sizeof r.resume);
	check_written(&r, where);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct input in = {data, size};

	if (next(&in) == 'w')
		write_it(in);
	else
		read_it((struct input){data, size});
	return 0;
}
