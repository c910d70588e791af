/*
 * Any life of a service: letters, datagrams, deaths, time, signals and kill -9
 * of supervise in any order, through the program's own code.  Only the world
 * around it is replaced: its processes, its files, the clock.  Nothing runs
 * twice or against the last wish, nobody else is signalled, the report can
 * always be read, and in the end the service goes down and comes up as asked.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/posixplz.h>

#include "tests/fuzz/fuzz.h"

static int fuzz_open(char const *name, int flags);
static ssize_t fuzz_read(int fd, char *to, size_t size);
static ssize_t fuzz_receive(int fd, struct msghdr *message);
static int fuzz_access(char const *name);
static int fuzz_clock(clockid_t clock, struct timespec *time);

enum { FIFO = 100, SOCKET, CONTROL };

#define open2			    fuzz_open
#define openc_read(name)	    fuzz_open(name, 0)
#define fd_read			    fuzz_read
#define fd_close(fd)		    (void)(fd)
#define recvmsg(fd, message, flags) fuzz_receive(fd, message)
#define access(name, how)	    fuzz_access(name)
#define clock_gettime		    fuzz_clock
#define mkfifo(name, mode)	    (errno = EEXIST, -1)
#define unlink_void(name)	    (void)(name)
#define socket(family, type, how)   SOCKET
#define bind(fd, address, len)	    (0 * (int)(len))
#define setsockopt(a, b, c, d, e)   (0 * (a) * *(d))
#define message_say		    fuzz_say
#define message_warn_once	    fuzz_warn
#define message_fatal		    fuzz_fatal
#define message_cause		    fuzz_cause
#define options_read		    options_from_files
#include "supervise/options.c"
#undef options_read
char const *options_read(
    struct options *options, char complaints[OPTIONS_COMPLAINTS]);
#include "supervise/report.h"
static int fuzz_report(struct report *report);
#define report_read fuzz_report
#define lstat	    fuzz_stat
static int fuzz_stat(char const *name, struct stat *st);
#include "supervise/adopt.c"
#undef lstat
#include "supervise/finish.c"
#define look look_at_service
/* The FIFO is one. */
#define fstat(fd, st) ((st)->st_mode = S_IFIFO, 0)
#include "supervise/ready.c"
#undef fstat
#include "supervise/run.c"
#include "supervise/status.c"
#define main supervise_main
int supervise_main(int argc, char **argv);
#include "supervise/supervise.c"
#undef main
#include "supervise/timer.c"

#define FIRST_PID 5000000 /* of no process on any system */
#define NOW	  1795261057

static struct input in;
static jmp_buf killed;

/* What outlives a supervise. */
static struct {
	pid_t pid; /* the last process */
	bool alive, stopped, is_run;
	bool may_start; /* wanted, by the last wish */
	bool down_file, once_file, has_finish;
	struct options options;
	char file[2][REPORT_LONGEST];
	size_t file_len[2];
	uint64_t ms;
} world;

static char unread[256]; /* letters, or what the service says */
static size_t unread_len;

static void
spend(uint64_t ms)
{
	world.ms += ms;
}

static int
fuzz_clock(clockid_t clock, struct timespec *time)
{
	*time = (struct timespec){
	    (time_t)(world.ms / 1000) + 100, (long)(world.ms % 1000) * 1000000};
	if (clock == CLOCK_REALTIME)
		time->tv_sec += NOW;
	return 0;
}

static int
fuzz_open(char const *name, int flags)
{
	(void)flags;
	if (strcmp(name, NOTIFY_FIFO) == 0)
		return FIFO;
	errno = ENOENT;
	return -1;
}

static int
fuzz_report(struct report *report)
{
	int result;

	errno = ENOENT;
	if (!world.file_len[0])
		return -1;
	result = report_parse(report, world.file[0], world.file_len[0]);
	report->owner = geteuid();
	return result;
}

static int
fuzz_stat(char const *name, struct stat *st)
{
	CHECK(strcmp(name, REPORT_FILE) == 0);
	errno = ENOENT;
	*st = (struct stat){.st_mode = S_IFREG,
	    .st_size = (off_t)world.file_len[0],
	    .st_mtime = NOW};
	return world.file_len[0] ? 0 : -1;
}

static ssize_t
fuzz_read(int fd, char *to, size_t size)
{
	size_t n = unread_len;

	CHECK(n <= size && (fd == CONTROL || fd == FIFO));
	errno = EAGAIN;
	if (!n)
		return -1;
	memcpy(to, unread, n);
	unread_len = 0;
	return (ssize_t)n;
}

static ssize_t
fuzz_receive(int fd, struct msghdr *message)
{
	size_t n = unread_len;

	CHECK(fd == SOCKET);
	errno = EAGAIN;
	if (!n)
		return -1;
	memcpy(message->msg_iov->iov_base, unread, n);
	message->msg_controllen = 0;
	unread_len = 0;
	return (ssize_t)n;
}

static int
fuzz_access(char const *name)
{
	errno = ENOENT;
	if (strcmp(name, "once") == 0)
		return world.once_file ? 0 : -1;
	CHECK(strcmp(name, "./finish") == 0);
	return world.has_finish ? 0 : -1;
}

char const *
options_read(struct options *options, char complaints[OPTIONS_COMPLAINTS])
{
	complaints[0] = 0;
	*options = world.options;
	errno = EIO;
	return next(&in) == 255 ? "watchdog" : NULL;
}

/* Words to people. */
void
message_say(char const *name, char const *rest, char const *text)
{
	(void)name, (void)rest;
	CHECK(*text);
}

void
message_warn_once(int *last, struct message const *message)
{
	*last = message->error;
}

void
message_fatal(struct message const *message)
{
	(void)message;
	abort();
}

char const *
message_cause(char const *program, int error)
{
	(void)program, (void)error;
	return "";
}

int
publish(struct published *file, char const *text, size_t len)
{
	bool is_report = strcmp(file->name, REPORT_FILE) == 0;
	struct report r;

	if (strcmp(file->name, CONTROL_FINAL) == 0) {
		errno = ENOSPC;
		return next(&in) % 4 == 3 ? -1 : 0;
	}
	if (is_report)
		CHECK(report_parse(&r, text, len) == 0);
	CHECK(is_report || len == STATUS_SIZE);
	memcpy(world.file[!is_report], text, len);
	world.file_len[!is_report] = len;
	return 0;
}

int
setup_open(struct setup *setup)
{
	*setup = (struct setup){.down_file = world.down_file,
	    .control_fd = CONTROL,
	    .ok_fd = -1,
	    .spare_fd = -1};
	return 0;
}

int
setup_failed(struct setup *setup, char const *verb, char const *object)
{
	(void)setup;
	(void)verb;
	(void)object;
	return -1;
}

int
setup_show(struct setup *setup)
{
	setup->ok_fd = CONTROL;
	return 0;
}

void
setup_spend(struct setup *setup)
{
	(void)setup;
}

void
setup_regain(struct setup *setup)
{
	(void)setup;
}

/* The processes. */

static uint64_t
born(pid_t pid)
{
	return pid == 1 ? 5 : (uint64_t)pid + 7;
}

int
process_start(struct process *child, struct process_plan *plan)
{
	bool is_run = strcmp(plan->argv[0], "./run") == 0;
	unsigned char how = next(&in) % 16;

	CHECK(!world.alive);
	CHECK(!is_run || world.may_start);
	CHECK(child->pid == 0);
	plan->forked = how != 15;
	if (how == 15)
		return EAGAIN;
	child->pid = ++world.pid;
	child->born = born(world.pid);
	CHECK(plan->publish(plan->data));
	if (how == 14) {
		child->pid = 0;
		plan->publish(plan->data);
		return EACCES;
	}
	world.alive = true;
	world.stopped = false;
	world.is_run = is_run;
	/* kill -9 of supervise, while the child executes. */
	if (how == 13)
		longjmp(killed, 1);
	return 0;
}

int
process_adopt(struct process *child, pid_t pid, uint64_t when)
{
	errno = ENFILE;
	if (next(&in) == 255)
		return -1;
	if (!world.alive)
		return 0;
	CHECK(pid == world.pid && when == born(pid));
	*child = (struct process){pid, when, -1, true};
	return 1;
}

int
process_lives(struct process const *child)
{
	CHECK(child->pid == world.pid);
	return world.alive;
}

char
process_state(pid_t pid)
{
	return pid != world.pid || !world.alive ? 0 : world.stopped ? 'T' : 'S';
}

int
process_signal(struct process const *child, int signal, bool group)
{
	(void)group;
	CHECK(child->pid && child->pid == world.pid);
	CHECK(signal > 0 && signal < NSIG);
	errno = world.alive ? ENFILE : ESRCH;
	if (!world.alive || next(&in) == 255)
		return -1;
	if (signal == SIGKILL)
		world.alive = false;
	if (signal == SIGSTOP || signal == SIGCONT)
		world.stopped = signal == SIGSTOP;
	return 0;
}

void
process_forget(struct process *child)
{
	*child = PROCESS_NONE;
}

uint64_t
process_born(pid_t pid)
{
	return born(pid);
}

int
process_user(pid_t pid, uid_t *uid)
{
	(void)pid, (void)uid;
	return -1;
}

bool
process_is_hidden(int error)
{
	return error == ENOENT;
}

int
process_is_below(pid_t pid, pid_t ancestor)
{
	(void)pid, (void)ancestor;
	return next(&in) % 8 != 7;
}

void
process_note(struct process_notes *notes, pid_t ancestor)
{
	(void)ancestor;
	notes->len = next(&in) % 4 == 3;
}

int
process_leftovers(struct leftovers *found, int signal)
{
	unsigned char who = next(&in);

	(void)signal;
	found->count = who & 3;
	found->left = who & 4 ? found->count : 0;
	found->away = who & 8;
	errno = EMFILE;
	return who == 255 ? -1 : 0;
}

void
process_signals(void)
{
}

/* What happens. */

static void
begin_anew(void)
{
	enum leave left = service.state.leave;

	if (left != LEAVE_NO && !world.down_file)
		world.may_start = true;
	if (left == LEAVE_EXIT && over)
		CHECK(!world.alive);
	do {
		service = (struct service){.name = "blog"};
		over = final = false;
		setup_open(&service.setup);
		service.process = PROCESS_NONE;
		service.notify = NOTIFY_NONE;
		service.report = PUBLISHED(REPORT_FILE);
		service.status = PUBLISHED(STATUS_FILE);
		service.final = PUBLISHED(CONTROL_FINAL);
	} while (adopt_all(&service) == -1);
	CHECK(!world.alive || service.process.pid == world.pid);
	feed(adopt_begin(&service));
	publish_all();
}

static void
ends(int wait_status)
{
	bool ours = service.process.pid && !service.process.adopted;

	world.alive = false;
	if (ours)
		ended(&wait_status);
}

static void
stops(bool stopped)
{
	if (!world.alive || world.stopped == stopped)
		return;
	world.stopped = stopped;
	if (service.process.pid == world.pid && !service.process.adopted)
		feed(state_event(stopped ? EVENT_STOPPED : EVENT_CONTINUED));
}

static void
obey(char letter)
{
	if (letter == 'u' || letter == 'o' || letter == 'r')
		world.may_start = true;
	if (letter == 'd')
		world.may_start = false;
	unread[0] = letter;
	unread_len = 1;
	read_control();
}

static void
say_something(void)
{
	size_t len = next(&in);

	if (service.state.phase != PHASE_UP)
		return;
	unread_len = take(&in, unread, len);
	feed(ready_listen(&service));
	unread_len = 0;
}

static void
check(void)
{
	struct status s;

	CHECK(status_unpack(&s, world.file[1], STATUS_SIZE) == 0);
	CHECK(!s.pid || (pid_t)s.pid == service.process.pid);
	CHECK(!service.process.pid || service.process.pid == world.pid);
	CHECK(!world.alive || service.process.pid == world.pid);
	if (over && service.state.leave == LEAVE_EXIT)
		CHECK(!world.alive);
}

static void
look_on(void)
{
	/* It was killed by us. */
	if (!world.alive && service.process.pid && !service.process.adopted)
		ends(SIGKILL);
	look_at_adopted();
	feed(finish_clear(&service));
	pass_time();
	publish_all();
	check();
	if (over)
		begin_anew();
}

static void
happen(unsigned char what)
{
	static char const letters[] = "udoxrtkpchaiq12b+=";

	if (what < sizeof letters - 1) {
		obey(letters[what]);
		return;
	}
	switch (what - (sizeof letters - 1)) {
	case 0:
		obey((char)next(&in));
		break;
	case 1:
	case 2:
		if (world.alive)
			ends(next(&in) << 8);
		break;
	case 3:
		if (world.alive)
			ends(1 + next(&in) % 31);
		break;
	case 4:
	case 5:
		spend(next(&in) * 50U);
		break;
	case 6:
	case 7:
		say_something();
		break;
	case 8:
		begin_anew();
		break;
	case 9:
		world.alive = false;
		begin_anew();
		break;
	case 10:
		stops(next(&in) & 1);
		break;
	case 11:
		world.may_start = false;
		feed(state_event(EVENT_DOWN));
		feed(state_event(EVENT_EXIT));
		break;
	case 12:
		feed(state_event(EVENT_REPLACE));
		break;
	default:
		spend(1);
		break;
	}
}

static void
choose(void)
{
	unsigned char files = next(&in);
	struct options *o = &world.options;

	memset(&world, 0, sizeof world);
	world.pid = FIRST_PID;
	world.down_file = files & 1;
	world.once_file = files & 2;
	world.has_finish = files & 4;
	world.may_start = !world.down_file;
	*o = defaults;
	o->essential = files >> 3 & 1;
	o->notify_socket = files >> 4 & 1;
	o->notification_fd = files & 32 ? 3 : 0;
	o->no_setsid = files >> 6 & 1;
	files = next(&in);
	o->kill_mode = files % 3;
	o->timeout_kill_ms = files & 4 ? 3000 : 0;
	o->timeout_ready_ms = files & 8 ? 2000 : 0;
	o->ready_after_ms =
	    files & 16 && !o->notification_fd && !o->notify_socket ? 700 : 0;
	o->watchdog_ms = files & 32 ? 1000 : 0;
	o->restart_max_ms = files & 64 ? 8000 : 1000;
	o->limit_secs = files & 128 ? 60 : 0;
	o->limit_deaths = 2;
}

/* Whatever has happened: down when it must be, and up when it must be. */
static void
come_to_an_end(void)
{
	in.left = 0;
	/* With an essential service that is down for good, svscan exits. */
	final = false;
	world.options.essential = service.options.essential = 0;
	if (service.state.leave != LEAVE_NO)
		world.alive = false;
	for (int i = 0; i < 20 && service.state.leave != LEAVE_NO; i++) {
		spend(10000);
		look_on();
	}
	CHECK(service.state.leave == LEAVE_NO);
	obey('d');
	world.alive = false;
	for (int i = 0; i < 20; i++) {
		spend(10000);
		look_on();
		world.alive = false;
	}
	CHECK(service.state.phase == PHASE_DOWN);
	world.once_file = false;
	obey('u');
	for (int i = 0; i < 3; i++) {
		look_on();
		spend(1000);
	}
	CHECK(world.alive && world.is_run);
	CHECK(service.state.phase == PHASE_UP);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	in = (struct input){data, size};
	service.state.leave = LEAVE_NO;
	choose();
	setjmp(killed);
	begin_anew();
	while (in.left) {
		happen(next(&in) % 32);
		look_on();
	}
	come_to_an_end();
	return 0;
}
