/*
 * One row per file: its name and the function that understands its text.
 * Files whose existence is all they say have none.
 */
#include "supervise/options.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/types.h>

#define NOTIFICATION_FD_MIN 3
#define NOTIFICATION_FD_MAX 1023

static struct options const defaults = {
    .own_session = true,
    .stop_signal = SIGTERM,
    .notification_fd = -1,
    .timeout_finish_ms = 5000,
    .restart_min_ms = 1000,
    .restart_max_ms = 1000,
};

static struct {
	char const *name;
	int number;
} const signals[] = {
    {"HUP", SIGHUP},
    {"INT", SIGINT},
    {"QUIT", SIGQUIT},
    {"ABRT", SIGABRT},
    {"KILL", SIGKILL},
    {"USR1", SIGUSR1},
    {"USR2", SIGUSR2},
    {"PIPE", SIGPIPE},
    {"ALRM", SIGALRM},
    {"TERM", SIGTERM},
    {"CONT", SIGCONT},
    {"WINCH", SIGWINCH},
    {"IO", SIGIO},
#ifdef SIGPWR
    {"PWR", SIGPWR},
#endif
};

int
options_signal(char const *text)
{
	uint32_t number;

	if (uint320_scan(text, &number))
		return number > 0 && number < NSIG ? (int)number : 0;
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		if (strcasecmp(text, signals[i].name) == 0)
			return signals[i].number;
	return 0;
}

static int
set_number(uint32_t *to, char const *text)
{
	uint32_t value;

	if (!uint320_scan(text, &value))
		return -1;
	*to = value;
	return 0;
}

/* "A B" */
static int
set_pair(uint32_t *a, uint32_t *b, char const *text)
{
	uint32_t first, second;
	size_t n = uint32_scan(text, &first);

	if (!n || text[n] != ' ' || !uint320_scan(text + n + 1, &second))
		return -1;
	*a = first;
	*b = second;
	return 0;
}

static int
set_stop_signal(struct options *options, char const *text)
{
	int number = options_signal(text);

	if (!number)
		return -1;
	options->stop_signal = number;
	return 0;
}

static int
set_timeout_kill(struct options *options, char const *text)
{
	return set_number(&options->timeout_kill_ms, text);
}

static int
set_timeout_finish(struct options *options, char const *text)
{
	return set_number(&options->timeout_finish_ms, text);
}

static int
set_timeout_ready(struct options *options, char const *text)
{
	return set_number(&options->timeout_ready_ms, text);
}

static int
set_watchdog(struct options *options, char const *text)
{
	return set_number(&options->watchdog_ms, text);
}

static int
set_kill_mode(struct options *options, char const *text)
{
	static char const *const modes[] = {"process", "group", "all"};

	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (strcmp(text, modes[i]) == 0) {
			options->kill_mode = (enum kill_mode)i;
			return 0;
		}
	return -1;
}

static int
set_notification_fd(struct options *options, char const *text)
{
	uint32_t fd;

	if (set_number(&fd, text) == -1 || fd < NOTIFICATION_FD_MIN ||
	    fd > NOTIFICATION_FD_MAX)
		return -1;
	options->notification_fd = (int)fd;
	return 0;
}

static int
set_restart_delay(struct options *options, char const *text)
{
	uint32_t min, max;

	if (set_pair(&min, &max, text) == -1 || min > max)
		return -1;
	options->restart_min_ms = min;
	options->restart_max_ms = max;
	return 0;
}

static int
set_restart_limit(struct options *options, char const *text)
{
	uint32_t deaths, secs;

	if (set_pair(&deaths, &secs, text) == -1 || secs == 0 ||
	    deaths > LIMIT_DEATHS_MAX)
		return -1;
	options->limit_deaths = deaths;
	options->limit_secs = secs;
	return 0;
}

static struct {
	char const *name;
	int (*set)(struct options *options, char const *text);
} const rows[] = {
    {"down-signal", set_stop_signal},
    {"timeout-kill", set_timeout_kill},
    {"timeout-finish", set_timeout_finish},
    {"timeout-ready", set_timeout_ready},
    {"kill-mode", set_kill_mode},
    {"notification-fd", set_notification_fd},
    {"watchdog", set_watchdog},
    {"restart-delay", set_restart_delay},
    {"restart-limit", set_restart_limit},
};

#define ROWS (sizeof rows / sizeof *rows)

static int
parse_row(struct options *options, size_t row, char const *text, size_t len)
{
	char line[OPTION_MAX + 1];

	if (len > OPTION_MAX)
		return -1;
	memcpy(line, text, len);
	line[len] = 0;
	if (len && line[len - 1] == '\n')
		line[--len] = 0;
	return strlen(line) == len ? rows[row].set(options, line) : -1;
}

int
options_parse(
    struct options *options, char const *name, char const *text, size_t len)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return parse_row(options, i, text, len);
	return -1;
}

/* Null, with *len -1 when there is no such file; or why it does not count. */
static char const *
read_file(char const *name, char text[OPTION_MAX + 1], ssize_t *len)
{
	struct stat st;
	int fd = openc_read(name);

	*len = -1;
	if (fd == -1)
		return errno == ENOENT ? NULL : "cannot be opened";
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		fd_close(fd);
		return "not a regular file";
	}
	*len = fd_read(fd, text, OPTION_MAX + 1);
	fd_close(fd);
	if (*len == -1)
		return "cannot be read";
	return *len > OPTION_MAX ? "too long" : NULL;
}

char const *
options_read(struct options *options,
    void (*complain)(void *data, char const *file, char const *why), void *data)
{
	*options = defaults;
	options->own_session = access("no-setsid", F_OK) == -1;
	options->essential = access("essential", F_OK) == 0;
	options->notify_socket = access("notify-socket", F_OK) == 0;
	for (size_t i = 0; i < ROWS; i++) {
		char text[OPTION_MAX + 1];
		ssize_t len;
		char const *why = read_file(rows[i].name, text, &len);

		if (!why && len >= 0 &&
		    parse_row(options, i, text, (size_t)len) == -1)
			why = "not understood";
		if (why)
			complain(data, rows[i].name, why);
	}
	return access("flag-newpidns", F_OK) == 0 ? "flag-newpidns" : NULL;
}
