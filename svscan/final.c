/*
 * The file is taken away, so that it counts once; a supervise that starts takes
 * away what nobody has asked for.
 */
#include "svscan/final.h"

#include <limits.h>
#include <stdio.h>

#include <skalibs/djbunix.h>
#include <skalibs/posixplz.h>
#include <skalibs/types.h>

bool
final_take(char const *name, int *code)
{
	char path[NAME_MAX + sizeof "/supervise/final"];
	char text[UINT_FMT + 1];
	unsigned int number;
	ssize_t len;
	size_t digits;

	snprintf(path, sizeof path, "%s/supervise/final", name);
	len = openreadnclose_nb(path, text, sizeof text - 1);
	if (len <= 0)
		return false;
	unlink_void(path);
	text[len] = 0;
	digits = uint_scan(text, &number);
	if (!digits || text[digits] != '\n' || number > 255)
		return false;
	*code = (int)number;
	return true;
}
