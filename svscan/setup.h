/*
 * What svscan arranges for itself before it starts anything.
 */
#ifndef SVSCAN_SETUP_H
#define SVSCAN_SETUP_H

#include <sys/resource.h>

/*
 * Descriptors 0, 1 and 2 are open afterwards, and all others that svscan was
 * started with are closed when it starts a program.  0; -1 errno.
 */
int setup_descriptors(void);

/* As many descriptors as are permitted; inherited: as it was before. */
void setup_limit(struct rlimit *inherited);

/* Orphans of services become our children, where that can be had. */
void setup_subreaper(void);

#endif
