/*
 * The finished files of a log directory: @label.s and @label.u, in the order
 * of their names.  Directories are none of ours, whatever their names; and a
 * file that cannot be removed must not keep the others from being removed.
 */
#include "multilog/oldfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The next old file, or null: errno is 0 at the end. */
static struct dirent *
next_old(DIR *list)
{
	struct dirent *d;
	struct stat st;

	for (;;) {
		errno = 0;
		d = readdir(list);
		if (!d)
			return NULL;
		if (d->d_name[0] != '@' || strlen(d->d_name) < STAMP_LABEL ||
		    d->d_type == DT_DIR)
			continue;
		if (d->d_type != DT_UNKNOWN)
			return d;
		if (fstatat(dirfd(list), d->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
			0 &&
		    !S_ISDIR(st.st_mode))
			return d;
	}
}

int
oldfiles_scan(DIR *list, char const *after, bool sized, struct oldfiles *o)
{
	struct dirent *d;
	struct stat st;
	struct stamp label;

	*o = (struct oldfiles){0};
	rewinddir(list);
	while ((d = next_old(list))) {
		uint64_t bytes = 0;

		if (sized && fstatat(dirfd(list), d->d_name, &st,
				 AT_SYMLINK_NOFOLLOW) == 0)
			bytes = (uint64_t)st.st_size;
		o->count++;
		o->bytes += bytes;
		if (stamp_scan(d->d_name, &label) &&
		    stamp_compare(&label, &o->label) > 0)
			o->label = label;
		if (strcmp(d->d_name, o->newest) > 0)
			memcpy(o->newest, d->d_name, strlen(d->d_name) + 1);
		if (strcmp(d->d_name, after) > 0 &&
		    (!o->oldest[0] || strcmp(d->d_name, o->oldest) < 0)) {
			memcpy(o->oldest, d->d_name, strlen(d->d_name) + 1);
			o->oldest_bytes = bytes;
		}
	}
	return errno ? -1 : 0;
}

bool
oldfiles_include(DIR *list, dev_t dev, ino_t ino)
{
	struct dirent *d;
	struct stat st;

	rewinddir(list);
	while ((d = next_old(list)))
		if (fstatat(dirfd(list), d->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
			0 &&
		    st.st_dev == dev && st.st_ino == ino)
			return true;
	return false;
}

int
oldfiles_trim(DIR *list, uint64_t number, uint64_t total, char stuck[256])
{
	struct oldfiles o;
	char after[256] = "";
	uint64_t removed = 0, removed_bytes = 0;
	int error = 0;

	stuck[0] = 0;
	for (;;) {
		if (oldfiles_scan(list, after, total != 0, &o) == -1)
			return -1;
		/* What is stuck counts as removed, or everything else would
		   have to make room for it. */
		if (!o.oldest[0] || strcmp(o.oldest, o.newest) == 0 ||
		    (o.count - removed <= number &&
			(!total || o.bytes - removed_bytes <= total)))
			break;
		if (unlinkat(dirfd(list), o.oldest, 0) == -1 &&
		    errno != ENOENT) {
			if (!error)
				memcpy(stuck, o.oldest, sizeof o.oldest);
			error = error ? error : errno;
			removed++;
			removed_bytes += o.oldest_bytes;
		}
		memcpy(after, o.oldest, sizeof after);
	}
	if (!error)
		return 0;
	errno = error;
	return -1;
}
