/*
 * The order matters: watch, then look, then send, so that no change is missed;
 * and read the files before asking whether supervise is running, because files
 * of a dead one say nothing about the service.
 */
#include "svc/target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <skalibs/djbunix.h>

#include "supervise/linux.h"
#include "svc/wait.h"

static char const not_running[] = "supervise not running";

struct target
target_begin(char const *name)
{
	return (struct target){.name = name,
	    .changed = true,
	    .directory = -1,
	    .ok = -1,
	    .watch = -1};
}

static void
drop(int *fd)
{
	if (*fd != -1)
		fd_close(*fd);
	*fd = -1;
}

/* svc is done with it; if why is null, errno says it. */
static void
end(struct target *t, enum target_code code, char const *what, char const *why)
{
	t->error = why ? 0 : errno;
	t->is_over = true;
	t->code = code;
	t->what = what;
	message_join(t->why, sizeof t->why, why);
	drop(&t->directory);
	drop(&t->ok);
	drop(&t->watch);
}

/* errno says why supervise cannot be reached.  If something is only missing,
 * svscan and supervise may still create it. */
static void
lack(struct target *t, enum target_lack what)
{
	bool exited = what == LACKS_SUPERVISE && errno == ENXIO;

	t->lack = what;
	t->error = exited ? 0 : errno;
	t->is_over = !exited && t->error != ENOENT;
	t->code = what == LACKS_SUPERVISE && !t->is_over ? CODE_NOT_SUPERVISED
							 : CODE_TROUBLE;
	t->what = what == LACKS_SUPERVISE ? "unable to control"
					  : "unable to chdir to";
	memcpy(t->why, not_running, sizeof not_running);
	drop(&t->directory);
	drop(&t->ok);
}

/* Send the letters; the service directory is the current directory. */
static void
send_letters(struct target *t, struct request const *r)
{
	int fd = client_open_control();

	if (fd == -1) {
		lack(t, LACKS_SUPERVISE);
		return;
	}
	if (r->letters_len && client_send(fd, r->letters, r->letters_len) == -1)
		end(t, errno == EPIPE ? CODE_NOT_SUPERVISED : CODE_TROUBLE,
		    "error writing commands to", NULL);
	fd_close(fd);
}

int
target_command(struct target *t, struct target_call *call)
{
	if (t->name[0] != '/' && client_return(&call->client) == -1)
		return -1;
	if (client_enter(&call->client, t->name) == -1)
		lack(t, LACKS_DIRECTORY);
	else
		send_letters(t, &call->request);
	t->is_over = true;
	return 0;
}

static void
no_status(struct target *t)
{
	/* Perhaps the disk is full, or this look alone has failed, of which no
	   watch would tell: look again and again. */
	if (errno != ENOENT && errno != EPROTO)
		end(t, CODE_TROUBLE, "unable to read status of", NULL);
	else if (client_ask_ok(t->ok) != 1)
		end(t, CODE_NOT_SUPERVISED, "unable to wait for", not_running);
	else
		drop(&t->watch);
}

/* The supervise that got the letters has exited. */
static void
supervise_left(
    struct target *t, struct request const *r, struct goal_view const *now)
{
	/* svscan may have started the next one; do not wait for that. */
	if (request_is_for_exit(r) && goal_was_down(&t->before, now)) {
		end(t, CODE_DONE, NULL, "");
	} else if (now->report.resume[0]) {
		errno = ENXIO;
		lack(t, LACKS_SUPERVISE);
	} else {
		end(t, CODE_NOT_SUPERVISED, "unable to wait for", not_running);
	}
}

/* In the service directory, with supervise reached: is it over? */
static void
judge(struct target *t, struct request const *r)
{
	char why[REPORT_TEXT_MAX];
	struct report report;
	struct status status;
	struct goal_view now;
	enum goal_verdict verdict;
	bool was_alive, alive = true, same;
	int found;

	/* If it has exited, read again what it published last. */
	do {
		was_alive = alive;
		found = client_read(
		    &status, &report, t->has_before ? 1 : CLIENT_TRIES);
		if (found == -1) {
			no_status(t);
			return;
		}
		alive = client_ask_ok(t->ok) == 1;
	} while (was_alive && !alive);
	now = goal_view(&status, &report);
	if (!t->has_before) {
		t->before = now;
		t->has_before = true;
		if (r->letters_len)
			send_letters(t, r);
		if (t->directory == -1)
			return;
	}
	/* A report that could not be read may be there already; one whose
	   status is to follow is not. */
	if (t->before.report.state[0] && !report.state[0] && found == 0)
		drop(&t->watch);
	same =
	    !report.supervise || report.supervise == t->before.report.supervise;
	verdict = goal_judge(r, &t->before, &now);
	if (request_is_for_exit(r)) {
		if (!alive || !same)
			supervise_left(t, r, &now);
	} else if (verdict == GOAL_REACHED &&
		   (alive || !request_is_for_up(r))) {
		end(t, CODE_DONE, NULL, "");
	} else if (!alive) {
		supervise_left(t, r, &now);
	} else if (verdict == GOAL_NOT_STARTED) {
		report_end_words(why, &report);
		end(t, CODE_TROUBLE, "unable to start",
		    report.error[0] ? report.error : why);
	} else if (verdict == GOAL_FAILED) {
		message_join(why, sizeof why, "it has failed",
		    report.error[0] ? ": " : "", report.error);
		end(t, CODE_TROUBLE, "unable to wait for", why);
	} else if (verdict == GOAL_DOWN) {
		end(t, CODE_TROUBLE, "unable to wait for", "it is down");
	}
}

/* In the service directory: try to reach supervise. */
static void
meet(struct target *t, struct request const *r)
{
	struct report report;
	struct status status;
	struct goal_view now;
	int error;

	t->ok = client_open_ok();
	error = errno;
	if (t->ok == -1 && error == ENXIO && request_is_for_exit(r) &&
	    client_read(&status, &report, CLIENT_TRIES) != -1) {
		now = goal_view(&status, &report);
		if (now.staying && !now.finishing) {
			end(t, CODE_DONE, NULL, "");
			return;
		}
	}
	errno = error;
	if (t->ok == -1 || client_ask_ok(t->ok) == -1 ||
	    (t->directory = open2(".", O_PATH | O_DIRECTORY)) == -1) {
		lack(t, LACKS_SUPERVISE);
		return;
	}
	drop(&t->watch);
	t->watch = wait_watch(SUPERVISE_DIR);
	t->lack = LACKS_NOTHING;
	t->what = NULL;
	judge(t, r);
}

/* Watch the directory in which the missing thing will appear. */
static void
watch_for(struct target *t)
{
	char const *svdir = getenv("SVDIR");
	char const *slash = strrchr(t->name, '/');
	char parent[PATH_MAX];

	drop(&t->watch);
	if (t->lack == LACKS_SUPERVISE) {
		t->watch = wait_watch(SUPERVISE_DIR);
		if (t->watch == -1)
			t->watch = wait_watch(".");
		return;
	}
	message_join(parent, sizeof parent,
	    slash	      ? t->name
	    : svdir && *svdir ? svdir
			      : ".");
	if (slash)
		*(strrchr(parent, '/') + 1) = 0;
	t->watch = wait_watch(parent);
}

int
target_attend(struct target *t, struct target_call *call)
{
	enum target_lack watched;

	t->changed = false;
	if (t->directory != -1) {
		call->client.away = true;
		if (fchdir(t->directory) == -1)
			end(t, CODE_TROUBLE, "unable to chdir to", NULL);
		else if (t->watch == -1)
			t->watch = wait_watch(SUPERVISE_DIR);
		if (!t->is_over)
			judge(t, &call->request);
	}
	if (t->is_over || t->directory != -1)
		return 0;
	/* Look again after setting the watch: it may have appeared just before.
	 */
	do {
		watched = t->lack;
		if (client_return(&call->client) == -1)
			return -1;
		if (watched == LACKS_DIRECTORY)
			watch_for(t);
		if (client_enter(&call->client, t->name) == -1) {
			lack(t, LACKS_DIRECTORY);
			continue;
		}
		if (watched == LACKS_SUPERVISE)
			watch_for(t);
		meet(t, &call->request);
	} while (!t->is_over && t->directory == -1 && t->lack != watched);
	return 0;
}

void
target_give_up(struct target *t)
{
	if (t->directory != -1)
		end(t, CODE_TIMED_OUT, "unable to wait for", "timed out");
	t->is_over = true;
}
