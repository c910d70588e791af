/*
 * scan_check LAST TWICE FILE...: are the lines that scan_lines prints all there
 * in these files, taken as one stream, from 1 to LAST, in order, none torn, and
 * at most TWICE of them two times in a row?  A stamp (@... or a date) may stand
 * before each line.  Says the first thing that is wrong, and exits 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
wrong(char const *file, unsigned long expected, char const *line)
{
	printf("%s: expected line %lu, found: %s\n", file, expected, line);
	exit(1);
}

/* The number of a line that is whole, or 0. */
static unsigned long
number_of(char *line)
{
	unsigned long n, check;
	char const *end;
	int len = 0;

	if (*line == '@')
		line += strcspn(line, " ") + 1;
	if (sscanf(line, "%lu %lx %n", &n, &check, &len) != 2 || !len)
		return 0;
	end = line + len;
	if (check != n * 7 || strspn(end, "x") != n % 41)
		return 0;
	return strcmp(end + n % 41, ".\n") == 0 ? n : 0;
}

int
main(int argc, char **argv)
{
	unsigned long last, twice, n, expected = 1;
	char line[4096];
	FILE *file;

	if (argc < 4)
		return 100;
	last = strtoul(argv[1], NULL, 10);
	twice = strtoul(argv[2], NULL, 10);
	for (int i = 3; i < argc; i++) {
		file = fopen(argv[i], "r");
		if (!file)
			wrong(argv[i], expected, "no such file");
		while (fgets(line, sizeof line, file)) {
			n = number_of(line);
			if (n && n + 1 == expected && twice) {
				twice--;
				continue;
			}
			if (n != expected)
				wrong(argv[i], expected, line);
			expected++;
		}
		fclose(file);
	}
	if (expected != last + 1)
		wrong("end", expected, "end of the last file");
	return 0;
}
