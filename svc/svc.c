/*
 * svc: send control letters to the supervise of each service named, and wait
 * for what comes of it if asked to.
 *
 * Every service gets the same letters in one write, which never waits.  Trouble
 * with one service is a warning, and the others are served; the exit code is 0
 * all the same, as it has been since 2001, and configuration managers count on
 * it.  -w, -T and -e make it tell.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/iopause.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/tai.h>

#include "supervise/control.h"
#include "supervise/client.h"
#include "svc/request.h"
#include "svc/service.h"
#include "svc/wait.h"

/* How long a supervise may take to appear when there is no -T; svscan reads its
 * directory every 5 s whatever happens.  How often that is looked for, as not
 * everything that can hide it can be watched. */
enum { APPEAR_S = 6, APPEAR_LOOK_MS = 1000 };

enum { WAIT_FDS = 3 };

enum { CODE_TIMED_OUT = 1, CODE_NOT_SUPERVISED = 102, CODE_TROUBLE = 111 };

static struct service_call call;
static struct service *services;
static size_t services_len;
static int worst_code;
static tain deadline;
static tain appear_deadline;

static _Noreturn void
die(char const *what)
{
	client_die(what, NULL, NULL);
}

static _Noreturn void
answer(char const *question)
{
	if (strcmp(question, "--version") == 0)
		buffer_puts(buffer_1, "svc (upkeep) " VERSION "\n");
	else
		request_help(buffer_1);
	if (!buffer_flush(buffer_1))
		die("write to stdout");
	_exit(0);
}

static int
trouble(char const *verb, struct service const *s, char const *why)
{
	char shown[4 * PATH_MAX];

	message_show(shown, sizeof shown, s->name);
	strerr_warnwu(verb, " ", shown, ": ", why);
	return CODE_TROUBLE;
}

static int
no_control(struct service const *s)
{
	if (s->error == ENXIO)
		trouble("control", s, "supervise not running");
	else
		trouble("control", s, message_words(s->error));
	return s->error == ENXIO || s->error == ENOENT ? CODE_NOT_SUPERVISED
						       : CODE_TROUBLE;
}

/* Say how it ended.  Its exit code. */
static int
conclude(struct service const *s)
{
	char shown[4 * PATH_MAX];

	message_show(shown, sizeof shown, s->name);
	switch (s->state) {
	case SERVICE_NAMED:
	case SERVICE_MET:
	case SERVICE_DONE:
		break;
	case SERVICE_NO_DIRECTORY:
		return trouble("chdir to", s, message_words(s->error));
	case SERVICE_NO_CONTROL:
		return no_control(s);
	case SERVICE_NOT_SENT:
		strerr_warnw("error writing commands to ", shown, ": ",
		    message_words(s->error));
		return s->error == EPIPE ? CODE_NOT_SUPERVISED : CODE_TROUBLE;
	case SERVICE_NO_STATUS:
		return trouble("read status of", s, message_words(s->error));
	case SERVICE_DIED:
		trouble("wait for", s, "supervise not running");
		return CODE_NOT_SUPERVISED;
	case SERVICE_FAILED:
		return trouble("wait for", s, "it has failed");
	case SERVICE_TIMED_OUT:
		trouble("wait for", s, "timed out");
		return CODE_TIMED_OUT;
	}
	return 0;
}

/* If the service has come to an end: conclude. */
static void
settle(struct service *s)
{
	int code;

	if (!s->is_over)
		return;
	code = conclude(s);
	if (code > worst_code)
		worst_code = code;
}

static void
add_ms(tain *to, int ms)
{
	tain relative;

	tain_from_millisecs(&relative, ms);
	tain_add_g(to, &relative);
}

static void
attend(struct service *s)
{
	bool was_met = s->state == SERVICE_MET;

	if (service_attend(s, &call) == -1)
		die("set directory");
	/* A mistyped name shall not cost a wait that nobody has asked for. */
	if (s->state == SERVICE_NO_DIRECTORY &&
	    call.request.timeout_ms == REQUEST_NO_TIMEOUT)
		service_give_up(s);
	settle(s);
	/* The supervise that replaces another one has as long as the first. */
	if (was_met && !s->is_over && s->state != SERVICE_MET &&
	    call.request.timeout_ms == REQUEST_NO_TIMEOUT)
		tain_addsec_g(&appear_deadline, APPEAR_S);
}

/* Those that are not supervised yet, or all. */
static void
give_up(bool only_absent)
{
	for (size_t i = 0; i < services_len; i++) {
		struct service *s = &services[i];

		if (s->is_over || (only_absent && s->state == SERVICE_MET))
			continue;
		service_give_up(s);
		settle(s);
	}
}

static void
note_changes(bool all, bool absent, int id)
{
	for (size_t i = 0; i < services_len; i++) {
		struct service *s = &services[i];
		bool is_met = s->state == SERVICE_MET;

		if (all ||
		    (is_met ? id == WAIT_ANYTHING || s->watch == id : absent))
			s->changed = true;
	}
}

/* When to look again even if nothing is noticed. */
static tain
next_wake(bool any_absent)
{
	tain wake = deadline;
	tain look;

	tain_copynow(&look);
	add_ms(&look, call.wait.blind ? WAIT_BLIND_MS : APPEAR_LOOK_MS);
	if ((any_absent || call.wait.blind) && tain_less(&look, &wake))
		wake = look;
	if (any_absent && tain_less(&appear_deadline, &wake))
		wake = appear_deadline;
	return wake;
}

static void
sleep_until(tain const *wake, iopause_fd *x)
{
	unsigned int n = WAIT_FDS;
	int id;

	x[0] = (iopause_fd){.fd = call.wait.appear, .events = IOPAUSE_READ};
	x[1] = (iopause_fd){.fd = call.wait.signals, .events = IOPAUSE_READ};
	x[2] = (iopause_fd){.fd = call.wait.watches, .events = IOPAUSE_READ};
	for (size_t i = 0; i < services_len; i++)
		if (services[i].lifeline != -1)
			x[n++] = (iopause_fd){.fd = services[i].lifeline};
	if (iopause_g(x, n, wake) == -1)
		die("poll");
	n = WAIT_FDS;
	for (size_t i = 0; i < services_len; i++)
		if (services[i].lifeline != -1 && x[n++].revents)
			services[i].changed = true;
	if (wait_appeared(&call.wait) || !tain_future(wake))
		note_changes(call.wait.blind, true, WAIT_NOTHING);
	while ((id = wait_changed(&call.wait)) != WAIT_NOTHING)
		note_changes(false, false, id);
}

static void
wait_for_all(void)
{
	iopause_fd *x = malloc((services_len + WAIT_FDS) * sizeof *x);

	if (!x)
		die("wait");
	for (;;) {
		bool any = false, any_absent = false;
		tain wake;

		for (size_t i = 0; i < services_len; i++)
			if (!services[i].is_over && services[i].changed)
				attend(&services[i]);
		tain_now_g();
		if (!tain_future(&deadline))
			give_up(false);
		if (!tain_future(&appear_deadline))
			give_up(true);
		for (size_t i = 0; i < services_len; i++) {
			any |= !services[i].is_over;
			any_absent |= !services[i].is_over &&
				      services[i].state != SERVICE_MET;
		}
		if (!any)
			break;
		if (!any_absent)
			wait_appear_end(&call.wait);
		wake = next_wake(any_absent);
		sleep_until(&wake, x);
	}
	free(x);
}

/* A service that is waited for takes three descriptors. */
static void
raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void
set_deadlines(void)
{
	int ms = call.request.timeout_ms;

	if (!tain_now_set_stopwatch_g())
		die("read the clock");
	deadline = appear_deadline = tain_infinite;
	if (ms > 0) {
		tain_copynow(&deadline);
		add_ms(&deadline, ms);
		appear_deadline = deadline;
	} else if (ms == REQUEST_NO_TIMEOUT) {
		tain_addsec_g(&appear_deadline, APPEAR_S);
	}
}

static void
serve(char **names)
{
	for (size_t i = 0; i < services_len; i++)
		services[i] = service_begin(names[i]);
	if (call.request.goal != GOAL_NONE) {
		raise_limit();
		wait_open(&call.wait);
		wait_for_all();
		return;
	}
	for (size_t i = 0; i < services_len; i++) {
		if (service_command(&services[i], &call) == -1)
			die("set directory");
		settle(&services[i]);
	}
}

int
main(int argc, char **argv)
{
	int words_len;

	PROG = "svc";
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 ||
			     strcmp(argv[1], "--version") == 0))
		answer(argv[1]);
	words_len =
	    request_parse(&call.request, argc, (char const *const *)argv);
	if (words_len == -1) {
		request_usage(buffer_2);
		buffer_flush(buffer_2);
		return 100;
	}
	set_deadlines();
	sig_ignore(SIGPIPE);
	if (client_begin(&call.client) == -1)
		die("open current directory");
	services_len = (size_t)(argc - words_len);
	services = calloc(services_len + 1, sizeof *services);
	if (!services)
		die("serve");
	serve(argv + words_len);
	return call.request.is_truthful ? worst_code : 0;
}
