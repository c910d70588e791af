/* Signals by name.  Pure. */
#ifndef SVSTAT_SIGNAME_H
#define SVSTAT_SIGNAME_H

/* "SIGTERM"; null for a number that has no name. */
char const *signame(unsigned int number);

#endif
