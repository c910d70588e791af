/*
 * tick FIFO: whoever opens FIFO to read finds its end after 20 ms or less. That
 * is a pause for a shell, and costs a twentieth of executing sleep(1).  It ends
 * with the process that has started it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	struct timespec const pause = {.tv_nsec = 20000000};

	if (argc != 2)
		return 100;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		/* This waits until somebody reads. */
		int fd = open(argv[1], O_WRONLY | O_CLOEXEC);

		if (fd == -1 && errno == EINTR)
			continue;
		if (fd == -1)
			return 111;
		nanosleep(&pause, NULL);
		close(fd);
	}
}
