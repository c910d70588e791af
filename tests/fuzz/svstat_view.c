/*
 * Any bytes as the status and the report of a service, and any list of fields:
 * what svstat prints is lines that neither a terminal nor a reader of JSON can
 * misunderstand, and the classic line is what a slow reading of the 18 bytes
 * says.
 *
 * An input is: what has failed (1 byte), the length of the list of fields (1),
 * that list, the length of the status (1), the status, the report.
 */
#include <errno.h>
#include <fcntl.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "tests/fuzz/fuzz.h"

static int fuzz_open(char const *name, int flags);
static ssize_t fuzz_read(int fd, char *to, size_t size);

#define open2	     fuzz_open
#define fd_read	     fuzz_read
#define fd_close(fd) (void)(fd)
#include "supervise/status.c"
#undef open2
#undef fd_read
#undef fd_close

#include "supervise/report.h"
static int fuzz_report(struct report *report);
#define report_read fuzz_report
#include "supervise/client.c"
#undef report_read
#include "svstat/fields.h"
#include "svstat/view.h"

#define NOW 1795261057

static uint8_t const *file[2]; /* status, report */
static size_t file_len[2];

static int
fuzz_open(char const *name, int flags)
{
	CHECK(flags & O_NONBLOCK && strcmp(name, "supervise/status") == 0);
	return 0;
}

static int
fuzz_report(struct report *report)
{
	size_t n = file_len[1] < REPORT_MAX ? file_len[1] : REPORT_MAX;

	return report_parse(report, (char const *)file[1], n);
}

static ssize_t
fuzz_read(int fd, char *to, size_t size)
{
	size_t n = file_len[fd] < size ? file_len[fd] : size;

	memcpy(to, file[fd], n);
	return (ssize_t)n;
}

/* One line, and nothing in it that a terminal obeys. */
static void
check_line(struct text const *text)
{
	char const *s = text->bytes.s;
	size_t len = text->bytes.len;

	CHECK(!text->failed && len && s[len - 1] == '\n');
	for (size_t i = 0; i + 1 < len; i++)
		CHECK((unsigned char)s[i] >= ' ' && s[i] != 127);
}

/* Skip a JSON value of the kinds that there are; null if it is none. */
static char const *
skip_value(char const *s)
{
	static char const *const words[] = {"null", "true", "false"};

	if (*s == '"') {
		for (s++; *s != '"'; s++) {
			CHECK((unsigned char)*s >= ' ');
			if (*s != '\\')
				continue;
			s++;
			CHECK(*s && strchr("\\\"u", *s));
			for (int i = 0; *s == 'u' && i < 4; i++)
				CHECK(s[1 + i] &&
				      strchr("0123456789abcdef", s[1 + i]));
		}
		return s + 1;
	}
	for (size_t i = 0; i < 3; i++)
		if (strncmp(s, words[i], strlen(words[i])) == 0)
			return s + strlen(words[i]);
	CHECK(*s >= '0' && *s <= '9');
	/* No number begins with a zero that means nothing. */
	CHECK(*s != '0' || s[1] < '0' || s[1] > '9');
	s += strspn(s, "0123456789");
	if (*s == '.') {
		CHECK(s[1] >= '0' && s[1] <= '9');
		s += 1 + strspn(s + 1, "0123456789");
	}
	return s;
}

static void
check_json(struct view const *v)
{
	struct text text = TEXT_ZERO;
	char const *s;

	fields_json(&text, v, NOW);
	check_line(&text);
	CHECK(stralloc_0(&text.bytes));
	s = text.bytes.s;
	CHECK(*s == '{');
	do {
		s++;
		CHECK(*s == '"');
		s = skip_value(s);
		CHECK(*s == ':');
		s = skip_value(s + 1);
	} while (*s == ',');
	CHECK(strcmp(s, "}\n") == 0);
	stralloc_free(&text.bytes);
}

static void
check_columns(struct view const *v, char const *list)
{
	struct text text = TEXT_ZERO;
	struct fields fields;
	size_t commas = 0;

	for (char const *s = list; *s; s++)
		commas += *s == ',';
	if (fields_parse(&fields, list) == -1)
		return;
	CHECK(fields.len == commas + 1 && fields.len <= FIELDS_MAX);
	fields_columns(&text, &fields, v, NOW);
	check_line(&text);
	stralloc_free(&text.bytes);
}

static void
check_table(struct view const *v)
{
	struct text text = TEXT_ZERO;
	struct listing listing = {.cells = TEXT_ZERO};
	size_t lines = 0;

	fields_row(&listing, NULL, NOW);
	fields_row(&listing, v, NOW);
	fields_table(&text, &listing);
	CHECK(!text.failed && text.bytes.len);
	for (size_t i = 0; i < text.bytes.len; i++)
		lines += text.bytes.s[i] == '\n';
	CHECK(lines == 2 && text.bytes.s[text.bytes.len - 1] == '\n');
	stralloc_free(&text.bytes);
	stralloc_free(&listing.cells.bytes);
}

/* daemontools' line, by its bytes. */
static void
check_classic(struct view const *v, uint8_t const *b, size_t len)
{
	struct text text = TEXT_ZERO;
	char want[200], state[60], *to = want;
	uint64_t sec = 0;
	uint32_t pid = 0;
	bool up;

	view_line(&text, v, NOW);
	check_line(&text);
	if (v->stage == VIEW_COMPLETE) {
		for (int i = 0; i < 8; i++)
			sec = sec << 8 | b[i];
		for (int i = 3; i >= 0; i--)
			pid = pid << 8 | b[12 + i];
		sec -= UINT64_C(4611686018427387914);
		up = pid && !(len == 20 && b[19] == 2);
		if (up)
			snprintf(state, sizeof state, "up (pid %u)", pid);
		else
			strcpy(state, "down");
		to += sprintf(to, "blog: %s %llu seconds", state,
		    (int64_t)sec < NOW ? (unsigned long long)(NOW - sec)
				       : 0ULL);
		if (up == v->down_file)
			to += sprintf(to, ", normally %s", up ? "down" : "up");
		if (up && b[16])
			to += sprintf(to, ", paused");
		if (b[17] == (up ? 'd' : 'u'))
			to += sprintf(to, ", want %s", up ? "down" : "up");
		strcpy(to, "\n");
		CHECK(text.bytes.len == strlen(want));
		CHECK(memcmp(text.bytes.s, want, strlen(want)) == 0);
	}
	stralloc_free(&text.bytes);
}

/* A program that packs what it has read says the same. */
static void
check_packed(struct status const *s, uint8_t const *b, size_t len)
{
	char record[STATUS_SIZE];
	struct status back;

	status_pack(record, s);
	CHECK(memcmp(record, b, 16) == 0);
	CHECK((record[16] != 0) == (b[16] != 0) && record[17] == (char)b[17]);
	CHECK(len != 20 || b[19] > 2 || !b[19] || record[19] == (char)b[19]);
	CHECK(status_unpack(&back, record, sizeof record) == 0);
	CHECK(back.pid == s->pid && back.want == s->want);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct input in = {data, size};
	unsigned char failed = next(&in);
	struct view v = {.name = "blog", .stage = VIEW_COMPLETE, .pgid = -1};
	char list[256];

	v.down_file = failed & 1;
	v.error = failed >> 4;
	if (failed & 2)
		v.stage = (enum view_stage)((failed >> 2) % VIEW_COMPLETE);
	take(&in, list, next(&in));
	list[255] = 0;
	file_len[0] = next(&in) % 24;
	file_len[0] = file_len[0] < in.left ? file_len[0] : in.left;
	file[0] = in.data;
	file[1] = in.data + file_len[0];
	file_len[1] = in.left - file_len[0];
	if (v.stage == VIEW_COMPLETE &&
	    client_read(&v.status, &v.report, CLIENT_TRIES) == -1) {
		CHECK(errno == EPROTO && file_len[0] < 18);
		v.stage = VIEW_READ_STATUS;
		v.error = EPROTO;
	}
	if (v.stage == VIEW_COMPLETE)
		check_packed(&v.status, file[0], file_len[0]);
	check_classic(&v, file[0], file_len[0]);
	check_columns(&v, list);
	check_json(&v);
	check_table(&v);
	return 0;
}
