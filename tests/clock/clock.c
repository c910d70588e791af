/*
 * Linked into the programs of tests/fault/clock.sh in place of the system's:
 * their wall clock is ahead by the number of seconds in the file that
 * UPKEEP_CLOCK names, or behind.  A test sets it while they run.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int __real_clock_gettime(clockid_t, struct timespec *);
int __wrap_clock_gettime(clockid_t, struct timespec *);
time_t __wrap_time(time_t *);

static long long
offset(void)
{
	char const *file = getenv("UPKEEP_CLOCK");
	char digits[32] = "";
	int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t n;

	if (fd == -1)
		return 0;
	n = read(fd, digits, sizeof digits - 1);
	close(fd);
	return n > 0 ? atoll(digits) : 0;
}

int
__wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = __real_clock_gettime(clock, now);

	if (clock == CLOCK_REALTIME)
		now->tv_sec += (time_t)offset();
	return result;
}

time_t
__wrap_time(time_t *to)
{
	struct timespec now;

	__wrap_clock_gettime(CLOCK_REALTIME, &now);
	if (to)
		*to = now.tv_sec;
	return now.tv_sec;
}
