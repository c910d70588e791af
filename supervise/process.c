/*
 * Starting uses vfork(2), because copying the memory of supervise would cost
 * more than the rest of a start.  The child shares that memory, and supervise
 * is suspended, until the child has executed a program or exited.  So the child
 * can pass results back in memory, and publishes what supervise knows.
 *
 * Adopting identifies a process by its pid and its time of birth; a pidfd keeps
 * meaning the same process.  Without both, supervise waits for an adopted
 * process and never signals it.
 */
#include "supervise/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/direntry.h>
#include <skalibs/djbunix.h>
#include <skalibs/exec.h>
#include <skalibs/posixplz.h>
#include <skalibs/types.h>

#include "supervise/linux.h"
#include "supervise/message.h"

#define STAT_MAX	    1024
#define PID_BITS	    22
#define ANCESTORS_MAX	    100
#define EXIT_NEVER_EXECUTED 111

/* What may be added to the environment. */
#define VARIABLES    3
#define VARIABLE_MAX (sizeof "NOTIFY_SOCKET=" + sizeof(struct sockaddr_un))

/* What proc(5) tells of a process. */
struct stat_line {
	char state; /* X for a zombie, too, if no thread of it lives */
	pid_t parent;
	pid_t session;
	uint64_t born; /* clock ticks since boot */
};

/* The n-th field of a proc(5) stat text, where the third is the first after
 * the name in parentheses, which may hold anything. */
static char const *
field(char const *text, int n)
{
	char const *at = strrchr(text, ')');

	for (int i = 2; at && i < n; i++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return at ? at : "";
}

#define PATH_LEN (sizeof "/proc//stat" + PID_FMT)

static void
put_path(char path[PATH_LEN], pid_t pid, char const *file)
{
	char number[PID_FMT];

	number[pid_fmt(number, pid)] = 0;
	message_join(path, PATH_LEN, "/proc/", pid ? number : "self", file);
}

/*
 * Of ourselves if pid is 0.  0; -1 errno, ENOENT: there is no such process, no
 * /proc, or that of another pid namespace; EPROTO: it is not as in proc(5).
 */
static int
read_stat(struct stat_line *proc, pid_t pid)
{
	char path[PATH_LEN], text[STAT_MAX];
	unsigned int threads;
	ssize_t len;
	pid_t self;

	put_path(path, pid, "/stat");
	len = openreadnclose_nb(path, text, sizeof text - 1);
	if (len == -1)
		return -1;
	text[len] = 0;
	proc->state = *field(text, 3);
	errno = EPROTO;
	if (!pid_scan(text, &self) ||
	    !pid_scan(field(text, 4), &proc->parent) ||
	    !pid_scan(field(text, 6), &proc->session) ||
	    !uint_scan(field(text, 20), &threads) ||
	    !uint64_scan(field(text, 22), &proc->born))
		return -1;
	if (proc->state == 'Z' && threads < 2)
		proc->state = 'X';
	errno = ENOENT;
	return pid || self == getpid() ? 0 : -1;
}

bool
process_is_hidden(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES ||
	       error == EPERM || error == ESRCH;
}

uint64_t
process_born(pid_t pid)
{
	struct stat_line proc;

	return read_stat(&proc, pid) == 0 ? proc.born : 0;
}

int
process_user(pid_t pid, uid_t *uid)
{
	char path[PATH_LEN];
	struct stat st;

	put_path(path, pid, "");
	if (stat(path, &st) == -1)
		return -1;
	*uid = st.st_uid;
	return 0;
}

int
process_is_below(pid_t pid, pid_t child)
{
	struct stat_line proc;

	for (int i = 0; pid > 0 && i < ANCESTORS_MAX; i++) {
		if (pid == getpid() || pid == child)
			return 1;
		if (read_stat(&proc, pid) == -1)
			return -1;
		pid = proc.parent;
	}
	return 0;
}

/* Which process this is: its pid, of up to 22 bits, and its birth; 0 unknown.
 */
static uint64_t
note_of(pid_t pid, uint64_t born)
{
	return born ? born << PID_BITS | (uint64_t)pid : 0;
}

static bool
is_noted(struct process_notes const *notes, uint64_t note)
{
	for (int i = 0; i < notes->len; i++)
		if (notes->of[i] == note)
			return true;
	return false;
}

/* Each thread of a process has children of its own. */
static void
note_children(struct process_notes *notes, pid_t pid)
{
	char tasks[PATH_LEN], path[64], text[1024];
	direntry *entry;
	DIR *dir;

	put_path(tasks, pid, "/task");
	dir = opendir(tasks);
	while (dir && (entry = readdir(dir))) {
		pid_t child;
		ssize_t len;

		message_join(
		    path, sizeof path, tasks, "/", entry->d_name, "/children");
		len = openreadnclose_nb(path, text, sizeof text - 1);
		text[len > 0 ? len : 0] = 0;
		for (char *at = text; pid_scan(at, &child);) {
			uint64_t note = note_of(child, process_born(child));

			if (note && notes->len < PROCESS_NOTES_MAX &&
			    !is_noted(notes, note))
				notes->of[notes->len++] = note;
			at += strcspn(at, " ");
			at += *at == ' ';
		}
	}
	/* skalibs's would close twice if it is interrupted. */
	if (dir)
		closedir(dir);
}

void
process_note(struct process_notes *notes, pid_t ancestor)
{
	note_children(notes, ancestor);
	for (int i = 0; i < notes->len; i++) {
		pid_t pid = notes->of[i] & ((1 << PID_BITS) - 1);

		if (note_of(pid, process_born(pid)) == notes->of[i])
			note_children(notes, pid);
	}
}

/* 1 yes; 0 no; -1 errno, it cannot be told. */
static int
is_leftover(pid_t pid, struct stat_line *proc, struct leftovers const *found)
{
	if (pid == getpid() || pid == found->except)
		return 0;
	/* One that we may not look at is none that we may signal. */
	if (read_stat(proc, pid) == -1)
		return process_is_hidden(errno) ? 0 : -1;
	if (proc->state == 'X')
		return 0;
	return proc->parent == getpid() ||
	       (found->session && proc->session == found->session) ||
	       is_noted(found->notes, note_of(pid, proc->born)) ||
	       (found->all &&
		   process_is_below(proc->parent, found->except) == 1);
}

/* Count it and send the signal, if it is one that is meant.  0; -1 errno. */
static int
look_at(pid_t pid, struct leftovers *found, int signal)
{
	struct stat_line proc;
	int pidfd, sent = 0, is = is_leftover(pid, &proc, found);

	if (is != 1)
		return is;
	if (proc.born >= found->since) {
		found->count++;
		found->away = found->away || proc.session == pid;
	}
	/* Held, and looked at again, so that nobody else is signalled. */
	pidfd = linux_pidfd_open(pid);
	if (pidfd != -1 && is_leftover(pid, &proc, found) == 1) {
		sent = linux_pidfd_signal(pidfd, signal);
		/* A stopped process would not see the signal. */
		if (sent == 0 && signal && signal != SIGKILL)
			linux_pidfd_signal(pidfd, SIGCONT);
	} else if (pidfd == -1 && (errno == ENOSYS || errno == EPERM)) {
		sent = kill(pid, signal);
	}
	if (sent == -1 && errno == EPERM)
		found->denied = pid;
	else
		found->left++;
	if (pidfd != -1)
		fd_close(pidfd);
	return 0;
}

int
process_leftovers(struct leftovers *found, int signal)
{
	DIR *dir;
	direntry *entry;
	int result = 0, error;
	pid_t pid;

	dir = process_born(0) ? opendir("/proc") : NULL;
	if (!dir)
		return -1;
	errno = 0;
	while (result == 0 && (entry = readdir(dir))) {
		if (pid0_scan(entry->d_name, &pid))
			result = look_at(pid, found, signal);
		if (result == 0)
			errno = 0;
	}
	error = errno;
	/* skalibs's would close twice if it is interrupted. */
	closedir(dir);
	errno = error;
	return error ? -1 : result;
}

/* What the plan adds to the environment.  Its length. */
static size_t
environment(struct process_plan const *plan, char *variables)
{
	char usec[UINT64_FMT], pid[PID_FMT];
	bool watched = plan->watchdog_ms != 0;
	char const *const pairs[][2] = {{"NOTIFY_SOCKET=", plan->notify_socket},
	    {"WATCHDOG_USEC=", watched ? usec : NULL},
	    {"WATCHDOG_PID=", watched ? pid : NULL}};
	size_t len = 0;

	usec[uint64_fmt(usec, (uint64_t)plan->watchdog_ms * 1000)] = 0;
	pid[pid_fmt(pid, getpid())] = 0;
	for (int i = 0; i < VARIABLES; i++)
		if (pairs[i][1]) {
			len += message_join(variables + len, VARIABLE_MAX,
			    pairs[i][0], pairs[i][1]);
			len++;
		}
	return len;
}

/*
 * Broken pipes, file size limits and terminals must not end or stop supervise;
 * its children get the defaults.
 */
static int const ignored[] = {SIGPIPE, SIGXFSZ, SIGTTIN, SIGTTOU};

#define IGNORED (sizeof ignored / sizeof *ignored)

void
process_signals(void)
{
	for (int signal = 1; signal < NSIG; signal++)
		linux_default_signal(signal);
	for (size_t i = 0; i < IGNORED; i++)
		sigaction(ignored[i],
		    &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
}

/*
 * Let the child inherit the lock, if it keeps it, and the descriptor for
 * notification.  If the lock has the number of that, move the lock.
 */
static int
pass_fds(struct process_plan const *plan, bool keep_lock)
{
	int as = plan->notify_as;

	if (keep_lock && uncoe(plan->setup->lock_fd) == -1)
		return -1;
	if (plan->notify_fd == -1)
		return 0;
	if (plan->setup->lock_fd == as &&
	    fcntl(as, keep_lock ? F_DUPFD : F_DUPFD_CLOEXEC, as + 1) == -1)
		return -1;
	if (plan->notify_fd == as)
		return uncoe(as);
	return dup2(plan->notify_fd, as);
}

/*
 * If supervise is killed, the child goes on alone.  It holds the lock until it
 * has executed ./run, because every copy of a descriptor keeps an flock(2).  So
 * the next supervise cannot begin before the report names the child.  A child
 * that cannot be identified keeps the lock as long as it lives.
 */
static _Noreturn void
be_child(struct process *child, struct process_plan *plan)
{
	char variables[VARIABLES * VARIABLE_MAX];
	size_t len = environment(plan, variables);
	sigset_t none;
	bool known;
	int error;

	/* While they are open, clients would see a living supervise. */
	fd_close(plan->setup->control_fd);
	fd_close(plan->setup->ok_fd);
	if (plan->own_session)
		setsid();
	child->pid = getpid();
	child->born = process_born(0);
	known = plan->publish(plan->data) && child->born;
	if (pass_fds(plan, !known) != -1) {
		umask(plan->setup->mask);
		/* From here on, signals sent to ./run take effect. */
		plan->error = 0;
		for (size_t i = 0; i < IGNORED; i++)
			linux_default_signal(ignored[i]);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		mexec_m(plan->argv, variables, len);
	}
	error = errno;
	/* Otherwise the next supervise would think that ./run had ended. */
	child->pid = 0;
	plan->publish(plan->data);
	plan->error = error;
	_exit(EXIT_NEVER_EXECUTED);
}

/*
 * Parent and child share this stack frame: what either keeps in it after
 * vfork(2), the other may overwrite.
 */
static pid_t
fork_off(struct process *child, struct process_plan *plan)
{
	pid_t pid = vfork();

	if (pid == 0)
		be_child(child, plan);
	return pid;
}

int
process_start(struct process *child, struct process_plan *plan)
{
	sigset_t most, before;
	pid_t pid;

	/*
	 * Block signals so that those sent to the child wait until it executes;
	 * but not the ignored ones, which would be delivered then.
	 */
	sigfillset(&most);
	for (size_t i = 0; i < IGNORED; i++)
		sigdelset(&most, ignored[i]);
	sigprocmask(SIG_SETMASK, &most, &before);
	*child = PROCESS_NONE;
	/* If the child dies before it sets another error, it was killed. */
	plan->error = EINTR;
	pid = fork_off(child, plan);
	plan->forked = pid != -1;
	if (!plan->forked)
		plan->error = errno;
	/* vfork(2) has returned, so the child has exited: reap it. */
	else if (plan->error)
		waitpid_nointr(pid, NULL, 0);
	child->pid = plan->error ? 0 : pid;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return plan->error;
}

int
process_lives(struct process const *child)
{
	struct pollfd gone = {.fd = child->pidfd, .events = POLLIN};
	struct stat_line proc;

	if (child->pidfd != -1)
		return poll(&gone, 1, 0) != 1;
	if (process_born(0) && read_stat(&proc, child->pid) == 0)
		return proc.born == child->born && proc.state != 'X';
	/* A process that /proc does not show may still be alive. */
	return kill(child->pid, 0) == -1 && errno == ESRCH ? 0 : -1;
}

int
process_adopt(struct process *child, pid_t pid, uint64_t born)
{
	struct process found = {pid, born, -1, true};
	int pidfd = linux_pidfd_open(pid), result, error;

	/* Nobody has the pid, or a thread of another process has. */
	if (pidfd == -1 &&
	    (errno == ESRCH || errno == EINVAL || errno == ENOENT))
		return 0;
	/* Without pidfds, /proc alone must do. */
	if (pidfd == -1 && errno != ENOSYS && errno != EPERM)
		return -1;
	/* /proc tells who it is; the pidfd, which was opened before, whether
	 * that one lives. */
	result = process_lives(&found);
	error = errno;
	found.pidfd = pidfd;
	if (result == -1 && process_lives(&found) == 0)
		result = 0;
	if (result == 1)
		*child = found;
	else
		process_forget(&found);
	errno = error;
	return result;
}

char
process_state(pid_t pid)
{
	struct stat_line proc;

	return read_stat(&proc, pid) == 0 ? proc.state : 0;
}

int
process_signal(struct process const *child, int signal, bool group)
{
	/* Signalling pid 0 would signal our own process group. */
	int sure = child->pid > 0;

	if (sure && child->adopted)
		sure = process_lives(child);
	if (sure == 0)
		errno = ESRCH;
	if (sure != 1)
		return -1;
	if (group && getpgid(child->pid) == child->pid)
		return kill(-child->pid, signal);
	if (child->pidfd != -1)
		return linux_pidfd_signal(child->pidfd, signal);
	return kill(child->pid, signal);
}

void
process_forget(struct process *child)
{
	if (child->pidfd != -1)
		fd_close(child->pidfd);
	*child = PROCESS_NONE;
}
