/*
 * The pipe is that of any logger, with svscan in the place of the service.
 * Written back into it, a message of the log service would go round for ever.
 */
#include "svscan/catchall.h"

#include <fcntl.h>
#include <unistd.h>

#include "svscan/warn.h"

int
catchall_begin(struct care *care, struct service *service)
{
	if (care_pipe(service) == -1)
		return -1;
	care->output = fcntl(1, F_DUPFD_CLOEXEC, 3);
	care->errors = fcntl(2, F_DUPFD_CLOEXEC, 3);
	if (care->output == -1 || care->errors == -1 ||
	    dup2(service->pipe.writer, 1) == -1 ||
	    dup2(service->pipe.writer, 2) == -1)
		return -1;
	warn_otherwise_to(care->errors);
	return 0;
}

void
catchall_end(struct care *care)
{
	/* dup2 to a descriptor that is open cannot fail for lack of any. */
	dup2(care->output, 1);
	dup2(care->errors, 2);
}
