/*
 * A service, or a logger, that costs as little as may be: it tells the FIFO in
 * $SCAN_BENCH its number, and waits for the end of its standard input if it is
 * in a directory log, and else for a signal.
 *
 * The number, of four bytes, is twice the name of the service's directory, and
 * one more for the logger.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint32_t
own_number(char *cwd)
{
	char *name = strrchr(cwd, '/');
	uint32_t logger = strcmp(name, "/log") == 0;

	if (logger) {
		*name = 0;
		name = strrchr(cwd, '/');
	}
	return name ? 2 * (uint32_t)strtoul(name + 1, NULL, 10) + logger : 0;
}

int
main(void)
{
	char text[4096];
	char const *path = getenv("SCAN_BENCH");
	uint32_t number;
	int fd;

	if (!path || !getcwd(text, sizeof text))
		return 100;
	number = own_number(text);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd == -1 || write(fd, &number, sizeof number) != sizeof number)
		return 111;
	close(fd);
	while (number % 2 == 0)
		pause();
	while (read(0, text, sizeof text) > 0)
		;
	return 0;
}
