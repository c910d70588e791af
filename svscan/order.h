/*
 * What svscan says to a supervise that runs, besides the signals that service.c
 * sends; and what a supervise leaves for svscan to read.
 */
#ifndef SVSCAN_ORDER_H
#define SVSCAN_ORDER_H

#include <stdbool.h>

#include "svscan/table.h"

/* Does a supervise listen on the control FIFO? */
bool order_can_be_given(struct service const *service);

/* Tell its supervise to kill what it runs, and leave. */
void order_kill(struct service const *service);

/* Kill the supervise itself, and its children. */
void order_kill_all(struct service const *service);

/* An essential service that is down for good leaves its exit code for svscan in
 * supervise/final: take it.  False if there is none. */
bool order_take_final(struct service const *service, int *code);

#endif
