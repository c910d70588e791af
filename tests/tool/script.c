/*
 * script FILE: FILE becomes an executable made of standard input, at once, so
 * that nobody can find a half.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	char name[PATH_MAX], text[65536];
	ssize_t r;
	int fd;

	if (argc != 2)
		return 100;
	snprintf(name, sizeof name, "%s.tmp", argv[1]);
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd == -1) {
		perror(name);
		return 111;
	}
	while ((r = read(0, text, sizeof text)) > 0)
		if (write(fd, text, (size_t)r) != r)
			break;
	if (r != 0 || fchmod(fd, 0755) == -1 || close(fd) == -1 ||
	    rename(name, argv[1]) == -1) {
		perror(argv[1]);
		return 111;
	}
	return 0;
}
