/*
 * svc: send control letters to the supervise of each service named and, with
 * -w, wait until they have had their effect.
 *
 * Every service gets the same letters in one write, which never waits.  Trouble
 * with one service is a warning.  The exit code is 0 all the same, because
 * configuration managers have relied on that since 2001; with -w, -T or -e it
 * tells how it went.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <skalibs/iopause.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/tai.h>

#include "supervise/client.h"
#include "supervise/error.h"
#include "svc/request.h"
#include "svc/target.h"
#include "svc/wait.h"

/* Without -T, how long supervise may take to appear: svscan looks every 5 s. */
enum { APPEAR_MS = 6000 };

/* How often to look for it, because not every change can be watched; and for
 * how long after a change to look every WAIT_BLIND_MS, because dnotify does not
 * tell when supervise opens its FIFOs, which it does last. */
enum { APPEAR_LOOK_MS = 1000, APPEAR_SOON_MS = 1000 };

static struct target_call call;
static struct target *targets;
static iopause_fd *polled; /* the changes, and each target */
static size_t targets_len;
static int worst_code;
static tain deadline;
static tain appear_deadline;
static tain soon; /* the end of APPEAR_SOON_MS */

/* If svc is done with a service: say what went wrong. */
static void
settle(struct target const *t)
{
	char shown[4 * PATH_MAX], why[4 * sizeof t->why];

	if (!t->is_over || !t->what)
		return;
	message_show(shown, sizeof shown, t->name);
	message_show(
	    why, sizeof why, t->error ? error_words(t->error) : t->why);
	strerr_warnw(t->what, " ", shown, ": ", why,
	    call.request.is_truthful && t->lack == LACKS_DIRECTORY &&
		    t->error == ENOENT
		? " (no such service)"
		: "");
	if ((int)t->code > worst_code)
		worst_code = (int)t->code;
}

static tain
after_ms(int ms)
{
	tain relative, sum;

	tain_from_millisecs(&relative, ms);
	tain_add_g(&sum, &relative);
	return sum;
}

static void
attend(struct target *t)
{
	bool has_limit = call.request.timeout_ms != REQUEST_NO_TIMEOUT;
	bool was_met = t->directory != -1;

	if (target_attend(t, &call) == -1)
		client_die("set directory", NULL, NULL);
	/* Do not wait for a name that was mistyped. */
	if (t->lack == LACKS_DIRECTORY && !has_limit)
		target_give_up(t);
	settle(t);
	/* Give the next supervise as long as the first. */
	if (was_met && t->directory == -1 && !t->is_over && !has_limit)
		appear_deadline = after_ms(APPEAR_MS);
}

/* Stop waiting for those that are not supervised yet, or for all. */
static void
give_up(bool only_absent)
{
	for (size_t i = 0; i < targets_len; i++) {
		struct target *t = &targets[i];

		if (t->is_over || (only_absent && t->directory != -1))
			continue;
		target_give_up(t);
		settle(t);
	}
}

static bool
is_blind(struct target const *t, int changes)
{
	return t->watch == -1 || changes == -1;
}

/* When to look again if no change is noticed.  False if svc is done with all.
 */
static bool
next_wake(tain *wake, int changes)
{
	bool any = false, absent = false, blind = false;
	tain look;

	*wake = deadline;
	for (size_t i = 0; i < targets_len; i++) {
		if (targets[i].is_over)
			continue;
		any = true;
		absent |= targets[i].directory == -1;
		blind |= is_blind(&targets[i], changes);
	}
	blind |= absent && tain_future(&soon);
	look = after_ms(blind ? WAIT_BLIND_MS : APPEAR_LOOK_MS);
	if ((absent || blind) && tain_less(&look, wake))
		*wake = look;
	if (absent && tain_less(&appear_deadline, wake))
		*wake = appear_deadline;
	return any;
}

static void
sleep_until(tain const *wake, int changes)
{
	int watch;

	polled[0] = (iopause_fd){.fd = changes, .events = IOPAUSE_READ};
	for (size_t i = 0; i < targets_len; i++)
		polled[i + 1] = (iopause_fd){.fd = targets[i].ok};
	if (iopause_g(polled, (unsigned int)targets_len + 1, wake) == -1)
		client_die("poll", NULL, NULL);
	for (size_t i = 0; i < targets_len; i++) {
		struct target *t = &targets[i];

		t->changed = polled[i + 1].revents ||
			     (!tain_future(wake) &&
				 (t->directory == -1 || is_blind(t, changes)));
	}
	while ((watch = wait_next(changes)) != WAIT_NOTHING)
		for (size_t i = 0; i < targets_len; i++) {
			struct target *t = &targets[i];

			if (watch != WAIT_ANYTHING && t->watch != watch)
				continue;
			t->changed = true;
			if (t->directory == -1)
				soon = after_ms(APPEAR_SOON_MS);
		}
}

static void
serve_and_wait(char **names)
{
	int ms = call.request.timeout_ms, changes = wait_open();
	struct rlimit limit;
	tain wake;

	targets = malloc((targets_len + 1) * sizeof *targets);
	polled = malloc((targets_len + 1) * sizeof *polled);
	if (!targets || !polled)
		client_die("wait", NULL, NULL);
	for (size_t i = 0; i < targets_len; i++)
		targets[i] = target_begin(names[i]);
	/* Each service that svc waits for takes three descriptors. */
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (!tain_now_set_stopwatch_g())
		client_die("read the clock", NULL, NULL);
	deadline = ms > 0 ? after_ms(ms) : tain_infinite;
	appear_deadline =
	    ms == REQUEST_NO_TIMEOUT ? after_ms(APPEAR_MS) : deadline;
	do {
		for (size_t i = 0; i < targets_len; i++)
			if (!targets[i].is_over && targets[i].changed)
				attend(&targets[i]);
		tain_now_g();
		if (!tain_future(&deadline))
			give_up(false);
		if (!tain_future(&appear_deadline))
			give_up(true);
	} while (
	    next_wake(&wake, changes) && (sleep_until(&wake, changes), true));
}

static void
serve(char **names)
{
	bool is_word = false;

	for (; *names; names++) {
		struct target t = target_begin(*names);

		if (target_command(&t, &call) == -1)
			client_die("set directory", NULL, NULL);
		settle(&t);
		is_word |= t.lack == LACKS_DIRECTORY;
	}
	if (is_word && !call.request.letters_len)
		strerr_warn("svc: nothing was sent; letters say what to do, as "
			    "in: svc -d blog");
}

int
main(int argc, char **argv)
{
	int first;

	PROG = "svc";
	client_answer(argc, argv, request_help, "svc (upkeep) " VERSION "\n");
	first = request_parse(&call.request, argc, (char const *const *)argv);
	if (first == -1) {
		allwrite(2, request_usage, strlen(request_usage));
		return 100;
	}
	sig_ignore(SIGPIPE);
	if (client_begin(&call.client) == -1)
		client_die("open current directory", NULL, NULL);
	targets_len = (size_t)(argc - first);
	if (call.request.wait)
		serve_and_wait(argv + first);
	else
		serve(argv + first);
	return call.request.is_truthful ? worst_code : 0;
}
