/*
 * scan_orphans N FIFO: a service with N children, each of which waits until
 * nobody has the FIFO open for writing any more, and then ends.  When all are
 * there it makes the file "ready", or "few" if there may not be so many, and
 * waits to be killed; nobody waits for the children.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	int count = argc == 3 ? atoi(argv[1]) : 0;
	int fd = count ? open(argv[2], O_RDONLY) : -1;
	char const *result = "ready";
	char byte;

	if (fd == -1)
		return 100;
	for (int i = 0; i < count; i++) {
		switch (fork()) {
		case -1:
			result = "few";
			i = count;
			break;
		case 0:
			while (read(fd, &byte, 1) > 0)
				;
			_exit(0);
		}
	}
	close(open(result, O_WRONLY | O_CREAT, 0666));
	for (;;)
		pause();
}
