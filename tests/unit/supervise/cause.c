/* Every reason that looking at a file can give. */
#include "supervise/cause.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define PROGRAM "./run"

static void
make(char const *text, size_t len, mode_t mode)
{
	int fd = open(PROGRAM, O_WRONLY | O_CREAT | O_TRUNC, 0700);

	CHECK(fd != -1 && write(fd, text, len) == (ssize_t)len);
	CHECK(fchmod(fd, mode) == 0);
	close(fd);
}

static void
gives(char const *text, int error, char const *want)
{
	make(text, strlen(text), 0755);
	CHECK_STR(cause_of(PROGRAM, error), want);
	unlink(PROGRAM);
}

static void
test_kinds(void)
{
	CHECK_STR(cause_of(PROGRAM, ENOENT), "no such file");
	CHECK(symlink("nothing", PROGRAM) == 0);
	CHECK_STR(cause_of(PROGRAM, ENOENT), "dangling link");
	unlink(PROGRAM);
	CHECK(symlink("run", PROGRAM) == 0);
	CHECK_STR(cause_of(PROGRAM, ELOOP), "");
	unlink(PROGRAM);
	CHECK(mkdir(PROGRAM, 0755) == 0);
	CHECK_STR(cause_of(PROGRAM, EACCES), "a directory");
	rmdir(PROGRAM);
	make("#!/bin/sh\n", 10, 0644);
	CHECK_STR(cause_of(PROGRAM, EACCES), "not executable");
	CHECK(chmod(PROGRAM, 0755) == 0);
	CHECK_STR(cause_of(PROGRAM, ETXTBSY), "open for writing");
	unlink(PROGRAM);
	unit_done("cause: what kind of thing it is");
}

static void
test_texts(void)
{
	static char const elf[] = "\177ELF\2\1\1";

	gives("", ENOEXEC, "empty file");
	gives("echo\n", ENOEXEC, "neither a program nor a script with #!");
	gives("#", ENOEXEC, "neither a program nor a script with #!");
	gives("#!/bin/sh\r\nexit\r\n", ENOENT, "text file with CRLF");
	gives("#!\n", ENOEXEC, "no interpreter after #!");
	gives("#! \t \n", ENOEXEC, "no interpreter after #!");
	gives("#!", ENOEXEC, "no interpreter after #!");
	gives("#!/nowhere/sh\n", ENOENT, "interpreter missing");
	gives("#! /nowhere/sh -e\n", ENOENT, "interpreter missing");
	gives("#!/nowhere/sh", ENOENT, "interpreter missing");
	gives("#!/etc/passwd\n", EACCES, "interpreter not executable");
	gives("#!/bin/sh\n", E2BIG, "");
	/* A CR further down is no cause. */
	gives("#!/bin/sh\n\r\n", EIO, "");
	gives(elf, ENOENT, "dynamic loader missing");
	gives(elf, ENOEXEC, "");
	gives("\177EXE", ENOEXEC, "neither a program nor a script with #!");
	unit_done("cause: what is in it");
}

/* The first line may be longer than what is looked at. */
static void
test_long_line(void)
{
	char text[4096];

	memset(text, 'x', sizeof text);
	memcpy(text, "#!/", 3);
	make(text, sizeof text, 0755);
	CHECK_STR(cause_of(PROGRAM, ENOENT), "interpreter missing");
	memset(text, ' ', sizeof text);
	memcpy(text, "#!", 2);
	make(text, sizeof text, 0755);
	CHECK_STR(cause_of(PROGRAM, ENOENT), "no interpreter after #!");
	unlink(PROGRAM);
	unit_done("cause: a long first line");
}

static void
test_binary(void)
{
	make("\0\0\0\0", 4, 0755);
	CHECK_STR(cause_of(PROGRAM, ENOEXEC),
	    "neither a program nor a script with #!");
	make("#!\0/bin/sh\n", 11, 0755);
	CHECK_STR(cause_of(PROGRAM, ENOENT), "no interpreter after #!");
	unlink(PROGRAM);
	unit_done("cause: bytes that are no text");
}

/* In a process of its own, which may not read what root may. */
static void
test_unreadable(void)
{
	int status;
	pid_t pid;

	make("#!/nowhere/sh\n", 14, 0111);
	CHECK(chmod(".", 0755) == 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (geteuid() == 0 && setresuid(65534, 65534, 65534) == -1)
			_exit(111);
		CHECK_STR(cause_of(PROGRAM, ENOENT), "");
		fflush(stdout);
		_exit(unit_failures != 0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	unlink(PROGRAM);
	unit_done("cause: nothing is said of what cannot be read");
}

int
main(void)
{
	char dir[] = "/tmp/upkeep.unit.XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) == -1)
		return 1;
	test_kinds();
	test_texts();
	test_long_line();
	test_binary();
	test_unreadable();
	if (chdir("/") == -1 || rmdir(dir) == -1)
		return 1;
	return unit_exit();
}
