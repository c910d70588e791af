/* The small files of a service directory, understood whole or not at all. */
#include "supervise/options.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static struct options options;

static int
parse(char const *name, char const *text)
{
	return options_parse(&options, name, text, strlen(text));
}

/* Wrong text: refused, and nothing changes. */
static void
refuse(char const *name, char const *text)
{
	struct options before = options;

	CHECK(parse(name, text) == -1);
	CHECK(memcmp(&before, &options, sizeof before) == 0);
	if (unit_failures)
		printf("# %s: \"%s\"\n", name, text);
}

static void
test_numbers(void)
{
	CHECK(parse("timeout-kill", "0") == 0 && options.timeout_kill_ms == 0);
	CHECK(parse("timeout-kill", "4294967295\n") == 0);
	CHECK(options.timeout_kill_ms == 4294967295U);
	CHECK(parse("timeout-finish", "1") == 0);
	CHECK(options.timeout_finish_ms == 1);
	CHECK(parse("timeout-ready", "007") == 0);
	CHECK(options.timeout_ready_ms == 7);
	CHECK(parse("watchdog", "30000") == 0);
	CHECK(options.watchdog_ms == 30000);
	refuse("timeout-kill", "");
	refuse("timeout-kill", "\n");
	refuse("timeout-kill", "5\n\n");
	refuse("timeout-kill", "5 ");
	refuse("timeout-kill", " 5");
	refuse("timeout-kill", "-5");
	refuse("timeout-kill", "5s");
	refuse("timeout-kill", "0x5");
	refuse("timeout-kill", "4294967296");
	CHECK(options_parse(&options, "watchdog", "5\0", 2) == -1);
	unit_done("options: numbers");
}

static void
test_words(void)
{
	CHECK(parse("kill-mode", "group\n") == 0);
	CHECK(options.kill_mode == KILL_GROUP);
	CHECK(parse("kill-mode", "all") == 0 && options.kill_mode == KILL_ALL);
	CHECK(parse("kill-mode", "process") == 0);
	CHECK(options.kill_mode == KILL_PROCESS);
	refuse("kill-mode", "Group");
	refuse("kill-mode", "none");
	refuse("kill-mode", "");
	CHECK(parse("down-signal", "sigquit\n") == 0);
	CHECK(options.stop_signal == SIGQUIT);
	CHECK(parse("down-signal", "2") == 0 && options.stop_signal == SIGINT);
	refuse("down-signal", "SIG");
	refuse("down-signal", "0");
	refuse("down-signal", "1000");
	refuse("down-signal", "TERM KILL");
	refuse("no-such-option", "1");
	unit_done("options: words and signals");
}

static void
test_pairs_and_ranges(void)
{
	CHECK(parse("restart-delay", "0 60000\n") == 0);
	CHECK(options.restart_min_ms == 0 && options.restart_max_ms == 60000);
	refuse("restart-delay", "2 1");
	refuse("restart-delay", "1");
	refuse("restart-delay", "1  2");
	refuse("restart-delay", "1 2 3");
	CHECK(parse("restart-limit", "0 1") == 0);
	CHECK(options.limit_deaths == 0 && options.limit_secs == 1);
	CHECK(parse("restart-limit", "255 3600") == 0);
	refuse("restart-limit", "256 3600");
	refuse("restart-limit", "5 0");
	refuse("restart-limit", "5");
	CHECK(parse("notification-fd", "3") == 0);
	CHECK(options.notification_fd == 3);
	refuse("notification-fd", "2");
	refuse("notification-fd", "1024");
	unit_done("options: pairs and ranges");
}

static void
test_length(void)
{
	char text[OPTION_MAX + 2];

	memset(text, '0', sizeof text);
	text[OPTION_MAX - 1] = '7';
	CHECK(options_parse(&options, "watchdog", text, OPTION_MAX) == 0);
	CHECK(options.watchdog_ms == 7);
	CHECK(options_parse(&options, "watchdog", text, OPTION_MAX + 1) == -1);
	unit_done("options: at most 64 bytes");
}

static void
put(char const *name, char const *text)
{
	FILE *file = fopen(name, "w");

	if (file) {
		fputs(text, file);
		fclose(file);
	}
}

/* Nobody knows what it says, so nothing may be done as if it were not there. */
static void
test_unreadable(void)
{
	struct rlimit before, none;
	char said[OPTIONS_COMPLAINTS] = "";

	put("down-signal", "INT");
	CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
	none = before;
	none.rlim_cur = 0;
	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	CHECK_STR(options_read(&options, said), "down-signal");
	CHECK(errno == EMFILE);
	setrlimit(RLIMIT_NOFILE, &before);
	CHECK(unlink("down-signal") == 0);
	CHECK(symlink("essential", "essential") == 0);
	CHECK_STR(options_read(&options, said), "essential");
	CHECK(errno == ELOOP);
	CHECK(unlink("essential") == 0);
	/* One that dangles is not there; what is no file is known to be wrong.
	 */
	CHECK(symlink("nowhere", "watchdog") == 0);
	CHECK(options_read(&options, said) == NULL);
	CHECK_STR(said, "");
	CHECK(unlink("watchdog") == 0);
}

static void
test_ready_after(void)
{
	char said[OPTIONS_COMPLAINTS] = "";

	put("ready-after", "500");
	CHECK(options_read(&options, said) == NULL);
	CHECK(options.ready_after_ms == 500);
	put("notification-fd", "3");
	CHECK(options_read(&options, said) == NULL);
	CHECK(options.ready_after_ms == 0);
	CHECK_STR(said, "ignored: ready-after: the service notifies");
	CHECK(unlink("ready-after") == 0 && unlink("notification-fd") == 0);
}

static void
test_directory(void)
{
	char template[] = "/tmp/upkeep.unit.XXXXXX";
	char said[OPTIONS_COMPLAINTS] = "";

	CHECK(mkdtemp(template) && chdir(template) == 0);
	CHECK(options_read(&options, said) == NULL);
	CHECK_STR(said, "");
	CHECK(!options.no_setsid && !options.essential);
	CHECK(options.stop_signal == SIGTERM && options.timeout_kill_ms == 0);
	CHECK(options.timeout_finish_ms == 5000);
	CHECK(options.restart_min_ms == 1000 && options.restart_max_ms == 1000);
	CHECK(options.notification_fd == 0 && options.limit_secs == 0);

	put("no-setsid", "");
	put("essential", "");
	put("notify-socket", "");
	put("timeout-kill", "12\n");
	put("watchdog", "soon");
	CHECK(mkdir("kill-mode", 0755) == 0);
	CHECK(mkfifo("restart-delay", 0644) == 0);
	put("flag-newpidns", "");
	CHECK_STR(options_read(&options, said), "flag-newpidns");
	CHECK_STR(said, "ignored: kill-mode: not a regular file, "
			"watchdog: not understood, "
			"restart-delay: not a regular file");
	CHECK(options.no_setsid && options.essential);
	CHECK(options.notify_socket && options.timeout_kill_ms == 12);
	CHECK(options.watchdog_ms == 0 && options.kill_mode == KILL_PROCESS);

	CHECK(unlink("no-setsid") == 0 && unlink("essential") == 0);
	CHECK(unlink("notify-socket") == 0 && unlink("timeout-kill") == 0);
	CHECK(unlink("watchdog") == 0 && rmdir("kill-mode") == 0);
	CHECK(unlink("restart-delay") == 0 && unlink("flag-newpidns") == 0);
	test_unreadable();
	test_ready_after();
	CHECK(chdir("/") == 0 && rmdir(template) == 0);
	unit_done("options: of a directory, and the defaults");
}

int
main(void)
{
	test_numbers();
	test_words();
	test_pairs_and_ranges();
	test_length();
	test_directory();
	return unit_exit();
}
