/*
 * Memory for buffers.  It comes from the kernel, which gives it page by page
 * when it is written to: a buffer that has never been full costs nothing, and
 * an idle multilog is small.
 */
#include "multilog/memory.h"

#include <sys/mman.h>

#include "multilog/message.h"

#define CHUNK 524288
#define PAGE  ((size_t)4096)

void *
memory_need(size_t n, size_t size)
{
	static char *at;
	static size_t left;
	size_t bytes = (n + 1) * size;

	bytes += -bytes % (bytes < PAGE ? 16 : PAGE);
	if (bytes > left) {
		left = bytes < CHUNK ? CHUNK : bytes;
		at = mmap(NULL, left, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (at == MAP_FAILED) {
			left = 0;
			message_fatal(0, "out of memory");
			return NULL;
		}
	}
	left -= bytes;
	at += bytes;
	return at - bytes;
}
