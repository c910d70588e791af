/*
 * The alphabet of supervise/control as one table.
 */
#include "supervise/control.h"

#include <signal.h>
#include <stddef.h>

/* clang-format off */
struct control const control_alphabet[] = {
    {'u', {EVENT_UP, 0}, "up: start it, restart it when it ends"},
    {'d', {EVENT_DOWN, 0}, "down: TERM and CONT, do not restart it"},
    {'o', {EVENT_ONCE, 0}, "once: start it, do not restart it"},
    {'p', {EVENT_SIGNAL, SIGSTOP}, "pause: STOP"},
    {'c', {EVENT_SIGNAL, SIGCONT}, "continue: CONT"},
    {'h', {EVENT_SIGNAL, SIGHUP}, "HUP"},
    {'a', {EVENT_SIGNAL, SIGALRM}, "ALRM"},
    {'i', {EVENT_SIGNAL, SIGINT}, "INT"},
    {'t', {EVENT_SIGNAL, SIGTERM}, "TERM"},
    {'k', {EVENT_SIGNAL, SIGKILL}, "KILL"},
    {'x', {EVENT_EXIT, 0}, "exit: supervise leaves when it is down"},
    {'q', {EVENT_SIGNAL, SIGQUIT}, "QUIT"},
    {'1', {EVENT_SIGNAL, SIGUSR1}, "USR1"},
    {'2', {EVENT_SIGNAL, SIGUSR2}, "USR2"},
    {'b', {EVENT_SIGNAL, SIGABRT}, "ABRT"},
    {'r', {EVENT_RESTART, 0}, "restart: stop it, then start it"},
    {0, {EVENT_NONE, 0}, NULL},
};
/* clang-format on */

struct control const *
control_find(char letter)
{
	for (struct control const *c = control_alphabet; c->letter; c++)
		if (c->letter == letter)
			return c;
	return NULL;
}
