/*
 * Pure.  Scripts have matched on these words for twenty years, whatever the C
 * library.
 */
#include "supervise/error.h"

#include <errno.h>
#include <stddef.h>
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
};

char const *
error_words(int error)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].error == error)
			return table[i].words;
	return strerror(error);
}
