/*
 * Compares what is in the scan directory with what is known, by merging two
 * sorted lists: ten thousand services cost two sorts, not a hundred million
 * comparisons.  Directories are sorted by identity, then by name; behind them
 * come the names that are no directory, sorted by name alone.
 */
#include "svscan/scan.h"

#include <stdlib.h>
#include <string.h>

static int
compare_ids(struct scan_id const *a, struct scan_id const *b)
{
	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	return 0;
}

static int
compare_entries(void const *va, void const *vb)
{
	struct scan_entry const *a = va, *b = vb;
	bool odd_a = a->kind != SCAN_DIRECTORY;
	bool odd_b = b->kind != SCAN_DIRECTORY;
	int diff = 0;

	if (odd_a != odd_b)
		return odd_a ? 1 : -1;
	if (!odd_a)
		diff = compare_ids(&a->id, &b->id);
	return diff ? diff : strcmp(a->name, b->name);
}

static int
compare_known(void const *va, void const *vb)
{
	struct scan_known const *a = va, *b = vb;

	return compare_ids(&a->id, &b->id);
}

static size_t
count_directories(struct scan_entry const *entries, size_t n)
{
	size_t low = 0;

	while (low < n) {
		size_t middle = low + (n - low) / 2;
		if (entries[middle].kind == SCAN_DIRECTORY)
			low = middle + 1;
		else
			n = middle;
	}
	return low;
}

/* The entry of that name among those that are no directory, or null. */
static struct scan_entry const *
find_odd(struct scan_entry const *entries, size_t n, char const *name)
{
	struct scan_entry key = {.name = name, .kind = SCAN_UNCLEAR};
	size_t directories = count_directories(entries, n);

	if (directories == n)
		return NULL;
	return bsearch(&key, entries + directories, n - directories,
	    sizeof *entries, compare_entries);
}

/* Of the names from first to last, which are one directory: which is it? */
static size_t
choose(struct scan_entry const *entries, size_t first, size_t last,
    char const *name)
{
	for (size_t i = first; i < last; i++)
		if (strcmp(entries[i].name, name) == 0)
			return i;
	return first;
}

static void
judge(struct scan_entry const *entries, size_t n, struct scan_known *known)
{
	struct scan_entry const *odd = find_odd(entries, n, known->name);

	known->fate =
	    odd && odd->kind == SCAN_UNCLEAR ? SCAN_UNTOUCHED : SCAN_GONE;
}

void
scan_match(
    struct scan_entry *entries, size_t n, struct scan_known *known, size_t m)
{
	size_t directories, last, k = 0;

	if (n)
		qsort(entries, n, sizeof *entries, compare_entries);
	if (m)
		qsort(known, m, sizeof *known, compare_known);
	directories = count_directories(entries, n);
	for (size_t i = 0; i < n; i++)
		entries[i].verdict = SCAN_IGNORE;
	for (size_t i = 0; i < directories; i = last) {
		struct scan_id const *id = &entries[i].id;
		for (last = i + 1; last < directories; last++)
			if (compare_ids(&entries[last].id, id) != 0)
				break;
		while (k < m && compare_ids(&known[k].id, id) < 0)
			judge(entries, n, &known[k++]);
		if (k < m && compare_ids(&known[k].id, id) == 0) {
			known[k].fate = SCAN_SEEN;
			known[k].entry =
			    choose(entries, i, last, known[k].name);
			entries[known[k++].entry].verdict = SCAN_KNOWN;
		} else {
			entries[i].verdict = SCAN_NEW;
		}
	}
	while (k < m)
		judge(entries, n, &known[k++]);
}

bool
scan_is_news(
    struct scan_entry const *entry, struct scan_entry const *before, size_t n)
{
	struct scan_entry const *old;

	if (!entry->error)
		return false;
	if (!n)
		return true;
	if (entry->kind != SCAN_DIRECTORY)
		old = find_odd(before, n, entry->name);
	else
		old =
		    bsearch(entry, before, n, sizeof *before, compare_entries);
	return !old || old->error != entry->error;
}
