/* The 20 bytes. */
#include "supervise/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

/* 2026-11-21 12:00:00.5 UTC, pid 0x12345678, paused, want down, TERM sent */
static char const golden[STATUS_SIZE] = {0x40, 0x00, 0x00, 0x00, 0x6b, 0x01,
    (char)0x87, (char)0xca, 0x1d, (char)0xcd, 0x65, 0x00, 0x78, 0x56, 0x34,
    0x12, 0x01, 'd', 0x01, 0x01};
#define GOLDEN_SECONDS 0x6b0187c0

static void
write_file(char const *name, char const *data, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd != -1 && write(fd, data, len) == (ssize_t)len);
	close(fd);
}

static void
test_pack(void)
{
	struct status const s = {.since = {GOLDEN_SECONDS, 500000000},
	    .pid = 0x12345678,
	    .paused = true,
	    .want = 'd',
	    .term_sent = true,
	    .run = STATUS_RUNNING};
	struct status back;
	char record[STATUS_SIZE];

	status_pack(record, &s);
	CHECK(memcmp(record, golden, sizeof golden) == 0);
	CHECK(status_unpack(&back, record, sizeof record) == 0);
	CHECK(back.since.tv_sec == s.since.tv_sec);
	CHECK(back.since.tv_nsec == s.since.tv_nsec);
	CHECK(back.pid == s.pid && back.paused && back.want == 'd');
	CHECK(back.term_sent && back.run == STATUS_RUNNING);
	unit_done("status: packed as the world expects, and back");
}

/* What run becomes of a record of this length with these last bytes. */
static int
run_of(size_t len, uint32_t pid, char byte18, char byte19)
{
	struct status s = {.pid = pid, .run = STATUS_DOWN};
	char record[64] = {0};

	status_pack(record, &s);
	record[18] = byte18;
	record[19] = byte19;
	CHECK(status_unpack(&s, record, len) == 0);
	CHECK(s.pid == pid);
	return (int)s.run;
}

static void
test_foreign(void)
{
	struct status s;

	CHECK(run_of(18, 7, 0, 0) == STATUS_RUNNING);
	CHECK(run_of(18, 0, 0, 0) == STATUS_DOWN);
	CHECK(run_of(20, 7, 1, 1) == STATUS_RUNNING); /* runit */
	CHECK(run_of(20, 7, 0, 2) == STATUS_FINISHING);
	CHECK(run_of(20, 0, 0, 2) == STATUS_FINISHING);
	CHECK(run_of(20, 0, 0, 0) == STATUS_DOWN);
	CHECK(run_of(20, 7, 3, 0) == STATUS_RUNNING); /* encore: running */
	CHECK(run_of(20, 0, 5, 0) == STATUS_DOWN);    /* encore: failed */
	CHECK(run_of(21, 7, 0, 0) == STATUS_RUNNING); /* daemontools-x */
	CHECK(run_of(40, 7, 3, 0) == STATUS_RUNNING); /* encore with a log */
	CHECK(run_of(20, 7, 0, 77) == STATUS_RUNNING);
	CHECK(status_unpack(&s, golden, 17) == -1 && errno == EPROTO);
	CHECK(status_unpack(&s, golden, 0) == -1 && errno == EPROTO);
	unit_done("status: the records of the relatives are understood");
}

static void
test_age(void)
{
	struct status s = {.since = {1000, 999999999}};
	char text[STATUS_STAMP];

	CHECK(status_age(&s.since, 1100) == 100);
	CHECK(status_age(&s.since, 1000) == 0);
	CHECK(status_age(&s.since, 900) == 0);
	s.since.tv_sec = INT64_MIN;
	CHECK(status_age(&s.since, 900) == (UINT64_C(1) << 63) + 900);
	s.since.tv_sec = 1000;
	status_stamp(text, &s.since);
	CHECK_STR(text, "@40000000000003f23b9ac9ff");
	unit_done("status: a moment in the future is 0 seconds ago; stamps");
}

static void
test_read(void)
{
	struct status s;

	CHECK(status_read(&s) == -1 && errno == ENOENT);
	write_file(STATUS_FILE, golden, 17);
	CHECK(status_read(&s) == -1 && errno == EPROTO);
	write_file(STATUS_FILE, golden, 18);
	CHECK(status_read(&s) == 0 && s.pid == 0x12345678 && !s.term_sent);
	write_file(STATUS_FILE, golden, 20);
	CHECK(status_read(&s) == 0 && s.term_sent);
	unlink(STATUS_FILE);
	CHECK(mkdir(STATUS_FILE, 0700) == 0);
	CHECK(status_read(&s) == -1 && errno == EISDIR);
	rmdir(STATUS_FILE);
	unit_done("status: read from the file, or errno");
}

int
main(void)
{
	char dir[] = "/tmp/upkeep.unit.XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) == -1 || mkdir(SUPERVISE_DIR, 0700))
		return 1;
	test_pack();
	test_foreign();
	test_age();
	test_read();
	if (rmdir(SUPERVISE_DIR) == -1 || chdir("/") == -1 || rmdir(dir) == -1)
		return 1;
	return unit_exit();
}
