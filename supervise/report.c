/*
 * The names of the report are an interface: supervise-status(5).
 *
 * A malformed value counts as missing, and so does a time without its nine
 * decimals: on a full disk supervise overwrites the file in place, and a reader
 * must not take a value that was cut off for another one.
 */
#include "supervise/report.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/types.h>
#include <skalibs/uint64.h>

#include "supervise/message.h"

/* What no pid is, until it is read. */
#define MISSING UINT64_MAX

/* No line that is ours is longer. */
#define LINE_LONGEST (REPORT_TEXT_MAX + 32)

enum kind { TEXT, NUMBER, TIME, CODE, END };

/* clang-format off */
#define ROW(kind, member) {#member, kind, offsetof(struct report, member), \
	sizeof ((struct report *)0)->member}
#define CODE_OF(end, name) {name, CODE, end, 0}

static struct row {
	char const *name;
	enum kind kind;
	size_t offset; /* of a CODE: the enum report_end that it belongs to */
	size_t size;
} const rows[] = {
    ROW(TEXT,   state),
    ROW(NUMBER, pid),
    ROW(TIME,   since),
    ROW(TIME,   ready_since),
    ROW(TEXT,   want),
    ROW(NUMBER, attempts),
    ROW(NUMBER, starts),
    ROW(NUMBER, deaths),
    ROW(NUMBER, failed_attempt),
    CODE_OF(END_EXITED,  "exit_code"),
    CODE_OF(END_KILLED,  "exit_signal"),
    ROW(NUMBER, ran_ms),
    ROW(NUMBER, leftovers),
    {"end", END, 0, 0},
    ROW(TEXT,   error),
    ROW(TEXT,   status_text),
    ROW(TEXT,   notify_socket),
    ROW(NUMBER, session),
    ROW(NUMBER, born),
    ROW(TEXT,   boot),
    ROW(NUMBER, init),
    ROW(TEXT,   lock),
    ROW(NUMBER, supervise),
    ROW(TEXT,   next),
    ROW(TEXT,   resume),
    ROW(NUMBER, unsent),
    ROW(NUMBER, unsent_group),
};
/* clang-format on */
enum { ROWS = sizeof rows / sizeof *rows };

void
report_end_words(char words[REPORT_END_MAX], struct report const *report)
{
	static char const *const how[] = {
	    [END_NONE] = "",
	    [END_EXITED] = "exited ",
	    [END_KILLED] = "killed by signal ",
	    [END_UNKNOWN] = "ended, unknown how",
	};
	char code[UINT64_FMT] = "", left[UINT64_FMT];
	bool any = report->end != END_NONE && report->leftovers != 0;

	if (report->end == END_EXITED || report->end == END_KILLED)
		code[uint_fmt(code, report->end_code)] = 0;
	left[uint64_fmt(left, report->leftovers)] = 0;
	message_join(words, REPORT_END_MAX, how[report->end], code,
	    any ? " and left " : "", any ? left : "",
	    !any		     ? ""
	    : report->leftovers == 1 ? " process behind"
				     : " processes behind");
}

static void
format_time(char *value, struct timespec const *time)
{
	size_t n;

	if (!time->tv_sec && !time->tv_nsec)
		return;
	n = uint64_fmt(value, (uint64_t)time->tv_sec);
	value[n++] = '.';
	n += uint320_fmt(value + n, (uint32_t)time->tv_nsec, 9);
	value[n] = 0;
}

static void
format_code(char *value, struct report const *r, enum report_end end)
{
	if (r->end == END_UNKNOWN)
		memcpy(value, "unknown", sizeof "unknown");
	else if (r->end == end || end == END_KILLED)
		value[uint_fmt(value, r->end == end ? r->end_code : 0)] = 0;
}

static void
format(
    char value[REPORT_TEXT_MAX], struct report const *r, struct row const *row)
{
	void const *member = (char const *)r + row->offset;

	value[0] = 0;
	switch (row->kind) {
	case TEXT:
		message_join(value, REPORT_TEXT_MAX, member);
		value[strcspn(value, "\n")] = 0;
		break;
	case NUMBER:
		value[uint64_fmt(value, *(uint64_t const *)member)] = 0;
		break;
	case TIME:
		format_time(value, member);
		break;
	case CODE:
		format_code(value, r, (enum report_end)row->offset);
		break;
	case END:
		report_end_words(value, r);
		break;
	}
}

size_t
report_format(char text[REPORT_LONGEST], struct report const *report)
{
	char value[REPORT_TEXT_MAX];
	size_t len = 0;

	for (size_t i = 0; i < ROWS; i++) {
		format(value, report, &rows[i]);
		len += message_join(text + len, REPORT_LONGEST - len,
		    rows[i].name, "=", value, "\n");
	}
	return len;
}

static void
parse_time(struct timespec *time, char const *value)
{
	uint64_t sec;
	uint32_t nsec;
	size_t n = uint64_scan(value, &sec);

	if (!*value)
		*time = (struct timespec){0};
	if (n && sec <= INT64_MAX && value[n] == '.' &&
	    strlen(value + n + 1) == 9 && uint320_scan(value + n + 1, &nsec))
		*time = (struct timespec){
		    .tv_sec = (time_t)sec, .tv_nsec = (long)nsec};
}

static void
parse_code(struct report *r, enum report_end end, char const *value)
{
	unsigned int code;

	if (strcmp(value, "unknown") == 0) {
		r->end = END_UNKNOWN;
	} else if (uint0_scan(value, &code) && (end != END_KILLED || code)) {
		/* exit_signal is 0 after an exit, too. */
		r->end = end;
		r->end_code = code;
	}
}

/* Nothing is set if the value is not of the right form. */
static void
parse(struct report *r, struct row const *row, char const *value)
{
	void *member = (char *)r + row->offset;
	uint64_t number;

	switch (row->kind) {
	case TEXT:
		if (strlen(value) < row->size)
			memcpy(member, value, strlen(value) + 1);
		break;
	case NUMBER:
		if (uint640_scan(value, &number))
			memcpy(member, &number, sizeof number);
		break;
	case TIME:
		parse_time(member, value);
		break;
	case CODE:
		parse_code(r, (enum report_end)row->offset, value);
		break;
	case END:
		break;
	}
}

static struct row const *
find(char const *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

int
report_parse(struct report *report, char const *text, size_t len)
{
	char const *line = text, *end = text + len, *newline;

	*report = (struct report){.pid = MISSING, .since.tv_nsec = -1};
	while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
		size_t n = (size_t)(newline - line);
		char copy[LINE_LONGEST], *equals;
		struct row const *row;

		if (n < sizeof copy && !memchr(line, 0, n)) {
			memcpy(copy, line, n);
			copy[n] = 0;
			equals = strchr(copy, '=');
			if (equals)
				*equals = 0;
			row = equals ? find(copy) : NULL;
			if (row)
				parse(report, row, equals + 1);
		}
		line = newline + 1;
	}
	if (line == end && report->state[0] && report->pid != MISSING &&
	    report->since.tv_nsec != -1 && report->want[0])
		return 0;
	report->state[0] = 0;
	errno = EPROTO;
	return -1;
}

int
report_read(struct report *report)
{
	char text[REPORT_MAX];
	struct stat st;
	int fd = open2(REPORT_FILE, O_RDONLY | O_NONBLOCK);
	ssize_t n;
	int result;

	if (fd == -1)
		return -1;
	n = fstat(fd, &st) == 0 ? fd_read(fd, text, sizeof text) : -1;
	fd_close(fd);
	if (n == -1)
		return -1;
	result = report_parse(report, text, (size_t)n);
	report->owner = st.st_uid;
	return result;
}

bool
report_value(
    char value[REPORT_TEXT_MAX], struct report const *report, char const *name)
{
	struct row const *row = find(name);

	if (row)
		format(value, report, row);
	return row != NULL;
}

bool
report_belongs(struct report const *report, struct status const *status)
{
	return report->since.tv_sec == status->since.tv_sec &&
	       report->since.tv_nsec == status->since.tv_nsec;
}
