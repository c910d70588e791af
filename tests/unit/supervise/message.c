/* Messages come whole or not at all, and names fool nobody. */
#include "supervise/message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <skalibs/strerr.h>

#include "tests/unit/unit.h"

static void
shows(char const *name, char const *want)
{
	char shown[32];

	CHECK(message_show(shown, sizeof shown, name) == strlen(want));
	CHECK_STR(shown, want);
}

static void
test_names(void)
{
	shows("/srv/blog 1", "/srv/blog 1");
	shows("a\\b", "a\\x5cb");
	shows("a\nb\033[31m\\", "a\\x0ab\\x1b[31m\\x5c");
	shows("bl\xc3\xb6g\x7f", "bl\\xc3\\xb6g\\x7f");
	shows("\x9b", "\\x9b");
	shows("0123456789012345678901234567890123",
	    "0123456789012345678901234567890");
	/* An escape is cut off whole. */
	shows("012345678901234567890123456789\n",
	    "012345678901234567890123456789");
	unit_done("message: no name is a command to a terminal");
}

/* Standard error is a pipe for a while; what was written to it. */
static char const *
said(void (*say)(void))
{
	static char text[4096];
	int saved = dup(2), ends[2];
	ssize_t n;

	CHECK(pipe(ends) == 0 && dup2(ends[1], 2) == 2);
	close(ends[1]);
	say();
	CHECK(dup2(saved, 2) == 2);
	n = read(ends[0], text, sizeof text - 1);
	text[n > 0 ? n : 0] = 0;
	close(ends[0]);
	close(saved);
	return text;
}

static void
say_everything(void)
{
	int last = 0;

	errno = EXDEV;
	message_fatal(
	    &(struct message){"lock", "a\nb", "supervise/lock", EAGAIN});
	message_warn(&(struct message){"read", "a", "", ENOENT});
	message_warn(&(struct message){"read", NULL, "file", 0});
	message_warn(&(struct message){.verb = "wait", .error = EINVAL});
	message_warn_once(&last, &(struct message){"stat", "b", NULL, EIO});
	message_warn_once(&last, &(struct message){"stat", "b", NULL, EIO});
	message_warn_once(&last, &(struct message){"stat", "b", NULL, 0});
	message_warn_once(&last, &(struct message){"stat", "b", NULL, EIO});
	message_say("c\t", "log", "text");
	CHECK(errno == EXDEV);
}

static void
test_lines(void)
{
	CHECK_STR(said(say_everything),
	    "unit: fatal: unable to lock a\\x0ab/supervise/lock: "
	    "temporary failure\n"
	    "unit: warning: unable to read a: file does not exist\n"
	    "unit: warning: unable to read file\n"
	    "unit: warning: unable to wait: invalid argument\n"
	    "unit: warning: unable to stat b: input/output error\n"
	    "unit: warning: unable to stat b: input/output error\n"
	    "unit: warning: c\\x09/log: text\n");
	unit_done("message: one line each, a lasting trouble once");
}

static void
say_long(void)
{
	static char name[20000];

	memset(name, 'x', sizeof name - 1);
	message_say(name, NULL, "text");
}

static void
test_long(void)
{
	char const *line = said(say_long);

	CHECK(strlen(line) > 1000 && strlen(line) < 4000);
	CHECK(strchr(line, '\n') == line + strlen(line) - 1);
	unit_done("message: a long line is cut, and still one line");
}

/* Nobody reads standard error, and it is full: another descriptor, or none. */
static void
say_into_a_full_pipe(void)
{
	int ends[2];
	char text[64] = "";

	CHECK(fcntl(2, F_SETFL, O_NONBLOCK) == 0);
	while (write(2, text, 1) == 1)
		;
	CHECK(errno == EAGAIN && fcntl(2, F_SETFL, 0) == 0);
	message_say("a", NULL, "lost");
	CHECK(pipe(ends) == 0);
	message_otherwise(ends[1]);
	message_say("a", NULL, "kept");
	CHECK(read(ends[0], text, sizeof text) == 23);
	CHECK_STR(text, "unit: warning: a: kept\n");
	close(ends[0]);
	close(ends[1]);
}

static void
test_full(void)
{
	said(say_into_a_full_pipe);
	unit_done("message: nobody waits for a reader");
}

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
	CHECK_STR(message_cause(PROGRAM, error), want);
	unlink(PROGRAM);
}

static void
test_kinds(void)
{
	CHECK_STR(message_cause(PROGRAM, ENOENT), "no such file");
	CHECK(symlink("nothing", PROGRAM) == 0);
	CHECK_STR(message_cause(PROGRAM, ENOENT), "dangling link");
	unlink(PROGRAM);
	CHECK(symlink("run", PROGRAM) == 0);
	CHECK_STR(message_cause(PROGRAM, ELOOP), "");
	unlink(PROGRAM);
	CHECK(mkdir(PROGRAM, 0755) == 0);
	CHECK_STR(message_cause(PROGRAM, EACCES), "a directory");
	rmdir(PROGRAM);
	make("#!/bin/sh\n", 10, 0644);
	CHECK_STR(message_cause(PROGRAM, EACCES), "not executable");
	CHECK(chmod(PROGRAM, 0755) == 0);
	CHECK_STR(message_cause(PROGRAM, ETXTBSY), "open for writing");
	unlink(PROGRAM);
	unit_done("message: what kind of thing it is");
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
	unit_done("message: what is in it");
}

/* The first line may be longer than what is looked at. */
static void
test_long_line(void)
{
	char text[4096];

	memset(text, 'x', sizeof text);
	memcpy(text, "#!/", 3);
	make(text, sizeof text, 0755);
	CHECK_STR(message_cause(PROGRAM, ENOENT), "interpreter missing");
	memset(text, ' ', sizeof text);
	memcpy(text, "#!", 2);
	make(text, sizeof text, 0755);
	CHECK_STR(message_cause(PROGRAM, ENOENT), "no interpreter after #!");
	unlink(PROGRAM);
	unit_done("message: a long first line");
}

static void
test_binary(void)
{
	make("\0\0\0\0", 4, 0755);
	CHECK_STR(message_cause(PROGRAM, ENOEXEC),
	    "neither a program nor a script with #!");
	make("#!\0/bin/sh\n", 11, 0755);
	CHECK_STR(message_cause(PROGRAM, ENOENT), "no interpreter after #!");
	unlink(PROGRAM);
	unit_done("message: bytes that are no text");
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
		CHECK_STR(message_cause(PROGRAM, ENOENT), "");
		fflush(stdout);
		_exit(unit_failures != 0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	unlink(PROGRAM);
	unit_done("message: nothing is said of what cannot be read");
}

int
main(void)
{
	char dir[] = "/tmp/upkeep.unit.XXXXXX";

	PROG = "unit";
	if (!mkdtemp(dir) || chdir(dir) == -1)
		return 1;
	test_names();
	test_lines();
	test_long();
	test_full();
	test_kinds();
	test_texts();
	test_long_line();
	test_binary();
	test_unreadable();
	if (chdir("/") == -1 || rmdir(dir) == -1)
		return 1;
	return unit_exit();
}
