/*
 * scan_bench [-l] [-L SIGNAL] [-i IDLE_S] [-d DEADLINE_S] [-s SIGNAL] [-x SVC]
 *     N DIRECTORY SCANNER [ARGUMENT...]
 *
 * Makes N services in DIRECTORY/srv and links to them in DIRECTORY/service,
 * starts SCANNER there, and measures what make bench-scan prints, on one line:
 *
 *   ms until all run, ms until all are gone;
 *   of the tree without the services themselves, kB per service: PSS, private,
 *   page tables;
 *   CPU ms per second of the whole tree when idle (- without -i);
 *   the scanner's PSS and RSS in kB, its CPU ms in the start and in the stop;
 *   CPU ms of the whole tree in the start and in the stop.
 *
 * -l: services have loggers.  -L: the links are made when SCANNER runs, which
 * is sent SIGNAL then (0 for none).  -s: the stop signal, TERM if not given;
 * -x: SVC -dx all services and loggers follows it.
 *
 * The services are DIRECTORY/run, which must be a copy of this program: called
 * by that name it tells the FIFO in $SCAN_BENCH its number and waits, as a
 * logger for the end of the file.  Exit 1 if one ran twice or not at all, or
 * did not end; 3 if the machine has no room for so many.  Nothing is left
 * running in any case, for orphans come to this process.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STALL_S	 20
#define SETTLE_S 1

struct sums {
	unsigned long pss, private, tables;
	uint64_t cpu;
};

static struct {
	bool logged, late;
	int late_signal, stop_signal;
	unsigned idle_s, deadline_s, n;
	char *svc, *directory, **scanner;
} want = {.stop_signal = SIGTERM, .deadline_s = 120};

static volatile sig_atomic_t interrupted;
static pid_t scanner;
static uint64_t scanner_cpu;
static unsigned running, again;
static int fifo;

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void
nap(uint64_t ns)
{
	uint64_t end = now() + ns;
	struct timespec t = {
	    (time_t)(end / 1000000000), (long)(end % 1000000000)};

	while (!interrupted && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME,
				   &t, NULL) == EINTR)
		;
}

/* What a service and a logger do. */
static int
serve(void)
{
	char cwd[4096], *name;
	char const *path = getenv("SCAN_BENCH");
	int fd;
	uint32_t number = 0;

	if (!path || !getcwd(cwd, sizeof cwd))
		return 100;
	name = strrchr(cwd, '/');
	if (strcmp(name, "/log") == 0) {
		*name = 0;
		name = strrchr(cwd, '/');
		number = 1;
	}
	number += 2 * (uint32_t)strtoul(name + 1, NULL, 10);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd == -1 || write(fd, &number, sizeof number) != sizeof number)
		return 111;
	close(fd);
	if (number & 1)
		while (read(0, cwd, sizeof cwd) > 0)
			;
	else
		for (;;)
			pause();
	return 0;
}

/* The whole of a file in /proc; empty if it is not there. */
static char const *
proc(pid_t pid, char const *name)
{
	static char text[8192];
	char path[64];
	int fd;
	ssize_t r = 0;

	snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
	if (!pid)
		snprintf(path, sizeof path, "/proc/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd != -1) {
		r = read(fd, text, sizeof text - 1);
		close(fd);
	}
	text[r > 0 ? r : 0] = 0;
	return text;
}

static unsigned long
number_of(char const *text, char const *label)
{
	char const *at = strstr(text, label);

	return at ? strtoul(at + strlen(label), NULL, 10) : 0;
}

static uint64_t
cpu_of(pid_t pid)
{
	return strtoull(proc(pid, "schedstat"), NULL, 10);
}

/* Calls for everyone below this process, with whether it is a service. */
static void
each(void (*call)(pid_t, bool, struct sums *), struct sums *sums)
{
	size_t max = strtoul(proc(0, "sys/kernel/pid_max"), NULL, 10) + 1;
	pid_t *parent = calloc(max, sizeof *parent), self = getpid();
	bool *service = calloc(max, sizeof *service);
	DIR *dir = opendir("/proc");
	struct dirent *e;

	if (!parent || !service || !dir)
		exit(111);
	while ((e = readdir(dir))) {
		size_t pid = strtoul(e->d_name, NULL, 10);
		char const *stat, *at;

		if (!pid || pid >= max)
			continue;
		stat = proc((pid_t)pid, "stat");
		at = strrchr(stat, ')');
		if (at && strlen(at) > 4)
			parent[pid] = (pid_t)strtol(at + 4, NULL, 10);
		service[pid] = strstr(stat, " (run) ");
	}
	closedir(dir);
	for (size_t pid = 1; pid < max; pid++) {
		pid_t p = parent[pid];

		for (int depth = 0; p && p != self && depth < 9; depth++)
			p = parent[p];
		if (parent[pid] && p == self)
			call((pid_t)pid, service[pid], sums);
	}
	free(parent);
	free(service);
}

static void
add_cpu(pid_t pid, bool service, struct sums *sums)
{
	(void)service;
	sums->cpu += cpu_of(pid);
}

static void
add_memory(pid_t pid, bool service, struct sums *sums)
{
	char const *text;

	if (service)
		return;
	text = proc(pid, "smaps_rollup");
	sums->pss += number_of(text, "\nPss:");
	sums->private += number_of(text, "\nPrivate_Dirty:");
	sums->tables += number_of(proc(pid, "status"), "\nVmPTE:");
}

static void
kill_one(pid_t pid, bool service, struct sums *sums)
{
	(void)service;
	(void)sums;
	kill(pid, SIGKILL);
}

/* Nobody but this process is left after it; first those who start others. */
static void
kill_all(void)
{
	if (scanner > 0)
		kill(scanner, SIGKILL);
	do {
		each(kill_one, NULL);
		nap(10000000);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	} while (waitpid(-1, NULL, WNOHANG) == 0);
}

static void
fail(char const *what, unsigned long n, unsigned long of)
{
	kill_all();
	fprintf(stderr, "%s", what);
	if (of)
		fprintf(stderr, ": %lu of %lu", n, of);
	fprintf(stderr, "\n");
	exit(interrupted ? 128 + interrupted : 1);
}

static void
on_signal(int sig)
{
	if (sig != SIGALRM)
		interrupted = sig;
}

static void
check_room(void)
{
	unsigned long need = (unsigned long)want.n * (want.logged ? 4 : 2);
	unsigned long most = strtoul(proc(0, "sys/kernel/pid_max"), NULL, 10);
	unsigned long t = strtoul(proc(0, "sys/kernel/threads-max"), NULL, 10);
	unsigned long kb = number_of(proc(0, "meminfo"), "\nMemAvailable:");
	struct rlimit l;

	if (t < most)
		most = t;
	if (geteuid() && getrlimit(RLIMIT_NPROC, &l) == 0 && l.rlim_cur < most)
		most = l.rlim_cur;
	if (need + 500 > most || need * 300 > kb) {
		fprintf(stderr,
		    "%lu processes and %lu MB needed, "
		    "%lu and %lu there\n",
		    need, need * 300 / 1024, most, kb / 1024);
		exit(3);
	}
	if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
		struct rlimit more = {262144, 262144};

		if (l.rlim_max >= more.rlim_max ||
		    setrlimit(RLIMIT_NOFILE, &more) == -1) {
			l.rlim_cur = l.rlim_max;
			setrlimit(RLIMIT_NOFILE, &l);
		}
	}
}

static void
make_links(void)
{
	char to[32];

	for (unsigned i = 0; i < want.n; i++) {
		snprintf(to, sizeof to, "../srv/%05u", i);
		if (symlink(to, to + sizeof "../srv") == -1)
			fail("unable to make a link", 0, 0);
	}
}

static void
make_services(void)
{
	char path[64];
	struct timespec const old[2] = {{1000000000, 0}, {1000000000, 0}};

	if (mkdir("srv", 0755) == -1 || mkdir("service", 0755) == -1)
		exit(111);
	for (unsigned i = 0; i < want.n; i++)
		for (int log = 0; log <= want.logged; log++) {
			char const *sub = log ? "/log" : "";

			snprintf(path, sizeof path, "srv/%05u%s", i, sub);
			if (mkdir(path, 0755) == -1)
				exit(111);
			snprintf(path, sizeof path, "srv/%05u%s/run", i, sub);
			if (link("run", path) == -1)
				exit(111);
		}
	if (mkfifo("fifo", 0600) == -1)
		exit(111);
	fifo = open("fifo", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fifo == -1 || chdir("service") == -1)
		exit(111);
	if (want.late)
		return;
	make_links();
	/* runsvdir waits a second if it has been changed in this one. */
	if (utimensat(AT_FDCWD, ".", old, 0) == -1)
		exit(111);
}

static pid_t
start(char **argv)
{
	pid_t pid = fork();
	int null, log;

	if (pid)
		return pid;
	null = open("/dev/null", O_RDONLY);
	log = open("../log", O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (null == -1 || log == -1)
		_exit(111);
	dup2(null, 0);
	dup2(log, 1);
	dup2(log, 2);
	close(null);
	close(log);
	signal(SIGQUIT, SIG_DFL);
	execvp(*argv, argv);
	dprintf(2, "unable to run %s: %s\n", *argv, strerror(errno));
	_exit(127);
}

/* Until it has run its program, and waits for something. */
static void
wait_for_scanner(void)
{
	uint64_t before = 0, cpu = 1;
	char mine[32];

	snprintf(mine, sizeof mine, "%.20s", proc(getpid(), "comm"));
	do {
		nap(100000000);
		before = cpu;
		cpu = cpu_of(scanner);
	} while (!interrupted && cpu &&
		 (cpu != before || strcmp(proc(scanner, "comm"), mine) == 0));
}

/* Takes the records that are there. */
static void
count(unsigned char *started)
{
	uint32_t record[1024];
	ssize_t r;

	while ((r = read(fifo, record, sizeof record)) > 0)
		for (size_t i = 0; i < (size_t)r / sizeof *record; i++)
			if (record[i] < 2 * want.n && !started[record[i]]++)
				running++;
			else
				again++;
}

static void
wait_until_all_run(unsigned char *started, unsigned all)
{
	struct pollfd p = {.fd = fifo, .events = POLLIN};
	uint64_t last = now();
	siginfo_t info = {0};

	while (running < all) {
		unsigned before = running;

		/* The many wake-ups would cost as much as what is measured. */
		if (all - running > 20)
			nap(1000000);
		if (poll(&p, 1, 1000) != 1)
			waitid(P_PID, (id_t)scanner, &info,
			    WEXITED | WNOHANG | WNOWAIT);
		count(started);
		if (running != before)
			last = now();
		if (info.si_pid)
			fail("the scanner has ended", running, all);
		if (interrupted || now() - last > STALL_S * 1000000000ull)
			fail("started", running, all);
	}
}

static void
stop(void)
{
	char **argv, *names;
	unsigned n = want.logged ? 2 : 1;

	kill(scanner, want.stop_signal);
	if (!want.svc)
		return;
	argv = calloc((size_t)want.n * n + 3, sizeof *argv);
	names = calloc((size_t)want.n * n, 16);
	if (!argv || !names)
		fail("no memory", 0, 0);
	argv[0] = want.svc;
	argv[1] = "-dx";
	for (unsigned i = 0; i < want.n * n; i++) {
		argv[i + 2] = names + (size_t)16 * i;
		snprintf(argv[i + 2], 16, "%05u%s", i / n, i % n ? "/log" : "");
	}
	start(argv);
	free(argv);
	free(names);
}

/* What the scanner has used is known as long as nobody has waited for it. */
static void
wait_until_all_gone(void)
{
	uint64_t end = now() + want.deadline_s * 1000000000ull;
	siginfo_t info;

	for (;;) {
		if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) == -1) {
			if (errno == ECHILD)
				return;
			if (interrupted || now() > end)
				fail("still there after the stop", 0, 0);
			continue;
		}
		if (info.si_pid == scanner)
			scanner_cpu = cpu_of(scanner);
		waitpid(info.si_pid, NULL, 0);
	}
}

static uint64_t
tree_cpu(void)
{
	struct sums sums = {0};

	each(add_cpu, &sums);
	return sums.cpu;
}

static double
ms(uint64_t ns)
{
	return (double)ns / 1000000;
}

static void
measure(void)
{
	unsigned all = want.logged ? 2 * want.n : want.n;
	unsigned char *started = calloc(want.n, 2);
	struct sums memory = {0};
	uint64_t t, runs, cpu_runs, tree_runs, cpu_stop, tree_stop;
	unsigned long pss, rss;
	struct rusage used;
	char idle[32] = "-";

	t = now();
	scanner = start(want.scanner);
	if (scanner == -1 || !started)
		exit(111);
	if (want.late) {
		wait_for_scanner();
		t = now();
		make_links();
		if (want.late_signal)
			kill(scanner, want.late_signal);
	}
	wait_until_all_run(started, all);
	runs = now() - t;
	cpu_runs = cpu_of(scanner);
	tree_runs = tree_cpu();
	nap(SETTLE_S * 1000000000ull);
	each(add_memory, &memory);
	pss = number_of(proc(scanner, "smaps_rollup"), "\nPss:");
	rss = number_of(proc(scanner, "status"), "\nVmRSS:");
	tree_stop = tree_cpu();
	if (want.idle_s) {
		uint64_t before = tree_stop;

		for (t = now();
		     !interrupted && now() - t < want.idle_s * 1000000000ull;)
			nap(want.idle_s * 1000000000ull - (now() - t));
		tree_stop = tree_cpu();
		snprintf(idle, sizeof idle, "%.3f",
		    ms(tree_stop - before) / want.idle_s);
	}
	cpu_stop = cpu_of(scanner);
	count(started);
	if (again)
		fail("started a second time", again, all);
	t = now();
	stop();
	wait_until_all_gone();
	t = now() - t;
	count(started);
	if (again)
		fprintf(
		    stderr, "%u of %u started again in the stop\n", again, all);
	getrusage(RUSAGE_CHILDREN, &used);
	printf("%.1f %.1f %.2f %.2f %.2f %s %lu %lu %.2f %.2f %.1f %.1f\n",
	    ms(runs), ms(t), (double)memory.pss / want.n,
	    (double)memory.private / want.n, (double)memory.tables / want.n,
	    idle, pss, rss, ms(cpu_runs), ms(scanner_cpu - cpu_stop),
	    ms(tree_runs),
	    (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
		(double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000 -
		ms(tree_stop));
	free(started);
}

static int
signal_named(char const *name)
{
	return strcmp(name, "TERM") == 0   ? SIGTERM
	       : strcmp(name, "HUP") == 0  ? SIGHUP
	       : strcmp(name, "ALRM") == 0 ? SIGALRM
	       : strcmp(name, "QUIT") == 0 ? SIGQUIT
					   : 0;
}

static bool
parse(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+lL:i:d:s:x:")) != -1)
		switch (c) {
		case 'l':
			want.logged = true;
			break;
		case 'L':
			want.late = true;
			want.late_signal = signal_named(optarg);
			break;
		case 'i':
			want.idle_s = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'd':
			want.deadline_s = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 's':
			want.stop_signal = signal_named(optarg);
			break;
		case 'x':
			want.svc = optarg;
			break;
		default:
			return false;
		}
	if (argc - optind < 3)
		return false;
	want.n = (unsigned)strtoul(argv[optind], NULL, 10);
	want.directory = argv[optind + 1];
	want.scanner = argv + optind + 2;
	return want.n && want.stop_signal;
}

int
main(int argc, char **argv)
{
	struct sigaction act = {.sa_handler = on_signal};
	struct itimerval tick = {{0, 250000}, {0, 250000}};
	char const *name = strrchr(argv[0], '/');
	char path[4096];

	if (strcmp(name ? name + 1 : argv[0], "run") == 0)
		return serve();
	if (!parse(argc, argv))
		return 100;
	check_room();
	if (chdir(want.directory) == -1 || !getcwd(path, sizeof path - 8))
		return 111;
	strcat(path, "/fifo");
	setenv("SCAN_BENCH", path, 1);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* A signal ends every wait, the clock those that it came before. */
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
	make_services();
	measure();
	return 0;
}
