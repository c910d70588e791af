/*
 * An essential service that is down for good: its supervise leaves the exit
 * code for svscan in supervise/final, and ends.
 */
#ifndef SVSCAN_FINAL_H
#define SVSCAN_FINAL_H

#include <stdbool.h>

/*
 * Take what the supervise of the service has left.  False when it has left
 * none; true and *code, from 0 to 255.
 */
bool final_take(char const *name, int *code);

#endif
