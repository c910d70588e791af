/*
 * errno in the words of daemontools: a table of those that its users meet.
 */
#include "supervise/words.h"

#include <errno.h>
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
    {ELOOP, "too many levels of symbolic links"},
    {ENAMETOOLONG, "file name too long"},
    {EPIPE, "broken pipe"},
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
