/*
 * One row per file: its name, what its text is, and where its value goes.
 *
 * The delay doubles while runs are short and falls back after a run longer than
 * its maximum.  The limit looks at a sliding window: the ring holds one death
 * more than allowed, so the oldest in it tells.
 */
#include "supervise/options.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/sig.h>
#include <skalibs/types.h>

#include "supervise/message.h"

#define TENTH_MS 100

static struct options const defaults = {
    .stop_signal = SIGTERM,
    .timeout_finish_ms = 5000,
    .restart_min_ms = 1000,
    .restart_max_ms = 1000,
};

enum form {
	FLAG,	/* there or not */
	NUMBER, /* A, within the bounds */
	DELAY,	/* MIN MAX */
	LIMIT,	/* N SECONDS, and N within the bounds */
	SIGNAL,
	MODE
};

#define AT(member) offsetof(struct options, member)
#define ANY	   0, UINT32_MAX

static struct row {
	char const *name;
	enum form form;
	size_t at;
	uint32_t min, max;
	size_t second; /* of two numbers */
} const rows[] = {
    {"flag-newpidns", FLAG, AT(new_pidns), ANY, 0},
    {"no-setsid", FLAG, AT(no_setsid), ANY, 0},
    {"essential", FLAG, AT(essential), ANY, 0},
    {"notify-socket", FLAG, AT(notify_socket), ANY, 0},
    {"down-signal", SIGNAL, AT(stop_signal), ANY, 0},
    {"kill-mode", MODE, AT(kill_mode), ANY, 0},
    {"timeout-kill", NUMBER, AT(timeout_kill_ms), ANY, 0},
    {"timeout-finish", NUMBER, AT(timeout_finish_ms), ANY, 0},
    {"timeout-ready", NUMBER, AT(timeout_ready_ms), ANY, 0},
    {"ready-after", NUMBER, AT(ready_after_ms), ANY, 0},
    {"watchdog", NUMBER, AT(watchdog_ms), ANY, 0},
    {"notification-fd", NUMBER, AT(notification_fd), 3, 1023, 0},
    {"restart-delay", DELAY, AT(restart_min_ms), ANY, AT(restart_max_ms)},
    {"restart-limit", LIMIT, AT(limit_deaths), 0, LIMIT_DEATHS_MAX,
	AT(limit_secs)},
};

#define ROWS (sizeof rows / sizeof *rows)

/* Text has no newline.  False if it is invalid; then nothing is set. */
static bool
set(struct options *options, struct row const *row, char const *text)
{
	static char const *const modes[] = {"process", "group", "all"};
	uint32_t *first = (uint32_t *)(void *)((char *)options + row->at);
	uint32_t *second = (uint32_t *)(void *)((char *)options + row->second);
	uint32_t a = 1, b = 0;
	bool pair = row->form == DELAY || row->form == LIMIT;
	int number;
	size_t n;

	switch (row->form) {
	case FLAG:
		break;
	case NUMBER:
	case DELAY:
	case LIMIT:
		n = uint32_scan(text, &a);
		if (!n || a < row->min || a > row->max ||
		    (pair ? text[n] != ' ' || !uint320_scan(text + n + 1, &b)
			  : text[n]) ||
		    (row->form == DELAY && a > b) || (row->form == LIMIT && !b))
			return false;
		break;
	case SIGNAL:
		if (!sig0_scan(text, &number) || number <= 0 || number >= NSIG)
			return false;
		a = (uint32_t)number;
		break;
	case MODE:
		for (a = KILL_PROCESS; strcmp(text, modes[a]) != 0; a++)
			if (a == KILL_ALL)
				return false;
		break;
	}
	*first = a;
	if (pair)
		*second = b;
	return true;
}

int
options_parse(
    struct options *options, char const *name, char const *text, size_t len)
{
	char line[OPTION_MAX + 1];
	struct row const *row = rows;

	while (row < rows + ROWS && strcmp(row->name, name) != 0)
		row++;
	if (row == rows + ROWS || len > OPTION_MAX)
		return -1;
	memcpy(line, text, len);
	line[len] = 0;
	if (len && line[len - 1] == '\n')
		line[--len] = 0;
	return strlen(line) == len && set(options, row, line) ? 0 : -1;
}

/*
 * The length; 0 and *why when it does not count; -1 errno, ENOENT: there is no
 * such file.
 */
static ssize_t
read_file(struct row const *row, char text[OPTION_MAX + 1], char const **why)
{
	struct stat st;
	ssize_t n = 0;
	int fd;

	if (row->form == FLAG)
		return access(row->name, F_OK);
	fd = openc_read(row->name);
	/* ENXIO is what opening a socket gives. */
	if (fd == -1 && errno != ENXIO)
		return -1;
	if (fd == -1 || (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)))
		*why = "not a regular file";
	else
		n = fd_read(fd, text, OPTION_MAX + 1);
	if (n > OPTION_MAX)
		*why = "too long";
	if (fd != -1)
		fd_close(fd);
	return n;
}

static void
complain(char complaints[OPTIONS_COMPLAINTS], char const *file, char const *why)
{
	size_t used = strlen(complaints);

	message_join(complaints + used, OPTIONS_COMPLAINTS - used,
	    used ? ", " : "ignored: ", file, ": ", why);
}

char const *
options_read(struct options *options, char complaints[OPTIONS_COMPLAINTS])
{
	*options = defaults;
	complaints[0] = 0;
	for (struct row const *row = rows; row < rows + ROWS; row++) {
		char text[OPTION_MAX + 1];
		char const *why = NULL;
		ssize_t len = read_file(row, text, &why);

		if (len == -1 && errno != ENOENT)
			return row->name;
		if (len != -1 && !why &&
		    options_parse(options, row->name, text, (size_t)len) == -1)
			why = "not understood";
		if (why)
			complain(complaints, row->name, why);
	}
	if (options->new_pidns) {
		errno = ENOTSUP;
		return "flag-newpidns";
	}
	if (options->ready_after_ms &&
	    (options->notification_fd || options->notify_socket)) {
		options->ready_after_ms = 0;
		complain(complaints, "ready-after", "the service notifies");
	}
	return NULL;
}

void
policy_reset(struct policy *policy)
{
	policy->delay_ms = 0;
	policy->deaths = 0;
}

bool
policy_died(struct policy *policy, struct options const *options,
    uint64_t now_ms, uint64_t ran_ms, bool asked)
{
	uint64_t delay_ms = (uint64_t)policy->delay_ms * 2;
	uint32_t now = (uint32_t)(now_ms / TENTH_MS), first;

	if (asked)
		return false;
	if (ran_ms > options->restart_max_ms ||
	    delay_ms < options->restart_min_ms)
		delay_ms = options->restart_min_ms;
	if (delay_ms > options->restart_max_ms)
		delay_ms = options->restart_max_ms;
	policy->delay_ms = (uint32_t)delay_ms;
	if (options->limit_secs == 0)
		return false;
	policy->times[policy->deaths++ % POLICY_TIMES] = now;
	first = policy->deaths - 1 - options->limit_deaths;
	return policy->deaths > options->limit_deaths &&
	       now - policy->times[first % POLICY_TIMES] <=
		   (uint64_t)options->limit_secs * 10;
}
