/*
 * kill_at [-cdfl] [-s NAME] [-e ERROR [-o MS] | -g SIGNAL] REPORT N
 *         PROGRAM [ARGUMENT...]
 * kill_at [-cf] [-s NAME] [-e ERROR [-o MS] | -g SIGNAL] -p PID REPORT N
 *
 * Runs a program, or takes hold of a process that runs, and kills it with
 * SIGKILL as it enters its N-th system call (N = 0: never), or with -s its N-th
 * call of that name.  With -e the call fails instead, with what is named, and
 * has done nothing; or, with -e short, it reads or writes one byte.  With -o
 * all calls of that name fail for so long.  With -g the process gets that
 * signal instead.  A program that it executes in its place runs on alone.  With
 * -l nothing is done, but told what could be, from the list in calls.h.  With
 * -d the count begins at the first chdir.
 *
 * What a child of vfork(2) does until it executes counts as well: the process
 * is killed then, and the child goes on alone.  With -c nothing else counts,
 * and it is the child that is killed.  With -f the same is true of children of
 * fork(2).  No other children are looked at.
 *
 * REPORT gets a line for each of these, at once:
 *
 * - ready: from here on calls are counted
 * - killed N CALL: it is about to die, or gets the signal; CALL is the number
 *   of the call
 * - failed N CALL: that call has failed
 * - spared N CALL: that call does not fail with this
 * - call NAME N E...: when it is over: of this name there were N, and they may
 *   fail with E (see calls.h)
 * - count N: the calls seen, when it is over
 * - denied WORDS: nobody may trace here
 *
 * Ends with the program's exit code, 128 and the signal if it was killed, 77
 * if it was denied.  TERM lets the process go on alone.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__

#include <elf.h>
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/tool/calls.h"

static pid_t pid;   /* the process */
static pid_t child; /* of vfork or fork, until it has executed; or 0 */
static FILE *report;
static unsigned long target; /* the call that is meant, 0 none */
static unsigned long count;  /* of those that may be meant */
static unsigned long seen;
static char const *error; /* what it fails with, none: it is killed */
static int error_number;  /* of that, 0: it is short */
static int kill_signal = SIGKILL;
static char const *only; /* only calls of that name count, or all */
static long outage_ms;	 /* so long all of them fail */
static struct timespec outage_end;
static bool counting; /* the calls are the program's own */
static bool is_ready;
static bool from_chdir; /* they are counted from the first chdir on */
static pid_t failing;	/* whose call that is under way is to fail, or 0 */
static bool listing;	/* what could fail */
static bool of_child;	/* its calls count, and it is killed */
static bool of_fork;	/* children of fork are looked at, too */
static long whole;	/* of what is cut short in truth */
static bool letting_go; /* as soon as it stops */

static void
say(char const *word, long call)
{
	fprintf(report, "%s %lu", word, count);
	if (call != -1)
		fprintf(report, " %ld", call);
	fprintf(report, "\n");
	fflush(report);
}

static _Noreturn void
give_up(char const *what)
{
	fprintf(report, "denied %s: %s\n", what, strerror(errno));
	if (pid > 0 && counting == false)
		kill(pid, SIGKILL);
	exit(77);
}

#if defined(__x86_64__)

#define CAN_FAIL 1

static void
set_user(pid_t who, size_t offset, long value)
{
	ptrace(PTRACE_POKEUSER, who, offset, value);
}

static void
cancel_call(pid_t who)
{
	set_user(who, offsetof(struct user_regs_struct, orig_rax), -1);
}

static void
set_length(pid_t who, long value)
{
	set_user(who, offsetof(struct user_regs_struct, rdx), value);
}

static void
set_result(pid_t who, long value)
{
	set_user(who, offsetof(struct user_regs_struct, rax), value);
}

#elif defined(__aarch64__)

#define CAN_FAIL 1

static void
cancel_call(pid_t who)
{
	int none = -1;
	struct iovec v = {&none, sizeof none};

	ptrace(PTRACE_SETREGSET, who, NT_ARM_SYSTEM_CALL, &v);
}

static void
set_register(pid_t who, int n, long value)
{
	struct user_regs_struct regs;
	struct iovec v = {&regs, sizeof regs};

	ptrace(PTRACE_GETREGSET, who, NT_PRSTATUS, &v);
	regs.regs[n] = (unsigned long long)value;
	ptrace(PTRACE_SETREGSET, who, NT_PRSTATUS, &v);
}

static void
set_length(pid_t who, long value)
{
	set_register(who, 2, value);
}

static void
set_result(pid_t who, long value)
{
	set_register(who, 0, value);
}

#else

#define CAN_FAIL 0

static void
cancel_call(pid_t who)
{
	(void)who;
}

static void
set_length(pid_t who, long value)
{
	(void)who;
	(void)value;
}

static void
set_result(pid_t who, long value)
{
	(void)who;
	(void)value;
}

#endif

static unsigned long counts[sizeof calls / sizeof *calls];

static bool
set_error(char const *name)
{
	error_number = 0;
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (strcmp(errors[i].name, name) == 0)
			error_number = errors[i].error;
	error = name;
	return error_number || strcmp(name, "short") == 0;
}

static bool
lists(char const *words, char const *word)
{
	size_t len = strlen(word);

	while ((words = strstr(words, word)) && words[len] && words[len] != ' ')
		words += len;
	return words != NULL;
}

/* The descriptor may be of a kind for which there is no such error. */
static bool
data_may_fail(pid_t who, int fd, long length)
{
	char path[64], line[64];
	struct stat st;
	unsigned flags = 0;
	bool piped, regular;
	FILE *info;

	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)who, fd);
	if (stat(path, &st) == -1)
		return false;
	piped = S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode);
	regular = S_ISREG(st.st_mode);
	if (!error_number) /* no part of what a pipe takes at once, nor an event
			    */
		return length > 1 && (regular || (piped && length > 4096));
	if (error_number == EPIPE)
		return piped;
	if (error_number == EIO)
		return !piped && st.st_mode & S_IFMT;
	if (error_number == ENOSPC || error_number == EDQUOT ||
	    error_number == EFBIG)
		return regular;
	if (error_number != EAGAIN)
		return true;
	snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)who, fd);
	if (!(info = fopen(path, "re")))
		return false;
	while (fgets(line, sizeof line, info))
		if (sscanf(line, "flags: %o", &flags) == 1)
			break;
	fclose(info);
	return flags & O_NONBLOCK;
}

static bool
opening_may_fail(int flags)
{
	return flags & (O_WRONLY | O_RDWR | O_CREAT) ||
	       (error_number != EROFS && error_number != ENOSPC &&
		   error_number != EDQUOT && error_number != EPERM);
}

static bool
may_fail(pid_t who, struct call const *call, uint64_t const args[])
{
	if (!call || !lists(call->errors, error))
		return false;
	switch (call->number) {
#ifdef SYS_open
	case SYS_open:
		return opening_may_fail((int)args[1]);
	case SYS_poll:
#endif
	case SYS_ppoll: /* that of none takes no memory */
		return args[1] > 0 || !strcmp(error, "EINTR");
	case SYS_openat:
		return opening_may_fail((int)args[2]);
	case SYS_fcntl:
		return args[1] == F_DUPFD || args[1] == F_DUPFD_CLOEXEC;
	case SYS_read:
	case SYS_readv:
	case SYS_pread64:
	case SYS_write:
	case SYS_writev:
	case SYS_pwrite64:
		return data_may_fail(who, (int)args[0], (long)args[2]);
	}
	return true;
}

static void
list(pid_t who, struct call const *call, uint64_t const args[])
{
	char words[128];

	counts[call - calls]++;
	strcpy(words, call->errors);
	for (char *w = strtok(words, " "); w; w = strtok(NULL, " "))
		if (set_error(w) && may_fail(who, call, args))
			fprintf(report, "may %s %lu %s\n", call->name,
			    counts[call - calls], w);
	error = NULL;
}

static void
fail(pid_t who, long call, uint64_t const args[])
{
	failing = who;
	if (!error_number) {
		whole = (long)args[2];
		set_length(who, 1);
	} else if (call != SYS_close) { /* that one has closed all the same */
		cancel_call(who);
	}
}

static bool
is_outage(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (count == target) {
		outage_end = now;
		outage_end.tv_sec += outage_ms / 1000;
		outage_end.tv_nsec += outage_ms % 1000 * 1000000;
	}
	return (outage_end.tv_sec - now.tv_sec) * 1000000000 +
		   outage_end.tv_nsec - now.tv_nsec >
	       0;
}

static void
enters(pid_t who, long number, uint64_t const args[])
{
	struct call const *call = NULL;

	if (from_chdir && number != SYS_chdir)
		return;
	from_chdir = false;
	if (of_child && who != child)
		return;
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (calls[i].number == number)
			call = calls + i;
	if (listing && call)
		list(who, call, args);
	seen++;
	if (only && (!call || strcmp(only, call->name) != 0))
		return;
	count++;
	if (outage_ms && target && count >= target && is_outage() &&
	    may_fail(who, call, args)) {
		if (count == target)
			say("failed", number);
		fail(who, number, args);
		return;
	}
	if (count != target)
		return;
	if (!error) {
		say("killed", number);
		kill(of_child ? child : pid, kill_signal);
	} else if (!may_fail(who, call, args)) {
		say("spared", number);
	} else {
		fail(who, number, args);
		say("failed", number);
	}
}

static void
look_at_call(pid_t who)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, who, sizeof info, &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY && counting) {
		enters(who, (long)info.entry.nr, info.entry.args);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && failing == who) {
		failing = 0;
		if (error_number)
			set_result(who, -error_number);
		else
			set_length(who, whole);
	}
}

static void
let_go(pid_t who, int sig)
{
	ptrace(PTRACE_DETACH, who, 0, sig);
	if (who == child) {
		child = 0;
		return;
	}
	count = seen;
	say("count", -1);
	exit(0);
}

/* A process has stopped: what for, and on with it. */
static void
look_at_stop(pid_t who, int status)
{
	int sig = WSTOPSIG(status);
	int event = status >> 16;
	int how = PTRACE_SYSCALL;
	bool executed = event == PTRACE_EVENT_EXEC;

	if (sig == (SIGTRAP | 0x80)) {
		look_at_call(who);
		sig = 0;
	} else if (event == PTRACE_EVENT_STOP) {
		/* A stop that lasts, or our own interruption. */
		if (sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN ||
		    sig == SIGTTOU)
			how = PTRACE_LISTEN;
		sig = 0;
	} else if (event) {
		sig = 0;
	}
	if (executed && who == pid) {
		/* What it executes itself is another program. */
		counting = !is_ready;
		if (counting)
			say("ready", -1);
		is_ready = true;
	}
	if ((letting_go && failing != who) || (executed && who == child))
		let_go(who, sig);
	else
		ptrace(how, who, 0, sig);
}

static int
follow(sigset_t const *awaited)
{
	int status, sig;
	pid_t who;

	for (;;) {
		while ((who = waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
			/* It may be here before its parent has said so. */
			if (who != pid)
				child = who;
			if (WIFSTOPPED(status)) {
				look_at_stop(who, status);
				continue;
			}
			if (who == child) {
				child = 0;
				continue;
			}
			/* A child goes on when we end. */
			count = seen;
			say("count", -1);
			return WIFEXITED(status) ? WEXITSTATUS(status)
						 : 128 + WTERMSIG(status);
		}
		sig = sigwaitinfo(awaited, NULL);
		if (sig == SIGTERM) {
			letting_go = true;
			ptrace(PTRACE_INTERRUPT, pid, 0, 0);
		}
	}
}

static void
seize(void)
{
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC |
		       PTRACE_O_TRACEVFORK | (of_fork ? PTRACE_O_TRACEFORK : 0);

	if (ptrace(PTRACE_SEIZE, pid, 0, options) == -1)
		give_up("ptrace");
}

static void
take(void)
{
	int status;

	seize();
	if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) == -1 ||
	    waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		give_up("ptrace");
	counting = true;
	is_ready = true;
	say("ready", -1);
	look_at_stop(pid, status);
}

/* It waits for us to have hold of it before it executes the program. */
static void
start(char **argv, sigset_t const *mask)
{
	int go[2];
	char c;

	if (pipe(go) == -1 || (pid = fork()) == -1)
		give_up("fork");
	if (pid == 0) {
		close(go[1]);
		if (read(go[0], &c, 1) != 0)
			_exit(111);
		close(go[0]);
		fclose(report);
		sigprocmask(SIG_SETMASK, mask, NULL);
		execvp(argv[0], argv);
		_exit(111);
	}
	close(go[0]);
	seize();
	if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) == -1)
		give_up("ptrace");
	close(go[1]);
}

static bool
set_signal(char const *name)
{
	static struct {
		char const *name;
		int number;
	} const signals[] = {{"ALRM", SIGALRM}, {"CHLD", SIGCHLD},
	    {"CONT", SIGCONT}, {"HUP", SIGHUP}, {"INT", SIGINT},
	    {"TERM", SIGTERM}, {"USR1", SIGUSR1}};

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		if (strcmp(signals[i].name, name) == 0)
			kill_signal = signals[i].number;
	return kill_signal != SIGKILL;
}

static bool
parse(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "+cde:fg:lo:p:s:")) != -1) {
		if (option == 'c')
			of_child = true;
		else if (option == 'd')
			from_chdir = true;
		else if (option == 'f')
			of_fork = true;
		else if (option == 'l')
			listing = true;
		else if (option == 'o')
			outage_ms = atol(optarg);
		else if (option == 'p')
			pid = (pid_t)atol(optarg);
		else if (option == 's')
			only = optarg;
		else if (option == 'e' && set_error(optarg))
			;
		else if (option != 'g' || !set_signal(optarg))
			return false;
	}
	return true;
}

int
main(int argc, char **argv)
{
	sigset_t awaited, before;

	if (!parse(argc, argv))
		return 100;
	argv += optind;
	if (!argv[0] || !argv[1] || !argv[2] != (pid > 0) ||
	    !(report = fopen(argv[0], "ae")))
		return 100;
	target = strtoul(argv[1], NULL, 10);
	errno = ENOSYS;
	if (error && !CAN_FAIL)
		give_up("failing calls");
	sigemptyset(&awaited);
	sigaddset(&awaited, SIGCHLD);
	sigaddset(&awaited, SIGTERM);
	sigprocmask(SIG_BLOCK, &awaited, &before);
	if (pid)
		take();
	else
		start(argv + 2, &before);
	return follow(&awaited);
}

#else

int
main(int argc, char **argv)
{
	FILE *out;

	while (getopt(argc, argv, "+cde:fg:lo:p:s:") != -1)
		;
	out = optind < argc ? fopen(argv[optind], "a") : NULL;
	if (out)
		fprintf(out, "denied ptrace: not on this system\n");
	return 77;
}

#endif
