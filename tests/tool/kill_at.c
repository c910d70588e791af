/*
 * kill_at [-cd] [-e ERROR] REPORT N PROGRAM [ARGUMENT...]
 * kill_at [-c] [-e ERROR] -p PID REPORT N
 *
 * Runs a program, or takes hold of a process that runs, and kills it with
 * SIGKILL as it enters its N-th system call (N = 0: never).  With -e the call
 * fails instead, with ENOSPC or whatever is named, and has done nothing.  With
 * -d the count begins at the first chdir.
 *
 * What a child of vfork(2) does until it executes counts as well: the process
 * is killed then, and the child goes on alone.  With -c nothing else counts,
 * and it is the child that is killed.  No other children are looked at.
 *
 * REPORT gets a line for each of these, at once:
 *
 *	ready		from here on calls are counted
 *	killed N CALL	it is about to die; CALL is the number of the call
 *	failed N CALL	that call has failed
 *	spared N CALL	that call is not one that fails
 *	count N		the calls seen, when it is over
 *	denied WORDS	nobody may trace here
 *
 * Ends with the program's exit code, 128 and the signal if it was killed, 77
 * if it was denied.  TERM lets the process go on alone.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

static pid_t pid;   /* the process */
static pid_t child; /* of vfork, until it has executed; or 0 */
static FILE *report;
static unsigned long target; /* the call that is meant, 0 none */
static unsigned long count;
static int error;	/* what it fails with, 0: it is killed */
static bool counting;	/* the calls are the program's own */
static bool from_chdir; /* they are counted from the first chdir on */
static pid_t failing;	/* whose call that is under way is to fail, or 0 */
static bool of_child;	/* its calls count, and it is killed */
static bool letting_go; /* as soon as it stops */

static struct {
	char const *name;
	int error;
} const errors[] = {{"ENOSPC", ENOSPC}, {"EMFILE", EMFILE}, {"EAGAIN", EAGAIN},
    {"EINTR", EINTR}, {"EIO", EIO}, {"ENOMEM", ENOMEM}, {"EDQUOT", EDQUOT},
    {"EROFS", EROFS}, {"EACCES", EACCES}, {"ENFILE", ENFILE}};

/* These cannot fail, or not without harm to the C library. */
static long const sure[] = {SYS_exit, SYS_exit_group, SYS_rt_sigreturn,
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_restart_syscall, SYS_getpid,
    SYS_gettid, SYS_brk, SYS_mmap, SYS_munmap, SYS_mprotect, SYS_madvise,
    SYS_futex, SYS_sigaltstack, SYS_sched_yield, SYS_umask};

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
set_result(pid_t who, long value)
{
	struct user_regs_struct regs;
	struct iovec v = {&regs, sizeof regs};

	ptrace(PTRACE_GETREGSET, who, NT_PRSTATUS, &v);
	regs.regs[0] = (unsigned long long)value;
	ptrace(PTRACE_SETREGSET, who, NT_PRSTATUS, &v);
}

#else

#define CAN_FAIL 0

static void
cancel_call(pid_t who)
{
	(void)who;
}

static void
set_result(pid_t who, long value)
{
	(void)who;
	(void)value;
}

#endif

static bool
is_sure(long call)
{
	for (size_t i = 0; i < sizeof sure / sizeof *sure; i++)
		if (sure[i] == call)
			return true;
	return false;
}

static void
enters(pid_t who, long call)
{
	if (from_chdir && call != SYS_chdir)
		return;
	from_chdir = false;
	if (of_child && who != child)
		return;
	if (++count != target)
		return;
	if (!error) {
		say("killed", call);
		kill(of_child ? child : pid, SIGKILL);
	} else if (is_sure(call) || (call == SYS_wait4 && error != EINTR)) {
		say("spared", call);
	} else {
		failing = who;
		/* A close that fails has closed all the same. */
		if (call != SYS_close)
			cancel_call(who);
		say("failed", call);
	}
}

static void
look_at_call(pid_t who)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, who, sizeof info, &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY && counting) {
		enters(who, (long)info.entry.nr);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && failing == who) {
		failing = 0;
		set_result(who, -error);
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
		counting = true;
		say("ready", -1);
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
	long options =
	    PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEVFORK;

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

static int
error_named(char const *name)
{
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (strcmp(errors[i].name, name) == 0)
			return errors[i].error;
	return 0;
}

int
main(int argc, char **argv)
{
	sigset_t awaited, before;
	int option;

	while ((option = getopt(argc, argv, "+cde:p:")) != -1) {
		if (option == 'c')
			of_child = true;
		else if (option == 'd')
			from_chdir = true;
		else if (option == 'p')
			pid = (pid_t)atol(optarg);
		else if (option != 'e' || !(error = error_named(optarg)))
			return 100;
	}
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

	while (getopt(argc, argv, "+cde:p:") != -1)
		;
	out = optind < argc ? fopen(argv[optind], "a") : NULL;
	if (out)
		fprintf(out, "denied ptrace: not on this system\n");
	return 77;
}

#endif
