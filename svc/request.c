/*
 * Each letter is sent at most once.  On the command line + and = apply to all
 * letters after them, in the FIFO only to the next one, so each letter is sent
 * with its own.
 */
#include "svc/request.h"

#include <string.h>

#include <skalibs/sgetopt.h>
#include <skalibs/types.h>

char const request_usage[] =
    "svc options: u up, d down, o once, p pause, c continue, h HUP, a ALRM, "
    "i INT, t TERM, k KILL, x exit, q QUIT, 1 USR1, 2 USR2, b ABRT, "
    "r restart, + group, = process, w wait, T time, e exit\n";

char const request_help[] =
    "usage: svc [-udopchaitkxq12br+=e] [-w state] [-T ms] service ...\n"
    "  -u  up: start it, restart it when it ends\n"
    "  -d  down: TERM and CONT, do not restart it\n"
    "  -o  once: start it, do not restart it\n"
    "  -p  pause: STOP\n"
    "  -c  continue: CONT\n"
    "  -h  HUP\n"
    "  -a  ALRM\n"
    "  -i  INT\n"
    "  -t  TERM\n"
    "  -k  KILL\n"
    "  -x  exit: supervise exits when the service is down\n"
    "  -q  QUIT\n"
    "  -1  USR1\n"
    "  -2  USR2\n"
    "  -b  ABRT\n"
    "  -r  restart: stop it, then start it\n"
    "  -+  group: the letters after it signal the process group\n"
    "  -=  process: the letters after it signal the process alone\n"
    "  -w  wait until it is: u up, U up and ready, d down, D down and "
    "finished,\n"
    "      r restarted, R restarted and ready\n"
    "  -T  time: wait at most that many milliseconds; 0: no limit\n"
    "  -e  exit: the exit code tells, as with -w and -T\n";

/* target is CONTROL_GROUP, CONTROL_PROCESS, or 0. */
static void
add(struct request *r, char letter, char target)
{
	if (strchr(r->letters, letter))
		return;
	if (target)
		r->letters[r->letters_len++] = target;
	r->letters[r->letters_len++] = letter;
}

int
request_parse(struct request *r, int argc, char const *const *argv)
{
	subgetopt l = SUBGETOPT_ZERO;
	unsigned int ms;
	char target = 0;
	int letter;

	*r = (struct request){.timeout_ms = REQUEST_NO_TIMEOUT};
	while ((letter = subgetopt_r(
		    argc, argv, "udopchaitkxq12br+=w:T:e", &l)) != -1) {
		switch (letter) {
		case CONTROL_GROUP:
		case CONTROL_PROCESS:
			target = (char)letter;
			continue;
		case 'w':
			if (!l.arg[0] || l.arg[1] || !strchr("uUdDrR", *l.arg))
				return -1;
			r->wait = *l.arg;
			break;
		case 'T':
			if (!uint0_scan(l.arg, &ms) || ms > INT32_MAX)
				return -1;
			r->timeout_ms = (int)ms;
			break;
		case 'e':
			break;
		case '?':
			return -1;
		default:
			add(r, (char)letter, target);
			continue;
		}
		r->is_truthful = true;
	}
	return l.ind;
}

char
request_wish(struct request const *r)
{
	char last = 0;

	for (char const *letter = r->letters; *letter; letter++)
		if (strchr("uord", *letter))
			last = *letter;
	return last;
}

bool
request_is_for_up(struct request const *r)
{
	return r->wait && strchr("uUrR", r->wait);
}

bool
request_is_for_exit(struct request const *r)
{
	return strchr(r->letters, 'x') && r->wait == 'D';
}
