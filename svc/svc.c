/*
 * svc: send control letters to the supervise of each service named.
 *
 * The letters are those of supervise/control's table, usage included.  Every
 * service gets the same letters in one write, which never waits.  Trouble with
 * one service is a warning, and the others are served; the exit code is 0 all
 * the same, as it has been since 2001, and configuration managers count on it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/sgetopt.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "supervise/control.h"
#include "supervise/words.h"

#ifndef O_PATH
#define O_PATH O_RDONLY
#endif

enum { LETTERS_MAX = EVENT_COUNT };

struct request {
	char letters[LETTERS_MAX];
	size_t letters_len;
};

static _Noreturn void
die(char const *what)
{
	strerr_dief(111, "unable to ", what, ": ", words(errno));
}

/*
 * With a stream closed, one of our descriptors would take its number, and a
 * warning would go to the control FIFO.  Opened for reading, so that writing
 * to it stays an error.
 */
static void
guard_streams(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) == -1 &&
		    open2("/dev/null", O_RDONLY) != fd)
			die("open /dev/null");
}

static void
put_usage(buffer *b)
{
	char const *separator = "svc options: ";

	for (struct control const *c = control_alphabet; c->letter; c++) {
		buffer_puts(b, separator);
		buffer_put(b, &c->letter, 1);
		buffer_puts(b, " ");
		buffer_put(b, c->help, strcspn(c->help, ":"));
		separator = ", ";
	}
	buffer_puts(b, "\n");
}

static _Noreturn void
die_usage(void)
{
	put_usage(buffer_2);
	buffer_flush(buffer_2);
	_exit(100);
}

static _Noreturn void
answer(char const *question)
{
	if (strcmp(question, "--version") == 0) {
		buffer_puts(buffer_1, "svc (upkeep) " VERSION "\n");
	} else {
		buffer_puts(buffer_1, "usage: svc [-");
		for (size_t i = 0; control_alphabet[i].letter; i++)
			buffer_put(buffer_1, &control_alphabet[i].letter, 1);
		buffer_puts(buffer_1, "] service ...\n");
		for (size_t i = 0; control_alphabet[i].letter; i++) {
			buffer_puts(buffer_1, "  -");
			buffer_put(buffer_1, &control_alphabet[i].letter, 1);
			buffer_puts(buffer_1, "  ");
			buffer_puts(buffer_1, control_alphabet[i].help);
			buffer_puts(buffer_1, "\n");
		}
	}
	if (!buffer_flush(buffer_1))
		die("write to stdout");
	_exit(0);
}

/* The index of the first word behind the options. */
static int
parse(int argc, char const *const *argv, struct request *r)
{
	subgetopt l = SUBGETOPT_ZERO;
	char letters[LETTERS_MAX + 1];
	size_t n = 0;
	int letter;

	for (; control_alphabet[n].letter; n++)
		letters[n] = control_alphabet[n].letter;
	letters[n] = 0;
	while ((letter = subgetopt_r(argc, argv, letters, &l)) != -1) {
		if (letter == '?')
			die_usage();
		if (!memchr(r->letters, letter, r->letters_len))
			r->letters[r->letters_len++] = (char)letter;
	}
	return l.ind;
}

/* Send the letters to the service that is the current directory. */
static void
command(char const *service, struct request const *r)
{
	int fd = control_open();

	if (fd == -1) {
		strerr_warnwu("control ", service, ": ",
		    errno == ENXIO ? "supervise not running" : words(errno));
		return;
	}
	if (r->letters_len &&
	    control_send(fd, r->letters, r->letters_len) == -1)
		strerr_warnw(
		    "error writing commands to ", service, ": ", words(errno));
	fd_close(fd);
}

int
main(int argc, char **argv)
{
	struct request request = {.letters_len = 0};
	int start;

	PROG = "svc";
	guard_streams();
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 ||
			     strcmp(argv[1], "--version") == 0))
		answer(argv[1]);
	argv += parse(argc, (char const *const *)argv, &request);
	sig_ignore(SIGPIPE);
	start = open2(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (start == -1)
		die("open current directory");
	for (; *argv; argv++) {
		if (chdir(*argv) == -1) {
			strerr_warnwu("chdir to ", *argv, ": ", words(errno));
			continue;
		}
		command(*argv, &request);
		if (fd_chdir(start) == -1)
			die("set directory");
	}
	return 0;
}
