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
#include <poll.h>
#include <signal.h>
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

#include "multilog/message.h"
#include "multilog/setup.h"

/* From TERM until what still waits is given up: 800 ms. */
static tain const grace = {.nano = 800000000};

static struct setup setup;
static int signal_fd;
static bool alarmed; /* ALRM has come, and is to be obeyed */
static bool deaf;    /* has warned that it cannot wait */
static bool leaving; /* TERM has come */
static tain leave_by;
static bool given_up;	   /* leave_by has passed */
static bool files_pending; /* a line is not in its =file yet */
static int exit_code;

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
		message_fatal(errno, "unable to trap signals");
		_exit(111);
	}
	tain_now_set_stopwatch_g();
}

static void
leave(void)
{
	leaving = true;
	tain_add_g(&leave_by, &grace);
	for (size_t i = 0; i < setup.dir_count; i++)
		logdir_leave(setup.dirs + i);
}

static void
take_signals(void)
{
	pid_t pid;
	int status;

	for (int s; (s = selfpipe_read()) > 0;) {
		if (s == SIGALRM)
			alarmed = true;
		else if (s == SIGTERM && !leaving)
			leave();
	}
	while ((pid = wait_nohang(&status)) > 0)
		for (size_t i = 0; i < setup.dir_count; i++)
			rotation_reaped(&setup.dirs[i].rotation, pid, status);
}

static void
take_input(size_t most)
{
	struct lines *l = &setup.lines;
	ssize_t r = fd_read(0, l->in + l->end, leaving ? 1 : most);

	if (r == -1 && errno == EAGAIN)
		return;
	if (r == -1) {
		message_fatal(errno, "unable to read standard input");
		exit_code = 111;
	}
	if (r <= 0) {
		l->ended = true;
		return;
	}
	lines_add(l, (size_t)r, stamp_now());
}

/* True if there is more to do at once. */
static bool
advance_all(void)
{
	bool more = false;

	for (size_t i = 0; i < setup.dir_count; i++)
		if (logdir_advance(setup.dirs + i))
			more = true;
	files_pending = false;
	for (size_t i = 0; i < setup.file_count; i++)
		if (sink_file_write(setup.files + i, false) == -1)
			files_pending = true;
	sink_write(&setup.out);
	sink_write(&setup.err);
	return more;
}

/* True if all is ready for more lines.  A file that cannot be written does not
   hold up the logs: only the latest line counts. */
static bool
all_ready(void)
{
	for (size_t i = 0; i < setup.dir_count; i++)
		if (!logdir_ready(setup.dirs + i))
			return false;
	return !setup.out.spool.left && !setup.err.spool.left;
}

static bool
nothing_left(void)
{
	for (size_t i = 0; i < setup.dir_count; i++)
		if (logdir_busy(setup.dirs + i))
			return false;
	return !lines_partial(&setup.lines) && !setup.out.spool.left &&
	       !setup.err.spool.left;
}

static void
find_deadline(tain *deadline)
{
	*deadline = tain_infinite;
	for (size_t i = 0; i < setup.dir_count; i++)
		logdir_deadline(setup.dirs + i, deadline);
	for (size_t i = 0; i < setup.file_count; i++)
		if (setup.files[i].pending &&
		    tain_less(&setup.files[i].retry, deadline))
			*deadline = setup.files[i].retry;
	if (leaving && tain_less(&leave_by, deadline))
		*deadline = leave_by;
}

/* How much may be read: only what will certainly be kept.  After TERM it is one
   byte, since what follows the line must stay in the pipe. */
static size_t
readable(void)
{
	struct lines *l = &setup.lines;
	size_t most = lines_room(l);

	if (leaving)
		most = 1;
	for (size_t i = 0; i < setup.dir_count && most; i++) {
		size_t want = lines_become(l, most);
		size_t room =
		    logdir_room(setup.dirs + i, lines_become(l, 1), want);

		if (room < want)
			most = lines_fit(l, room);
	}
	return most;
}

/* Waits for what comes next; not at all if there is more to do. */
static void
wait_for_events(bool more)
{
	size_t most =
	    more || !all_ready() || setup.lines.ended ? 0 : readable();
	iopause_fd x[] = {
	    {.fd = signal_fd, .events = IOPAUSE_READ},
	    {.fd = most ? 0 : -1, .events = IOPAUSE_READ},
	    {.fd = setup.out.spool.left ? 1 : -1, .events = IOPAUSE_WRITE},
	    {.fd = setup.err.spool.left ? 2 : -1, .events = IOPAUSE_WRITE},
	};
	tain deadline = STAMP;

	if (!more)
		find_deadline(&deadline);
	if (iopause_g(x, 4, &deadline) == -1) {
		/* It is short of memory for a moment.  Nothing is known of the
		   descriptors, but the signals can be read all the same. */
		if (!deaf)
			message_warning(errno, "unable to wait for input");
		deaf = true;
		take_signals();
		poll(NULL, 0, 100); /* or it would spin */
		return;
	}
	if (x[0].revents)
		take_signals();
	if (x[1].revents)
		take_input(most);
}

/* One round; false when all is done, or nothing more can be. */
static bool
go_on(void)
{
	struct lines *l = &setup.lines;
	bool more = advance_all();

	if (all_ready() && lines_give(l))
		more = advance_all() || l->more;
	if (alarmed) {
		alarmed = false;
		more = true;
		for (size_t i = 0; i < setup.dir_count; i++)
			setup.dirs[i].asked = true;
	}
	if (leaving && !lines_partial(l))
		l->ended = true;
	if (!more && l->ended && nothing_left()) {
		if (!files_pending || given_up)
			return false;
		/* They have a last chance, but logs do not wait for them. */
		if (!leaving)
			leave();
	}
	if (leaving && !tain_future(&leave_by)) {
		if (given_up)
			return false;
		/* A line whose rest does not come ends here, and a file that
		   waits for a processor takes what was read all the same. */
		more = given_up = l->ended = true;
		for (size_t i = 0; i < setup.dir_count; i++)
			logdir_overfill(setup.dirs + i);
	}
	wait_for_events(more);
	return true;
}

/* What was read and is not kept is said. */
static void
close_all(void)
{
	struct sink_stream *streams[] = {&setup.out, &setup.err};

	for (size_t i = 0; i < setup.dir_count; i++)
		if (logdir_close(setup.dirs + i) == -1)
			exit_code = 111;
	for (size_t i = 0; i < setup.file_count; i++) {
		if (sink_file_write(setup.files + i, true) == 0)
			continue;
		message_fatal(0, "unable to write ", setup.files[i].path,
		    ": a line is lost");
		exit_code = 111;
	}
	for (size_t i = 0; i < 2; i++)
		if (streams[i]->lost || streams[i]->spool.left) {
			message_fatal(0, "unable to write to ",
			    streams[i]->name, ": lines are lost");
			exit_code = 111;
		}
	if (setup.lines.start < setup.lines.end) {
		message_fatal(0, "unable to write all that was read: lines "
				 "are lost");
		exit_code = 111;
	}
}

int
main(int argc, char const *const *argv)
{
	char const *const *actions = argv + 1;
	size_t n = argc ? (size_t)argc - 1 : 0;

	PROG = "multilog";
	umask(022);
	if (!fd_sanitize()) {
		message_fatal(errno, "unable to open /dev/null");
		_exit(111);
	}
	if (n == 1 && script_option(actions[0]))
		return 0;
	if (n && !strcmp(actions[0], "--check"))
		return script_check(actions + 1, n - 1) ? 0 : 100;
	set_up_signals();
	if (setup_make(&setup, actions, n, setup_read_size()) == -1)
		_exit(111);
	for (size_t i = 0; i < setup.dir_count; i++)
		if (logdir_recover(setup.dirs + i) == -1)
			_exit(111);
	while (go_on())
		;
	close_all();
	_exit(exit_code);
}
