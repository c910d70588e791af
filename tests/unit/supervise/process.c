/* Started, adopted, signalled: against real processes. */
#include "supervise/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define PROGRAM "./program"

static char const *const argv_of_program[] = {PROGRAM, "one", NULL};

/* What has been published, by children. */
static struct {
	struct process *child;
	int times;
	pid_t first_pid, last_pid;
	uint64_t born;
	bool too_late;
} said;

static bool
publish(void *data)
{
	said.child = data;
	if (said.times++ == 0) {
		said.first_pid = said.child->pid;
		said.born = process_born(said.child->pid);
	}
	said.last_pid = said.child->pid;
	said.too_late = said.too_late || access("executed", F_OK) == 0;
	return true;
}

static struct setup setup;

static struct process_plan
plan_of(int lock_fd)
{
	memset(&said, 0, sizeof said);
	setup = (struct setup){
	    .mask = 022, .lock_fd = lock_fd, .control_fd = -1, .ok_fd = -1};
	return (struct process_plan){.argv = argv_of_program,
	    .own_session = true,
	    .setup = &setup,
	    .notify_fd = -1,
	    .publish = publish};
}

static void
script(char const *text)
{
	int fd = open(PROGRAM, O_WRONLY | O_CREAT | O_TRUNC, 0700);

	CHECK(fd != -1);
	CHECK(write(fd, "#!/bin/sh\n", 10) == 10);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static int
some_lock(void)
{
	return open("lock", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static int
wait_for(pid_t pid)
{
	int status = -1;

	CHECK(waitpid(pid, &status, 0) == pid);
	return status;
}

static void
starts(struct process *child, struct process_plan *plan)
{
	plan->data = child;
	CHECK(process_start(child, plan) == 0 && plan->forked);
	CHECK(child->pid > 0 && !child->adopted && child->pidfd == -1);
}

static void
reads(char const *path, char const *want)
{
	char text[512] = "";
	int fd = open(path, O_RDONLY);

	CHECK(fd != -1 && read(fd, text, sizeof text - 1) >= 0);
	CHECK_STR(text, want);
	close(fd);
	unlink(path);
}

static void
test_start(void)
{
	struct process_plan plan = plan_of(some_lock());
	struct process child;

	script(">executed; echo $# $0 $1 >said; exit 7\n");
	starts(&child, &plan);
	CHECK(said.times == 1 && said.child == &child && !said.too_late);
	CHECK(said.first_pid == child.pid);
	CHECK(child.born && child.born == said.born);
	CHECK(child.born == process_born(child.pid));
	CHECK(fcntl(setup.lock_fd, F_GETFD) & FD_CLOEXEC);
	CHECK(wait_for(child.pid) == 7 << 8);
	reads("said", "1 ./program one\n");
	process_forget(&child);
	CHECK(child.pid == 0 && child.pidfd == -1);
	close(setup.lock_fd);
	unlink("executed");
	unit_done("process: published, and then executed with its arguments");
}

static bool
nobody_left(void)
{
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD;
}

static void
fails_to_execute(int want)
{
	struct process_plan plan = plan_of(some_lock());
	struct process child;

	plan.data = &child;
	CHECK(process_start(&child, &plan) == want && plan.forked);
	CHECK(said.times == 2 && said.first_pid > 0 && said.last_pid == 0);
	CHECK(child.pid == 0 && nobody_left());
	close(setup.lock_fd);
}

static void
test_exec_fails(void)
{
	unlink(PROGRAM);
	fails_to_execute(ENOENT);
	script("");
	CHECK(chmod(PROGRAM, 0600) == 0);
	fails_to_execute(EACCES);
	unlink(PROGRAM);
	unit_done("process: why it could not execute, and nothing to adopt");
}

static bool
cannot_say(void *data)
{
	publish(data);
	return false;
}

static bool
is_locked(void)
{
	int fd = some_lock();
	bool locked = flock(fd, LOCK_EX | LOCK_NB) == -1;

	CHECK(!locked || errno == EWOULDBLOCK);
	close(fd);
	return locked;
}

/* Its descriptor for notification may be where the lock is. */
static void
keeps_the_lock(bool known, bool collides)
{
	int lock_fd = some_lock(), notify[2];
	struct process_plan plan = plan_of(lock_fd);
	struct process child;
	char byte;

	script("trap 'exit 7' TERM; echo x >&9; while :; do sleep 1000; done");
	CHECK(flock(lock_fd, LOCK_EX | LOCK_NB) == 0);
	CHECK(pipe2(notify, O_CLOEXEC) == 0);
	plan.notify_fd = notify[1];
	plan.notify_as = 9;
	if (collides) {
		CHECK(dup2(lock_fd, 9) == 9);
		CHECK(fcntl(9, F_SETFD, FD_CLOEXEC) == 0);
		setup.lock_fd = 9;
	}
	if (!known)
		plan.publish = cannot_say;
	starts(&child, &plan);
	CHECK(read(notify[0], &byte, 1) == 1);
	close(lock_fd);
	if (collides)
		close(9);
	CHECK(is_locked() == !known);
	kill(-child.pid, SIGKILL);
	CHECK(wait_for(child.pid) == SIGKILL);
	/* What it has started has the lock as well until it is dead. */
	close(notify[1]);
	CHECK(flock(lock_fd = some_lock(), LOCK_EX) == 0);
	close(lock_fd);
	close(notify[0]);
}

static void
test_lock(void)
{
	keeps_the_lock(true, false);
	keeps_the_lock(true, true);
	keeps_the_lock(false, false);
	keeps_the_lock(false, true);
	unit_done("process: who cannot say who it is keeps the lock");
}

static bool
is_killed(void *data)
{
	publish(data);
	return kill(getpid(), SIGKILL) == 0;
}

static void
test_killed_before_it_executes(void)
{
	struct process_plan plan = plan_of(some_lock());
	struct process child;

	plan.publish = is_killed;
	plan.data = &child;
	CHECK(process_start(&child, &plan) == EINTR && plan.forked);
	CHECK(said.times == 1);
	CHECK(child.pid == 0 && nobody_left());
	CHECK(access("executed", F_OK) == -1);
	close(setup.lock_fd);
	unit_done("process: one that dies before it executes has died");
}

static bool
is_signalled(void *data)
{
	publish(data);
	kill(getpid(), SIGPIPE);
	kill(getpid(), SIGTERM);
	said.times++;
	return true;
}

/* Neither dies of it in between, nor is it lost; what is ignored is. */
static void
test_signalled_before_it_executes(void)
{
	struct process_plan plan = plan_of(some_lock());
	struct process child;

	script("exit 0\n");
	signal(SIGPIPE, SIG_IGN);
	plan.publish = is_signalled;
	starts(&child, &plan);
	signal(SIGPIPE, SIG_DFL);
	CHECK(said.times == 2);
	CHECK(wait_for(child.pid) == SIGTERM);
	close(setup.lock_fd);
	unit_done("process: a signal waits until it may act");
}

static int alone[2]; /* a pipe: the child waits for a byte */

static bool
is_alone(void *data)
{
	char byte;

	publish(data);
	kill(getppid(), SIGKILL);
	CHECK(read(alone[0], &byte, 1) == 1);
	return true;
}

static void
test_left_alone(void)
{
	int lock_fd = some_lock(), again;
	int done[2], control[2], ok[2], status;
	char byte;
	pid_t pid;

	script(">executed\n");
	CHECK(pipe2(alone, O_CLOEXEC) == 0 && pipe2(done, O_CLOEXEC) == 0);
	CHECK(pipe2(control, O_CLOEXEC) == 0 && pipe2(ok, O_CLOEXEC) == 0);
	signal(SIGPIPE, SIG_IGN);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct process_plan plan = plan_of(lock_fd);
		struct process child;

		if (flock(lock_fd, LOCK_EX | LOCK_NB) == 0) {
			plan.publish = is_alone;
			setup.control_fd = control[0];
			setup.ok_fd = ok[0];
			plan.notify_fd = done[1];
			plan.notify_as = lock_fd;
			starts(&child, &plan);
		}
		_exit(1);
	}
	close(done[1]);
	close(control[0]);
	close(ok[0]);
	close(lock_fd);
	CHECK(waitpid(pid, &status, 0) == pid && status == SIGKILL);
	again = some_lock();
	CHECK(flock(again, LOCK_EX | LOCK_NB) == -1);
	CHECK(write(control[1], "", 1) == -1 && errno == EPIPE);
	CHECK(write(ok[1], "", 1) == -1 && errno == EPIPE);
	CHECK(access("executed", F_OK) == -1);
	CHECK(write(alone[1], "", 1) == 1);
	CHECK(flock(again, LOCK_EX) == 0);
	CHECK(read(done[0], &byte, 1) == 0);
	CHECK(access("executed", F_OK) == 0);
	unlink("executed");
	signal(SIGPIPE, SIG_DFL);
	close(again);
	close(done[0]);
	close(control[1]);
	close(ok[1]);
	close(alone[0]);
	close(alone[1]);
	unit_done("process: goes on alone, and has but the lock until it "
		  "executes");
}

/* What the program executed by test_clean() says: itself, as shells clear their
 * mask. */
static int
say_how_started(void)
{
	FILE *out = fopen("said", "w");
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];

	if (!out || !status)
		return 1;
	while (fgets(line, sizeof line, status))
		if (strncmp(line, "Umask:", 6) == 0 ||
		    strncmp(line, "SigBlk:", 7) == 0 ||
		    strncmp(line, "SigIgn:", 7) == 0)
			fputs(line, out);
	fclose(status);
	for (int fd = 3; fd < 64; fd++)
		if (fd != fileno(out) && fcntl(fd, F_GETFD) != -1)
			fprintf(out, "descriptor %d\n", fd);
	fprintf(out, "session %s\n", getsid(0) == getpid() ? "own" : "other");
	return fclose(out);
}

static void
starts_clean(bool own_session, char const *want)
{
	static char const *const self[] = {"/proc/self/exe", "--say", NULL};
	struct process_plan plan = plan_of(some_lock());
	struct process child;
	sigset_t all, before;
	mode_t mask = umask(0);

	plan.argv = self;
	plan.own_session = own_session;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	signal(SIGUSR1, SIG_IGN);
	process_signals();
	starts(&child, &plan);
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);
	CHECK(umask(mask) == 0);
	CHECK(wait_for(child.pid) == 0);
	reads("said", want);
	close(setup.lock_fd);
}

static void
test_clean(void)
{
	starts_clean(true, "Umask:\t0022\nSigBlk:\t0000000000000000\n"
			   "SigIgn:\t0000000000000000\nsession own\n");
	starts_clean(false, "Umask:\t0022\nSigBlk:\t0000000000000000\n"
			    "SigIgn:\t0000000000000000\nsession other\n");
	unit_done("process: no signals, no descriptors, a session if wanted");
}

static void
says_on(int notify_as)
{
	struct process_plan plan = plan_of(some_lock());
	struct process child;
	char text[16] = "", program[64];
	int pipe_fds[2];

	snprintf(program, sizeof program, "echo ready >&%d\n", notify_as);
	script(program);
	CHECK(pipe2(pipe_fds, O_CLOEXEC) == 0);
	plan.notify_fd = pipe_fds[1];
	plan.notify_as = notify_as;
	starts(&child, &plan);
	close(pipe_fds[1]);
	CHECK(wait_for(child.pid) == 0);
	CHECK(read(pipe_fds[0], text, sizeof text - 1) == 6);
	CHECK_STR(text, "ready\n");
	CHECK(read(pipe_fds[0], text, 1) == 0);
	close(pipe_fds[0]);
	close(setup.lock_fd);
}

/* Also where the pipe or the lock are. */
static void
test_notification_fd(void)
{
	for (int fd = 3; fd < 10; fd++)
		says_on(fd);
	unit_done("process: the descriptor to say ready on, whichever it is");
}

static void
test_environment(void)
{
	struct process_plan plan = plan_of(some_lock());
	struct process child;

	script("echo $NOTIFY_SOCKET $WATCHDOG_USEC $BEFORE $AFTER >said\n"
	       "[ $WATCHDOG_PID = $$ ] || echo no >>said\n"
	       "env | grep -c NOTIFY_SOCKET= >>said\n");
	plan.notify_socket = "/some/socket";
	plan.watchdog_ms = UINT32_MAX;
	starts(&child, &plan);
	CHECK(wait_for(child.pid) == 0);
	reads("said", "/some/socket 4294967295000\n1\n");
	CHECK(!getenv("NOTIFY_SOCKET") && !getenv("WATCHDOG_USEC"));
	/* Those that are there already are replaced. */
	setenv("BEFORE", "before", 1);
	setenv("NOTIFY_SOCKET", "/another/socket", 1);
	setenv("AFTER", "after", 1);
	starts(&child, &plan);
	CHECK(wait_for(child.pid) == 0);
	reads("said", "/some/socket 4294967295000 before after\n1\n");
	CHECK_STR(getenv("NOTIFY_SOCKET"), "/another/socket");
	/* And left alone by a plan that does not speak of them. */
	plan.notify_socket = NULL;
	starts(&child, &plan);
	CHECK(wait_for(child.pid) == 0);
	reads("said", "/another/socket 4294967295000 before after\n1\n");
	unsetenv("BEFORE");
	unsetenv("NOTIFY_SOCKET");
	unsetenv("AFTER");
	close(setup.lock_fd);
	unit_done("process: what the environment tells it");
}

static pid_t
sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGTERM, SIG_DFL);
		for (;;)
			pause();
	}
	CHECK(pid > 0);
	return pid;
}

static void
test_adopt(void)
{
	struct process child;
	pid_t pid = sleeper();

	CHECK(process_adopt(&child, pid, process_born(pid)) == 1);
	CHECK(child.adopted && child.pid == pid);
	CHECK(process_lives(&child));
	CHECK(child.pidfd == -1 || fcntl(child.pidfd, F_GETFD) & FD_CLOEXEC);
	CHECK(process_signal(&child, SIGTERM, false) == 0);
	CHECK(wait_for(pid) == SIGTERM);
	CHECK(!process_lives(&child));
	errno = 0;
	CHECK(process_signal(&child, SIGTERM, false) == -1 && errno == ESRCH);
	errno = 0;
	CHECK(process_signal(&child, SIGTERM, true) == -1 && errno == ESRCH);
	process_forget(&child);
	CHECK(!child.adopted && child.pidfd == -1);
	unit_done("process: adopted, signalled, and seen to die");
}

/* Dead, but not reaped by its parent. */
static void
test_adopt_a_zombie(void)
{
	struct process child = PROCESS_NONE;
	siginfo_t info;
	pid_t pid = sleeper();
	uint64_t born = process_born(pid);

	kill(pid, SIGKILL);
	CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
	CHECK(process_adopt(&child, pid, born) == 0);
	CHECK(child.pid == 0);
	wait_for(pid);
	CHECK(process_adopt(&child, pid, born) == 0);
	unit_done("process: the dead are not adopted");
}

static void
test_adopt_a_stranger(void)
{
	struct process child = PROCESS_NONE;
	pid_t pid = sleeper();
	uint64_t born = process_born(pid);

	CHECK(born > 1);
	CHECK(process_adopt(&child, pid, born + 1) == 0);
	CHECK(process_adopt(&child, pid, born - 1) == 0);
	CHECK(process_adopt(&child, pid, 0) == 0);
	CHECK(child.pid == 0);
	/* Nothing was left open. */
	CHECK(waitpid(pid, NULL, WNOHANG) == 0);
	kill(pid, SIGKILL);
	wait_for(pid);
	unit_done("process: a process that has only inherited the pid");
}

static int
waits(void *data)
{
	(void)data;
	for (;;)
		pause();
	return 0;
}

/* A second thread of this process.  Its pid. */
static pid_t
thread(void)
{
	static max_align_t stack[4096];
	pid_t tid = clone(waits, stack + sizeof stack / sizeof *stack,
	    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
		CLONE_SYSVSEM,
	    NULL);

	CHECK(tid > 0);
	return tid;
}

/* A process with two threads, of which the first may end. */
static pid_t
threads(bool first_ends, pid_t *second)
{
	int ends[2];
	pid_t pid;

	CHECK(pipe(ends) == 0);
	pid = fork();
	if (pid == 0) {
		*second = thread();
		CHECK(write(ends[1], second, sizeof *second) > 0);
		if (first_ends)
			syscall(SYS_exit, 0);
		waits(NULL);
	}
	CHECK(read(ends[0], second, sizeof *second) == sizeof *second);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static void
test_threads(void)
{
	struct process child = PROCESS_NONE;
	pid_t second, pid = threads(false, &second);

	/* The pid that a process had is that of a thread. */
	CHECK(process_adopt(&child, second, process_born(pid) - 1) == 0);
	kill(pid, SIGKILL);
	wait_for(pid);
	/* A process lives as long as one of its threads. */
	pid = threads(true, &second);
	for (int ms = 0; ms < 30000 && process_state(pid) != 'Z'; ms++)
		usleep(1000);
	CHECK(process_adopt(&child, pid, process_born(pid)) == 1);
	kill(pid, SIGKILL);
	wait_for(pid);
	process_forget(&child);
	unit_done("process: its threads");
}

/* With no descriptor for the pidfd, and with none for its time of birth. */
static void
test_adopt_what_cannot_be_looked_at(void)
{
	struct process child = PROCESS_NONE;
	pid_t pid = sleeper();
	uint64_t born = process_born(pid);
	struct rlimit before, few;
	int fd = dup(0);

	close(fd);
	CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
	few = before;
	for (int spare = 0; spare < 2; spare++) {
		few.rlim_cur = (rlim_t)(fd + spare);
		CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
		errno = 0;
		CHECK(process_adopt(&child, pid, born) == -1);
		CHECK(errno == EMFILE && child.pid == 0);
	}
	setrlimit(RLIMIT_NOFILE, &before);
	CHECK(dup(0) == fd);
	close(fd);
	kill(pid, SIGKILL);
	wait_for(pid);
	unit_done("process: what cannot be looked at may live");
}

/* Where there is no pidfd the moment of birth has to do. */
static void
test_without_pidfd(void)
{
	pid_t pid = sleeper();
	struct process child = {.pid = pid,
	    .born = process_born(pid),
	    .pidfd = -1,
	    .adopted = true};
	struct process reused = child;

	reused.born++;
	CHECK(process_lives(&child));
	CHECK(!process_lives(&reused));
	errno = 0;
	CHECK(process_signal(&reused, SIGKILL, false) == -1 && errno == ESRCH);
	CHECK(process_signal(&reused, SIGKILL, true) == -1 && errno == ESRCH);
	CHECK(waitpid(pid, NULL, WNOHANG) == 0);
	CHECK(process_signal(&child, SIGTERM, false) == 0);
	CHECK(wait_for(pid) == SIGTERM);
	CHECK(!process_lives(&child));
	unit_done("process: without a pidfd nobody else is signalled");
}

static void
test_group(void)
{
	struct process_plan plan = plan_of(some_lock());
	struct process child;
	char byte;
	int alive[2];

	script("sleep 1000 & echo x >&4; exec sleep 1000\n");
	CHECK(pipe2(alive, 0) == 0);
	plan.notify_fd = alive[1];
	plan.notify_as = 4;
	starts(&child, &plan);
	close(alive[1]);
	CHECK(read(alive[0], &byte, 1) == 1 && read(alive[0], &byte, 1) == 1);
	CHECK(process_signal(&child, SIGTERM, true) == 0);
	CHECK(wait_for(child.pid) == SIGTERM);
	/* Both have closed it. */
	CHECK(read(alive[0], &byte, 1) == 0);
	close(alive[0]);
	close(setup.lock_fd);
	/* One that leads no group is signalled alone. */
	plan.own_session = false;
	plan.notify_fd = -1;
	setup.lock_fd = some_lock();
	script("exec sleep 1000\n");
	starts(&child, &plan);
	CHECK(getpgid(child.pid) == getpgrp());
	CHECK(process_signal(&child, SIGTERM, true) == 0);
	CHECK(wait_for(child.pid) == SIGTERM);
	close(setup.lock_fd);
	unit_done("process: a signal for the group");
}

int
main(int argc, char **argv)
{
	char dir[] = "/tmp/upkeep.unit.XXXXXX";

	if (argc == 2 && strcmp(argv[1], "--say") == 0)
		return say_how_started();
	/* What whoever runs the tests has left open. */
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	if (!mkdtemp(dir) || chdir(dir) == -1)
		return 1;
	test_start();
	test_exec_fails();
	test_lock();
	test_killed_before_it_executes();
	test_signalled_before_it_executes();
	test_left_alone();
	test_clean();
	test_notification_fd();
	test_environment();
	test_adopt();
	test_adopt_a_zombie();
	test_adopt_a_stranger();
	test_threads();
	test_adopt_what_cannot_be_looked_at();
	test_without_pidfd();
	test_group();
	unlink(PROGRAM);
	unlink("lock");
	if (chdir("/") == -1 || rmdir(dir) == -1)
		return 1;
	return unit_exit();
}
