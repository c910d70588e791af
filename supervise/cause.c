/*
 * Looks at the file only after execve has failed; whatever has changed in
 * between makes the words wrong, never the behaviour.
 */
#include "supervise/cause.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>

#define FIRST_LINE 256 /* the kernel looks no further: execve(2) */

static char const *
cause_in_text(char *text)
{
	char *interpreter;

	if (text[0] != '#' || text[1] != '!')
		return "neither a program nor a script with #!";
	text[strcspn(text, "\n")] = 0;
	if (strchr(text, '\r'))
		return "text file with CRLF";
	interpreter = text + 2 + strspn(text + 2, " \t");
	interpreter[strcspn(interpreter, " \t")] = 0;
	if (!*interpreter)
		return "no interpreter after #!";
	if (access(interpreter, F_OK) == -1)
		return "interpreter missing";
	if (access(interpreter, X_OK) == -1)
		return "interpreter not executable";
	return "";
}

char const *
cause_of(char const *program, int exec_error)
{
	char text[FIRST_LINE + 1];
	struct stat st;
	ssize_t n;

	if (lstat(program, &st) == -1)
		return errno == ENOENT ? "no such file" : "";
	if (stat(program, &st) == -1)
		return errno == ENOENT ? "dangling link" : "";
	if (S_ISDIR(st.st_mode))
		return "a directory";
	if (!(st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		return "not executable";
	if (exec_error == ETXTBSY)
		return "open for writing";
	n = openreadnclose_nb(program, text, FIRST_LINE);
	if (n <= 0)
		return n == 0 ? "empty file" : "";
	text[n] = 0;
	if (memcmp(text, "\177ELF", n < 4 ? (size_t)n : 4) == 0)
		return exec_error == ENOENT ? "dynamic loader missing" : "";
	return cause_in_text(text);
}
