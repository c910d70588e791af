/*
 * scan_ledger [FILE [SCRIPT]]: a service that keeps books.  It adds "+NAME PID"
 * to FILE, or to ledger in its directory, when it begins, prints "begin NAME
 * PID", and waits for TERM; then it prints "last NAME PID", adds "-NAME PID",
 * and exits 0.  So whoever was killed in any other way has a plus and no minus.
 * NAME is that of its directory, with \xNN for what is not a graphic character.
 * SCRIPT is not looked at: it is there if run begins with #! and this program.
 *
 * If another one runs in the same directory it adds "!NAME PID".
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static char name[4 * 256];

static void
find_name(void)
{
	static char cwd[65536];
	char *at;
	size_t len = 0;

	if (!getcwd(cwd, sizeof cwd) || !(at = strrchr(cwd, '/')))
		exit(111);
	while (*++at && len + 5 < sizeof name) {
		unsigned char c = (unsigned char)*at;
		if (c > ' ' && c < 0x7f && c != '\\')
			name[len++] = (char)c;
		else
			len += (size_t)snprintf(
			    name + len, sizeof name - len, "\\x%02x", c);
	}
}

/* One write, so that no two lines are mixed. */
static void
say(int fd, char const *what)
{
	char line[sizeof name + 64];
	int len = snprintf(
	    line, sizeof line, "%s%s %ld\n", what, name, (long)getpid());

	if (write(fd, line, (size_t)len) != len)
		exit(111);
}

int
main(int argc, char **argv)
{
	sigset_t set;
	int fd, lock, got;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (argc > 3)
		return 100;
	find_name();
	fd = open(argc > 1 ? argv[1] : "ledger",
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	lock = open("lock", O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd == -1 || lock == -1)
		return 111;
	if (flock(lock, LOCK_EX | LOCK_NB) == -1)
		say(fd, "!");
	say(fd, "+");
	say(1, "begin ");
	while (sigwait(&set, &got) != 0)
		;
	say(1, "last ");
	say(fd, "-");
	return 0;
}
