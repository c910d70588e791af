/*
 * errno in the words of daemontools: a table of those that its users meet.  A
 * name may be whatever a directory entry may be, and a message is one line.
 */
#include "supervise/words.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct {
	int error;
	char const *words;
} const table[] = {
    {ENOENT, "file does not exist"},
    {EACCES, "access denied"},
    {EPERM, "permission denied"},
    {EAGAIN, "temporary failure"},
    {ENOTDIR, "not a directory"},
    {EISDIR, "is a directory"},
    {ENXIO, "device not configured"},
    {EIO, "input/output error"},
    {ENOSPC, "out of disk space"},
    {EROFS, "read-only file system"},
    {EPROTO, "bad format"},
    {ELOOP, "symbolic link loop"},
    {ENAMETOOLONG, "file name too long"},
    {EPIPE, "broken pipe"},
    {ENOMEM, "out of memory"},
    {EMFILE, "process cannot open more files"},
    {ENFILE, "system cannot open more files"},
    {EEXIST, "file already exists"},
    {EINVAL, "invalid argument"},
    {ENOEXEC, "exec format error"},
    {E2BIG, "argument list too long"},
    {ETXTBSY, "text busy"},
    {0, NULL},
};

char const *
words(int error)
{
	for (size_t i = 0; table[i].words; i++)
		if (table[i].error == error)
			return table[i].words;
	return strerror(error);
}

static bool
is_plain(unsigned char c)
{
	return c >= ' ' && c < 0x7f && c != '\\';
}

char const *
words_shown(char const *name)
{
	static char const digits[] = "0123456789abcdef";
	char const *at = name;
	char *shown, *to;

	while (*at == '\\' || is_plain((unsigned char)*at))
		at++;
	if (!*at)
		return name;
	shown = to = malloc(strlen(name) * strlen("\\xNN") + 1);
	if (!shown)
		return "?";
	for (at = name; *at; at++) {
		unsigned char c = (unsigned char)*at;
		if (is_plain(c)) {
			*to++ = *at;
			continue;
		}
		*to++ = '\\';
		*to++ = 'x';
		*to++ = digits[c >> 4];
		*to++ = digits[c & 15];
	}
	*to = 0;
	return shown;
}
