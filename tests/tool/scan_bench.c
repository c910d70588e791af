/*
 * scan_bench [-l] [-g LOGRUN] [-L SIGNAL] [-i IDLE_S] [-d DEADLINE_S]
 *     [-s SIGNAL] [-x SVC] [-o STATUS] [-O STATUS]
 *     N DIRECTORY SCANNER [ARGUMENT...]
 *
 * Makes N services in DIRECTORY/srv and links to them in DIRECTORY/service,
 * starts SCANNER there, and prints what make bench needs, on one line:
 *
 *   ms until all run, ms until all are gone;
 *   of the tree without the services themselves, kB per service: PSS, private,
 *   page tables;
 *   kB per service of the kernel's own memory, the service's included;
 *   wake-ups per second of the tree without the services, when idle (- without
 *   -i);
 *   the scanner's PSS in kB;
 *   CPU ms of the whole tree in the start and in the stop;
 *   ms of STATUS (- without -o and -O);
 *   kB per service of PSS that is that of its logger, with -g.
 *
 * -l: services have loggers.  -g: the same, but log/run is LOGRUN, and not
 * waited for.  -L: the links are made when SCANNER runs, which is sent SIGNAL
 * then (0 for none).  -s: the stop signal, TERM if not given; -x: SVC -dx all
 * services and loggers follows it.  -o: the words of STATUS are run with the
 * names of all services; -O: once for each.
 *
 * The services are links to DIRECTORY/run, a copy of scan_service.  Exit 1 if
 * one ran twice or not at all, or did not end; 3 if the machine has no room for
 * so many.  Nothing is left running in any case.
 */
#include <errno.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "tests/tool/first.h"
#include "tests/tool/tree.h"

#define STALL_S	   20	    /* without a new service, and they do not all run */
#define QUIET_NS   20000000 /* of CPU time in a second, and the start is over */
#define SETTLE_S   20	    /* but not later than this */
#define PROCESS_KB 300	    /* with what the kernel needs for it */

static struct {
	bool logged, late;
	int late_signal, stop_signal;
	unsigned idle_s, deadline_s, n, all;
	bool status_each;
	char *svc, *logrun, *status, *directory, **scanner;
} want = {.stop_signal = SIGTERM, .deadline_s = 120};

static struct {
	uint64_t run, gone;	    /* ns of real time */
	uint64_t all_run, all_stop; /* ns of CPU time */
	unsigned long scanner_pss;  /* kB */
	unsigned long kernel;	    /* kB */
	struct tree memory;
	char wakes[32], status[32];
} result = {.wakes = "-", .status = "-"};

static volatile sig_atomic_t interrupted;
static pid_t scanner;
static int fifo;
static unsigned char *started;
static unsigned running, again;

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t
seconds(unsigned n)
{
	return (uint64_t)n * 1000000000;
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

static void
fail(char const *what)
{
	if (scanner > 0)
		kill(scanner, SIGKILL);
	tree_kill();
	fprintf(stderr, "%s: %u of %u ran\n", what, running, want.all);
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
	unsigned long need = (unsigned long)want.all * 2 + 500;
	unsigned long most = proc_number(0, "sys/kernel/pid_max", "");
	unsigned long threads = proc_number(0, "sys/kernel/threads-max", "");
	unsigned long kb = proc_number(0, "meminfo", "\nMemAvailable:");
	struct rlimit l;

	if (threads < most)
		most = threads;
	if (geteuid() && getrlimit(RLIMIT_NPROC, &l) == 0 && l.rlim_cur < most)
		most = l.rlim_cur;
	if (need > most || need * PROCESS_KB > kb) {
		fprintf(stderr,
		    "%lu processes and %lu MB needed, %lu and %lu there\n",
		    need, need * PROCESS_KB / 1024, most, kb / 1024);
		exit(3);
	}
}

/* As many descriptors as we may have. */
static void
raise_limit(void)
{
	struct rlimit l, more = {262144, 262144};

	if (getrlimit(RLIMIT_NOFILE, &l) == -1)
		return;
	if (l.rlim_max < more.rlim_max && setrlimit(RLIMIT_NOFILE, &more) == 0)
		return;
	l.rlim_cur = l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
}

static void
make_links(void)
{
	char to[32];

	for (unsigned i = 0; i < want.n; i++) {
		snprintf(to, sizeof to, "../srv/%05u", i);
		if (symlink(to, to + strlen("../srv/")) == -1)
			fail("unable to make a link");
	}
}

static void
make_service(unsigned i, char const *sub, char const *run)
{
	char path[64];

	snprintf(path, sizeof path, "srv/%05u%s", i, sub);
	if (mkdir(path, 0755) == -1)
		fail("unable to make a service");
	snprintf(path, sizeof path, "srv/%05u%s/run", i, sub);
	if (link(run, path) == -1)
		fail("unable to link to run");
}

static void
make_services(void)
{
	struct timespec const old[2] = {{1000000000, 0}, {1000000000, 0}};

	if (mkdir("srv", 0755) == -1 || mkdir("service", 0755) == -1)
		fail("unable to make directories");
	for (unsigned i = 0; i < want.n; i++) {
		make_service(i, "", "run");
		if (want.logged || want.logrun)
			make_service(
			    i, "/log", want.logged ? "run" : want.logrun);
	}
	if (mkfifo("fifo", 0600) == -1)
		fail("unable to make a FIFO");
	fifo = open("fifo", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	started = calloc(want.n, 2);
	if (fifo == -1 || !started || chdir("service") == -1)
		fail("unable to prepare");
	if (want.late)
		return;
	make_links();
	/* runsvdir waits for a second if it was changed in this one. */
	utimensat(AT_FDCWD, ".", old, 0);
}

static pid_t
start(char **argv)
{
	pid_t pid = fork();
	int null, log;

	if (pid == -1)
		fail("unable to fork");
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
	uint64_t before, cpu = 0;
	char own[32];

	snprintf(own, sizeof own, "%.20s", proc_text(0, "self/comm"));
	do {
		nap(100000000);
		before = cpu;
		cpu = proc_cpu(scanner);
	} while (
	    !interrupted &&
	    (cpu != before || strcmp(proc_text(scanner, "comm"), own) == 0));
}

/* Takes the numbers that are there. */
static void
count(void)
{
	uint32_t number[1024];
	ssize_t r;

	while ((r = read(fifo, number, sizeof number)) > 0)
		for (size_t i = 0; i < (size_t)r / sizeof *number; i++)
			if (number[i] < 2 * want.n && !started[number[i]]++)
				running++;
			else
				again++;
}

static void
wait_until_all_run(void)
{
	struct pollfd p = {.fd = fifo, .events = POLLIN};
	uint64_t last = now();

	while (running < want.all) {
		unsigned before = running;
		siginfo_t info = {0};

		/* A wake-up for each costs as much as what is measured. */
		if (want.all - running > 20)
			nap(1000000);
		if (poll(&p, 1, 1000) != 1)
			waitid(P_PID, (id_t)scanner, &info,
			    WEXITED | WNOHANG | WNOWAIT);
		count();
		if (running != before)
			last = now();
		if (info.si_pid)
			fail("the scanner has ended");
		if (interrupted)
			fail("interrupted");
		if (now() - last > seconds(STALL_S))
			fail("not all started");
	}
}

static void
tell_all(void)
{
	unsigned each = want.logged || want.logrun ? 2 : 1;
	unsigned all = want.n * each;
	char **argv = calloc((size_t)all + 3, sizeof *argv);
	char(*names)[16] = calloc(all, sizeof *names);

	if (!argv || !names)
		fail("no memory");
	argv[0] = want.svc;
	argv[1] = "-dx";
	for (unsigned i = 0; i < all; i++) {
		snprintf(names[i], sizeof *names, "%05u%s", i / each,
		    i % each ? "/log" : "");
		argv[i + 2] = names[i];
	}
	start(argv);
	free(argv);
	free(names);
}

static void
wait_until_all_gone(void)
{
	uint64_t end = now() + seconds(want.deadline_s);
	siginfo_t info;

	for (;;) {
		int r = waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);

		if (r == -1 && errno == ECHILD)
			return;
		if (interrupted)
			fail("interrupted");
		if (now() > end)
			fail("not all gone");
		if (r == -1)
			continue;
		waitpid(info.si_pid, NULL, 0);
	}
}

static uint64_t
tree_cpu(void)
{
	struct tree tree = {0};

	tree_each(tree_add_cpu, &tree);
	return tree.cpu;
}

static unsigned long
kernel_memory(void)
{
	static char const *const kinds[] = {
	    "\nSlab:", "\nKernelStack:", "\nPageTables:", "\nPercpu:"};
	unsigned long kb = 0;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		kb += proc_number(0, "meminfo", kinds[i]);
	return kb;
}

static void
measure_start(void)
{
	uint64_t begin = now();

	result.kernel = kernel_memory();
	scanner = start(want.scanner);
	if (want.late) {
		wait_for_scanner();
		begin = now();
		make_links();
		if (want.late_signal)
			kill(scanner, want.late_signal);
	}
	wait_until_all_run();
	result.run = now() - begin;
	result.all_run = tree_cpu();
}

static uint64_t
tree_wakes(void)
{
	struct tree tree = {0};

	tree_each(tree_add_wakes, &tree);
	return tree.wakes;
}

/* Waits for a status command of these words and names. */
static void
ask(char **argv)
{
	int status;
	pid_t pid = start(argv);

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR || interrupted)
			fail("interrupted");
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 127)
		fail("unable to ask for the status");
}

static void
measure_status(void)
{
	char **argv = calloc((size_t)want.n + 9, sizeof *argv);
	char(*names)[16] = calloc(want.n, sizeof *names);
	unsigned words = 0;
	uint64_t begin;

	if (!argv || !names)
		fail("no memory");
	for (char *w = strtok(want.status, " "); w; w = strtok(NULL, " "))
		argv[words++] = w;
	go_first();
	begin = now();
	for (unsigned i = 0; i < want.n; i++) {
		snprintf(names[i], sizeof *names, "./%05u", i);
		argv[words + (want.status_each ? 0 : i)] = names[i];
		if (want.status_each)
			ask(argv);
	}
	if (!want.status_each)
		ask(argv);
	snprintf(result.status, sizeof result.status, "%.2f",
	    (double)(now() - begin) / 1e6);
	go_on();
	free(argv);
	free(names);
}

static void
measure_idle(void)
{
	uint64_t before, after = result.all_run;
	unsigned long kernel = result.kernel;
	unsigned rounds = 0;

	do {
		before = after;
		nap(seconds(1));
		after = tree_cpu();
	} while (after - before > QUIET_NS && ++rounds < SETTLE_S);
	result.kernel = kernel_memory();
	result.kernel -= result.kernel < kernel ? result.kernel : kernel;
	tree_each(tree_add_memory, &result.memory);
	result.scanner_pss = proc_number(scanner, "smaps_rollup", "\nPss:");
	if (want.status)
		measure_status();
	if (!want.idle_s)
		return;
	before = tree_wakes();
	nap(seconds(want.idle_s));
	snprintf(result.wakes, sizeof result.wakes, "%.3f",
	    (double)(tree_wakes() - before) / want.idle_s);
}

static uint64_t
cpu_of_dead(void)
{
	struct rusage used;

	getrusage(RUSAGE_CHILDREN, &used);
	return seconds(
		   (unsigned)(used.ru_utime.tv_sec + used.ru_stime.tv_sec)) +
	       (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000;
}

/* Of the children that the scanner has waited for, to a hundredth of a second,
 * as proc(5) says: the fields 16 and 17, 13 and 14 after the name. */
static uint64_t
cpu_of_waited_for(void)
{
	char const *at = strrchr(proc_text(scanner, "stat"), ')');
	unsigned long user = 0, system = 0;

	for (int i = 0; at && i < 14; i++)
		at = strchr(at + 1, ' ');
	if (at)
		sscanf(at, "%lu %lu", &user, &system);
	return seconds((unsigned)(user + system)) /
	       (uint64_t)sysconf(_SC_CLK_TCK);
}

static void
measure_stop(void)
{
	uint64_t begin, before = tree_cpu() + cpu_of_waited_for();

	count();
	if (again)
		fail("started a second time");
	begin = now();
	kill(scanner, want.stop_signal);
	if (want.svc)
		tell_all();
	wait_until_all_gone();
	result.gone = now() - begin;
	result.all_stop = cpu_of_dead() - before;
	count();
	if (again)
		fprintf(stderr, "%u of %u started again in the stop\n", again,
		    want.all);
}

static double
ms(uint64_t ns)
{
	return (double)ns / 1e6;
}

static void
print(void)
{
	printf("%.1f %.1f %.2f %.2f %.2f %.2f ", ms(result.run),
	    ms(result.gone), (double)result.memory.pss / want.n,
	    (double)result.memory.private / want.n,
	    (double)result.memory.tables / want.n,
	    (double)result.kernel / want.n);
	printf("%s %lu %.1f %.1f %s %.2f\n", result.wakes, result.scanner_pss,
	    ms(result.all_run), ms(result.all_stop), result.status,
	    (double)result.memory.loggers / want.n);
}

static int
signal_named(char const *name)
{
	return strcmp(name, "TERM") == 0   ? SIGTERM
	       : strcmp(name, "HUP") == 0  ? SIGHUP
	       : strcmp(name, "ALRM") == 0 ? SIGALRM
					   : 0;
}

static bool
parse(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+lg:L:i:d:s:x:o:O:")) != -1)
		if (c == 'l')
			want.logged = true;
		else if (c == 'L')
			want.late = true,
			want.late_signal = signal_named(optarg);
		else if (c == 'i')
			want.idle_s = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'd')
			want.deadline_s = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 's')
			want.stop_signal = signal_named(optarg);
		else if (c == 'x')
			want.svc = optarg;
		else if (c == 'g')
			want.logrun = optarg;
		else if (c == 'o' || c == 'O')
			want.status_each = c == 'O', want.status = optarg;
		else
			return false;
	if (argc - optind < 3)
		return false;
	want.n = (unsigned)strtoul(argv[optind], NULL, 10);
	want.all = want.logged ? 2 * want.n : want.n;
	want.directory = argv[optind + 1];
	want.scanner = argv + optind + 2;
	return want.n && want.n < 100000 && want.stop_signal;
}

/* A signal ends every wait; the clock ends those that it came just before. */
static void
catch_signals(void)
{
	struct sigaction act = {.sa_handler = on_signal};
	struct itimerval tick = {{0, 250000}, {0, 250000}};

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
}

int
main(int argc, char **argv)
{
	char path[4096];

	if (!parse(argc, argv))
		return 100;
	check_room();
	raise_limit();
	if (chdir(want.directory) == -1 || !getcwd(path, sizeof path - 8))
		return 111;
	strcat(path, "/fifo");
	setenv("SCAN_BENCH", path, 1);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	catch_signals();
	make_services();
	measure_start();
	measure_idle();
	measure_stop();
	print();
	return 0;
}
