/*
 * Any files of options, and any deaths after them: what is set and what is
 * complained about is what a slow reading of servicedir(5) says; and the delay
 * and the limit are those of a list of all deaths.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "tests/fuzz/fuzz.h"

static int fuzz_open(char const *name);
static ssize_t fuzz_read(int fd, char *to, size_t size);
static int fuzz_access(char const *name, int mode);
static int fuzz_stat(int fd, struct stat *st);
static int fuzz_close(int fd);

#define openc_read	 fuzz_open
#define fd_read		 fuzz_read
#define fd_close	 fuzz_close
#define access(name, is) fuzz_access(name, is)
#define fstat(fd, st)	 fuzz_stat(fd, st)
#include "supervise/options.c"
#undef openc_read
#undef fd_read
#undef fd_close
#undef access
#undef fstat

#define DEATHS 600

static struct file {
	enum { GONE, FILE_THERE, NO_FILE, BROKEN } kind;
	char text[80];
	size_t len;
} files[ROWS];
static int opened = -1;
static bool complained[ROWS];

static size_t
row_of(char const *name)
{
	size_t i = 0;

	while (strcmp(rows[i].name, name) != 0)
		CHECK(++i < ROWS);
	return i;
}

static int
fuzz_open(char const *name)
{
	size_t i = row_of(name);

	CHECK(opened == -1);
	errno = files[i].kind == GONE ? ENOENT : EIO;
	if (files[i].kind == GONE || files[i].kind == BROKEN)
		return -1;
	return opened = (int)i;
}

static int
fuzz_access(char const *name, int mode)
{
	size_t i = row_of(name);

	(void)mode;
	errno = files[i].kind == GONE ? ENOENT : EIO;
	return files[i].kind == GONE || files[i].kind == BROKEN ? -1 : 0;
}

static int
fuzz_stat(int fd, struct stat *st)
{
	st->st_mode = files[fd].kind == NO_FILE ? S_IFDIR : S_IFREG;
	return 0;
}

static ssize_t
fuzz_read(int fd, char *to, size_t size)
{
	size_t n = files[fd].len < size ? files[fd].len : size;

	memcpy(to, files[fd].text, n);
	return (ssize_t)n;
}

static int
fuzz_close(int fd)
{
	CHECK(fd == opened);
	opened = -1;
	return 0;
}

/* "ignored: FILE: WHY, FILE: WHY" */
static void
note_complaints(char *said)
{
	static char const prefix[] = "ignored: ";
	char *name = said;

	CHECK(!*said || memcmp(said, prefix, sizeof prefix - 1) == 0);
	if (*said)
		name += sizeof prefix - 1;
	while (*name) {
		char *colon = strchr(name, ':'), *end = strstr(name, ", ");

		CHECK(colon && colon[1] == ' ' && (!end || colon < end));
		*colon = 0;
		complained[row_of(name)] = true;
		name = end ? end + 2 : strchr(colon + 1, 0);
	}
}

/* Only digits, and at most 32 bits of them; -1 if it is something else. */
static int64_t
slow_number(char const *s, size_t len)
{
	int64_t n = 0;

	if (!len)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		n = n * 10 + (s[i] - '0');
		if (n > UINT32_MAX)
			return -1;
	}
	return n;
}

/* "A B" or "A": the numbers, -1 if they are wrong or there is none. */
static void
slow_numbers(int64_t n[2], char const *text, size_t len)
{
	char const *blank = memchr(text, ' ', len);
	size_t first = blank ? (size_t)(blank - text) : len;

	n[0] = slow_number(text, first);
	n[1] = blank ? slow_number(blank + 1, len - first - 1) : -1;
	if (blank && n[1] == -1)
		n[0] = -1;
}

/* Is the text of that file right, and if so, is what it says set? */
static bool
slow_check(
    char const *name, char const *text, size_t len, struct options const *o)
{
	static char const *const modes[] = {"process", "group", "all"};
	int64_t n[2];
	size_t mode;

	if (len > 64)
		return false;
	if (len && text[len - 1] == '\n')
		len--;
	slow_numbers(n, text, len);
	if (strcmp(name, "restart-delay") == 0)
		return n[0] != -1 && n[1] >= n[0] &&
		       o->restart_min_ms == n[0] && o->restart_max_ms == n[1];
	if (strcmp(name, "restart-limit") == 0)
		return n[0] != -1 && n[0] <= 255 && n[1] > 0 &&
		       o->limit_deaths == n[0] && o->limit_secs == n[1];
	if (strcmp(name, "kill-mode") == 0) {
		for (mode = 0; mode < 3; mode++)
			if (len == strlen(modes[mode]) &&
			    memcmp(text, modes[mode], len) == 0)
				return o->kill_mode == mode;
		return false;
	}
	if (n[0] == -1 || n[1] != -1)
		return false;
	if (strcmp(name, "timeout-kill") == 0)
		return o->timeout_kill_ms == n[0];
	if (strcmp(name, "timeout-finish") == 0)
		return o->timeout_finish_ms == n[0];
	if (strcmp(name, "timeout-ready") == 0)
		return o->timeout_ready_ms == n[0];
	if (strcmp(name, "watchdog") == 0)
		return o->watchdog_ms == n[0];
	if (strcmp(name, "notification-fd") == 0)
		return n[0] >= 3 && n[0] <= 1023 && o->notification_fd == n[0];
	CHECK(strcmp(name, "ready-after") == 0);
	return o->ready_after_ms == n[0] ||
	       (complained[row_of(name)] && !o->ready_after_ms);
}

static void
check_file(size_t i, struct options const *o)
{
	struct file const *f = files + i;
	char const *name = rows[i].name;
	bool right;

	if (f->kind == GONE) {
		CHECK(!complained[i] || strcmp(name, "ready-after") == 0);
		return;
	}
	if (rows[i].form == FLAG) {
		CHECK(!complained[i]);
		CHECK(*(uint32_t const *)(void const *)((char const *)o +
							rows[i].at) == 1);
		return;
	}
	/* A name or the number of a signal, which the library knows. */
	if (strcmp(name, "down-signal") == 0) {
		CHECK(o->stop_signal > 0 && o->stop_signal < NSIG);
		CHECK(!complained[i] || o->stop_signal == SIGTERM);
		return;
	}
	right = f->kind == FILE_THERE && slow_check(name, f->text, f->len, o);
	/* One that counts for nothing may be right. */
	if (strcmp(name, "ready-after") == 0 && complained[i])
		return;
	CHECK(right == !complained[i]);
}

/* The limit by a list of all deaths; the delay by what the page says. */
static void
check_policy(struct input *in, struct options const *o)
{
	static uint64_t deaths[DEATHS];
	struct policy p = {0};
	size_t n = 0;
	uint64_t now = 5000000, delay = 0;

	policy_reset(&p);
	while (in->left >= 2 && n < DEATHS) {
		unsigned char how = next(in);
		uint64_t ran = (uint64_t)next(in) << how % 16;
		bool asked = how >> 4 == 15, over;
		size_t since = n;

		now += ran;
		over = policy_died(&p, o, now, ran, asked);
		if (asked) {
			CHECK(!over);
			continue;
		}
		delay = ran > o->restart_max_ms ? 0 : delay * 2;
		if (delay < o->restart_min_ms)
			delay = o->restart_min_ms;
		if (delay > o->restart_max_ms)
			delay = o->restart_max_ms;
		CHECK(p.delay_ms == delay);
		deaths[n++] = now / 100;
		while (since > 0 && n - since <= o->limit_deaths)
			since--;
		CHECK(over == (o->limit_secs && n - since > o->limit_deaths &&
				  deaths[n - 1] - deaths[since] <=
				      (uint64_t)o->limit_secs * 10));
	}
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct input in = {data, size};
	struct options o;
	char said[OPTIONS_COMPLAINTS];
	char const *forbids;

	memset(complained, 0, sizeof complained);
	memset(&o, 0xaa, sizeof o);
	for (size_t i = 0; i < ROWS; i++) {
		unsigned char kind = next(&in);

		files[i].kind = kind == 255   ? BROKEN
				: kind == 254 ? NO_FILE
				: kind & 1    ? FILE_THERE
					      : GONE;
		files[i].len = 0;
		if (files[i].kind == FILE_THERE)
			files[i].len = take(&in, files[i].text, kind / 3);
	}
	forbids = options_read(&o, said);
	CHECK(opened == -1);
	/* One that is cut does not tell all. */
	if (strlen(said) == sizeof said - 1)
		return 0;
	note_complaints(said);
	if (forbids) {
		CHECK(files[row_of(forbids)].kind == BROKEN ||
		      (errno == ENOTSUP &&
			  strcmp(forbids, "flag-newpidns") == 0));
		return 0;
	}
	for (size_t i = 0; i < ROWS; i++)
		check_file(i, &o);
	check_policy(&in, &o);
	return 0;
}
