/* What a life_service tells life_bench: at most PIPE_BUF bytes, whole. */
#ifndef TESTS_TOOL_LIFE_H
#define TESTS_TOOL_LIFE_H

#include <stdint.h>
#include <sys/types.h>

struct life {
	pid_t pid;
	char what;  /* S: started, H: got HUP */
	int64_t ns; /* of the monotonic clock */
};

#endif
