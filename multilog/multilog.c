/*
 * multilog: reads lines from standard input and appends them to log
 * directories as its arguments say.
 *
 * The loop reads only when everything read before has been written, so what
 * it cannot keep stays with the writer.  It never sleeps: a full disk, a
 * processor that fails and a line that does not end are deadlines or events
 * like all others, and a TERM is answered within a second in any of them.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/iopause.h>
#include <skalibs/selfpipe.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/tai.h>

#include "multilog/clock.h"
#include "multilog/explain.h"
#include "multilog/plan.h"
#include "multilog/say.h"

#define READ_FIRST 1024 /* more, as soon as so much has come at once */
#define SPARE	   4096
#define GRACE_MS   800 /* from TERM until what still waits is given up */

static struct plan plan;
static int signal_fd;
static size_t ambition = READ_FIRST; /* so much is to be read at once */
static bool alarmed;		     /* ALRM has come, and is to be obeyed */
static bool leaving;		     /* TERM has come */
static tain leave_by;
static bool given_up; /* leave_by has passed */
static int exit_code;

static void
recover_all(void)
{
	for (size_t i = 0; i < plan.dir_count; i++)
		if (logdir_recover(plan.dirs + i) == -1) {
			logdir_complain(plan.dirs + i, true);
			_exit(111);
		}
	for (size_t i = 0; i < plan.dir_count; i++)
		if (logdir_mark(plan.dirs + i) == -1) {
			logdir_complain(plan.dirs + i, true);
			_exit(111);
		}
}

static void
set_up_signals(void)
{
	/* A full file, and a reader that is gone, are errors of a write. */
	sig_ignore(SIGPIPE);
	sig_ignore(SIGXFSZ);
	/* Where it is inherited as ignored, no child could be waited for. */
	sig_restore(SIGCHLD);
	signal_fd = selfpipe_init();
	if (signal_fd == -1 || !selfpipe_trap(SIGTERM) ||
	    !selfpipe_trap(SIGALRM) || !selfpipe_trap(SIGCHLD)) {
		say_fatal(errno, "unable to trap signals");
		_exit(111);
	}
	tain_now_set_stopwatch_g();
}

static void
reap(void)
{
	pid_t pid;
	int status;

	while ((pid = wait_nohang(&status)) > 0)
		for (size_t i = 0; i < plan.dir_count; i++)
			if (logdir_reaped(plan.dirs + i, pid, status))
				break;
}

static void
leave(void)
{
	tain grace;

	leaving = true;
	tain_from_millisecs(&grace, GRACE_MS);
	tain_add_g(&leave_by, &grace);
	for (size_t i = 0; i < plan.dir_count; i++)
		logdir_leave(plan.dirs + i);
}

static void
take_signals(void)
{
	for (int s; (s = selfpipe_read()) > 0;) {
		if (s == SIGCHLD)
			reap();
		else if (s == SIGALRM)
			alarmed = true;
		else if (!leaving)
			leave();
	}
}

/* Space is reserved for as much as may be read: so that is no more than is
   needed. */
static void
adapt(size_t n)
{
	if (n >= ambition)
		ambition *= 8;
	else if (n < ambition / 64)
		ambition /= 2;
	if (ambition > plan.lines.cap)
		ambition = plan.lines.cap;
	if (ambition < READ_FIRST)
		ambition = READ_FIRST;
}

static void
take_input(size_t most)
{
	char *where;
	size_t room = lines_room(&plan.lines, &where);
	struct stamp now;
	ssize_t r;

	if (most > room)
		most = room;
	/* What comes after the line must stay in the pipe for the next one. */
	r = fd_read(0, where, leaving ? 1 : most);
	if (r == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return;
	if (r == -1) {
		say_fatal(errno, "unable to read standard input");
		exit_code = 111;
	}
	if (r <= 0) {
		plan.lines.ended = true;
		return;
	}
	adapt((size_t)r);
	now = clock_now();
	lines_add(&plan.lines, (size_t)r, &now,
	    plan.lines.stamp.local ? clock_offset(&now) : 0);
	if (leaving && where[r - 1] == '\n')
		plan.lines.ended = true;
}

static void
advance_all(void)
{
	for (size_t i = 0; i < plan.dir_count; i++)
		logdir_advance(plan.dirs + i);
	for (size_t i = 0; i < plan.file_count; i++)
		statusfile_advance(plan.files + i);
	outlet_advance(&plan.out);
	outlet_advance(&plan.err);
}

/* True if nothing that was given away waits to be written. */
static bool
all_written(void)
{
	for (size_t i = 0; i < plan.dir_count; i++)
		if (spool_left(&plan.dirs[i].spool))
			return false;
	for (size_t i = 0; i < plan.file_count; i++)
		if (plan.files[i].pending)
			return false;
	return !spool_left(&plan.out.spool) && !spool_left(&plan.err.spool);
}

static bool
all_ready(void)
{
	for (size_t i = 0; i < plan.dir_count; i++)
		if (!logdir_ready(plan.dirs + i))
			return false;
	return all_written();
}

static bool
processor_runs(void)
{
	for (size_t i = 0; i < plan.dir_count; i++)
		if (plan.dirs[i].facts.processor == ROTATE_PROCESSOR_RUNNING ||
		    plan.dirs[i].facts.processor == ROTATE_PROCESSOR_DONE)
			return true;
	return false;
}

static void
rotate_all(void)
{
	alarmed = false;
	for (size_t i = 0; i < plan.dir_count; i++)
		logdir_rotate(plan.dirs + i);
}

static void
find_deadline(tain *deadline)
{
	*deadline = tain_infinite;
	for (size_t i = 0; i < plan.dir_count; i++)
		logdir_deadline(plan.dirs + i, deadline);
	for (size_t i = 0; i < plan.file_count; i++)
		if (plan.files[i].pending &&
		    tain_less(&plan.files[i].retry, deadline))
			*deadline = plan.files[i].retry;
	if (leaving && tain_less(&leave_by, deadline))
		*deadline = leave_by;
}

static void
wait_for_events(size_t most)
{
	iopause_fd x[] = {
	    {.fd = signal_fd, .events = IOPAUSE_READ},
	    {.fd = most ? 0 : -1, .events = IOPAUSE_READ},
	    {.fd = spool_left(&plan.out.spool) ? 1 : -1,
		.events = IOPAUSE_WRITE},
	    {.fd = spool_left(&plan.err.spool) ? 2 : -1,
		.events = IOPAUSE_WRITE},
	};
	tain deadline;

	find_deadline(&deadline);
	if (iopause_g(x, 4, &deadline) == -1) {
		say_fatal(errno, "unable to wait for input");
		exit_code = 111;
		leaving = plan.lines.ended = true;
		leave_by = STAMP;
		return;
	}
	if (x[0].revents)
		take_signals();
	if (x[1].revents & (IOPAUSE_READ | IOPAUSE_EXCEPT))
		take_input(most);
}

/* How much may be read: only what will certainly fit.  Something is left for
   the rest of a line of which a part has been read when TERM comes. */
static size_t
readable(void)
{
	size_t spare = leaving ? 0 : SPARE;
	size_t most = leaving ? 1 : ambition;

	for (size_t i = 0; i < plan.dir_count && most; i++) {
		size_t want = lines_become(&plan.lines, most) + spare;
		size_t least = lines_become(&plan.lines, 1) + spare;
		size_t room = logdir_room(plan.dirs + i, least, want);

		if (room < want)
			most = room ? lines_fit(&plan.lines, room - spare) : 0;
	}
	return most;
}

/* Time is up: a line whose rest does not come ends here, and a file that waits
   for a processor takes what was read all the same. */
static void
give_up(void)
{
	given_up = plan.lines.ended = true;
	for (size_t i = 0; i < plan.dir_count; i++)
		logdir_overfill(plan.dirs + i);
}

/* One round; false when all is done, or nothing more can be. */
static bool
go_on(void)
{
	bool ready;

	advance_all();
	ready = all_ready();
	if (ready && lines_give(&plan.lines))
		return true;
	if (alarmed) {
		rotate_all();
		return true;
	}
	if (leaving && !lines_partial(&plan.lines))
		plan.lines.ended = true;
	if (plan.lines.ended && !lines_partial(&plan.lines) && all_written() &&
	    !processor_runs())
		return false;
	if (leaving && !tain_future(&leave_by)) {
		if (given_up)
			return false;
		give_up();
		return true;
	}
	wait_for_events(ready && !plan.lines.ended ? readable() : 0);
	return true;
}

static void
close_all(void)
{
	for (size_t i = 0; i < plan.dir_count; i++) {
		int64_t lost = logdir_close(plan.dirs + i);

		if (lost == 0)
			continue;
		if (lost == -1)
			logdir_complain(plan.dirs + i, true);
		else
			say_fatal(0, "unable to write to ", plan.dirs[i].path,
			    "/current: lines are lost");
		exit_code = 111;
	}
}

int
main(int argc, char const *const *argv)
{
	PROG = "multilog";
	umask(022);
	if (!fd_sanitize()) {
		say_fatal(errno, "unable to open /dev/null");
		_exit(111);
	}
	if (argc == 2 && explain_option(argv[1]))
		return 0;
	if (argc > 1 && !strcmp(argv[1], "--check"))
		return explain_script(argv + 2, (size_t)argc - 2) ? 0 : 100;
	set_up_signals();
	if (plan_make(&plan, argv + 1, (size_t)argc - 1) == -1)
		_exit(111);
	recover_all();
	while (go_on())
		;
	close_all();
	_exit(exit_code);
}
