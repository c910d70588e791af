/*
 * The order is everything here: watch, then look, then send, so that no change
 * falls between; and ask for the life of supervise after its files were read,
 * because what a dead one has left behind says nothing.
 */
#include "svc/service.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <skalibs/djbunix.h>

#include "supervise/client.h"

/* What svscan and supervise will mend, if they are given time. */
static bool
will_come(enum service_state state, int error)
{
	switch (state) {
	case SERVICE_NO_DIRECTORY:
		return error == ENOENT;
	case SERVICE_NO_STATUS:
		return error == ENOENT || error == EPROTO;
	case SERVICE_NO_CONTROL:
		return error == ENOENT || error == ENXIO;
	case SERVICE_NAMED:
	case SERVICE_MET:
	case SERVICE_DONE:
	case SERVICE_NOT_SENT:
	case SERVICE_DIED:
	case SERVICE_FAILED:
	case SERVICE_TIMED_OUT:
		break;
	}
	return false;
}

/* A state other than SERVICE_MET. */
static void
become(struct service *s, enum service_state state, int error)
{
	s->state = state;
	s->error = error;
	s->is_over = !will_come(state, error);
	if (s->lifeline != -1)
		fd_close(s->lifeline);
	if (s->directory != -1)
		fd_close(s->directory);
	wait_forget(s->watch);
	s->lifeline = s->directory = -1;
	s->watch = WAIT_NOTHING;
}

struct service
service_begin(char const *name)
{
	return (struct service){.name = name,
	    .state = SERVICE_NAMED,
	    .changed = true,
	    .directory = -1,
	    .lifeline = -1,
	    .watch = WAIT_NOTHING};
}

/* Into the directory; if there is none, the state says so.  0; -1 as below. */
static int
enter(struct service *s, struct client *client)
{
	if (client_return(client) == -1)
		return -1;
	s->state = SERVICE_NAMED;
	if (client_enter(client, s->name) == -1)
		become(s, SERVICE_NO_DIRECTORY, errno);
	return 0;
}

/* In the directory: send the letters. */
static void
send_letters(struct service *s, struct request const *r)
{
	int fd = client_open_control();

	if (fd == -1) {
		become(s, SERVICE_NO_CONTROL, errno);
		return;
	}
	s->has_letters = true;
	if (r->letters_len && client_send(fd, r->letters, r->letters_len) == -1)
		become(s, SERVICE_NOT_SENT, errno);
	fd_close(fd);
}

int
service_command(struct service *s, struct service_call *call)
{
	if (enter(s, &call->client) == -1)
		return -1;
	if (s->state == SERVICE_NAMED)
		send_letters(s, &call->request);
	if (s->state == SERVICE_NAMED)
		become(s, SERVICE_DONE, 0);
	s->is_over = true;
	return 0;
}

/* In the directory: what is known of the service. */
static int
look(struct goal_view *view)
{
	struct report report;
	struct status status;

	if (client_read(&status, &report) == -1)
		return -1;
	*view = goal_view(&status, &report);
	return 0;
}

/* In the directory of a service whose supervise has not been met. */
static void
meet(struct service *s, struct service_call *call)
{
	s->lifeline = client_open_ok();
	if (s->lifeline == -1 ||
	    (s->directory = open2(".", O_PATH | O_DIRECTORY)) == -1) {
		become(s, SERVICE_NO_CONTROL, errno);
		return;
	}
	s->state = SERVICE_MET;
	s->watch = wait_change(&call->wait);
	if (s->has_letters)
		return;
	if (look(&s->before) == -1)
		become(s, SERVICE_NO_STATUS, errno);
	else if (call->request.letters_len)
		send_letters(s, &call->request);
}

/* In the starting directory: watch for what name is to appear in. */
static void
watch_parent(struct service *s, struct wait *wait)
{
	char const *svdir = getenv("SVDIR");
	char const *slash = strrchr(s->name, '/');
	char parent[PATH_MAX] = ".";
	size_t len = slash ? (size_t)(slash - s->name) + 1 : 0;

	if (len && len < sizeof parent) {
		memcpy(parent, s->name, len);
		parent[len] = 0;
	}
	wait_appear(wait, parent);
	if (!slash && svdir)
		wait_appear(wait, svdir);
}

/* Have it noticed when what is missing appears. */
static int
watch_for(struct service *s, struct service_call *call)
{
	if (s->state != SERVICE_NO_DIRECTORY) {
		wait_appear(&call->wait, ".");
		wait_appear(&call->wait, SUPERVISE_DIR);
		return 0;
	}
	if (client_return(&call->client) == -1)
		return -1;
	watch_parent(s, &call->wait);
	return 0;
}

static int
try_to_meet(struct service *s, struct service_call *call)
{
	if (enter(s, &call->client) == -1)
		return -1;
	if (s->state == SERVICE_NAMED)
		meet(s, call);
	return 0;
}

/* Again after it is watched for: it may have come just before that. */
static int
seek(struct service *s, struct service_call *call)
{
	if (try_to_meet(s, call) == -1)
		return -1;
	if (s->state == SERVICE_MET || s->is_over)
		return 0;
	if (watch_for(s, call) == -1)
		return -1;
	return try_to_meet(s, call);
}

static bool
is_alive(struct service const *s)
{
	return client_ask_ok(s->lifeline) == 1;
}

/* In the directory: has a supervise that is gone promised another one? */
static bool
will_be_replaced(void)
{
	struct report report;

	return report_read(&report) == 0 && report.resume[0];
}

/* In the directory of a service whose supervise has the letters. */
static void
judge(struct service *s, struct request const *r)
{
	enum goal_wish wish = goal_wish(r->letters, r->letters_len);
	struct goal_view now;
	bool alive;

	if (look(&now) == -1) {
		become(s, SERVICE_NO_STATUS, errno);
		return;
	}
	alive = is_alive(s);
	/* Told to leave, supervise does when the service is down: believed. */
	if (goal_reached(r->goal, wish, &s->before, &now) &&
	    (alive || !goal_is_up(r->goal)))
		become(s, SERVICE_DONE, 0);
	else if (!alive && will_be_replaced())
		become(s, SERVICE_NO_CONTROL, ENXIO);
	else if (!alive)
		become(s, SERVICE_DIED, ENXIO);
	else if (goal_hopeless(r->goal, &s->before, &now))
		become(s, SERVICE_FAILED, 0);
}

int
service_attend(struct service *s, struct service_call *call)
{
	s->changed = false;
	if (s->state == SERVICE_MET) {
		call->client.away = true;
		if (fd_chdir(s->directory) == -1)
			become(s, SERVICE_NO_DIRECTORY, errno);
		else
			judge(s, &call->request);
		if (s->state == SERVICE_MET || s->is_over)
			return 0;
	}
	if (seek(s, call) == -1)
		return -1;
	/* It may be there already: no change need ever come. */
	if (s->state == SERVICE_MET)
		judge(s, &call->request);
	return 0;
}

void
service_give_up(struct service *s)
{
	if (s->state == SERVICE_MET)
		become(s, SERVICE_TIMED_OUT, ETIMEDOUT);
	s->is_over = true;
}
