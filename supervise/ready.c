/*
 * A service that does not notify is ready as soon as it has been executed.  A
 * datagram counts if its sender belongs to the service: its process, a
 * descendant of that, or a descendant of supervise, as all orphans are.
 */
#include "supervise/ready.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "supervise/message.h"

/* Read at a time: a service that floods the socket must not block the rest. */
#define DATAGRAMS_MAX 64

static bool
has_socket(struct options const *options)
{
	return options->notify_socket || options->watchdog_ms;
}

static bool
says_ready(struct options const *options)
{
	return options->notification_fd || options->notify_socket;
}

int
ready_open(struct service *service)
{
	struct options const *options = &service->options;

	notify_close(&service->notify);
	service->facts.report.notify_socket[0] = 0;
	if (options->notification_fd &&
	    notify_make_fifo(&service->notify) == -1)
		return -1;
	if (has_socket(options) &&
	    notify_make_socket(
		&service->notify, service->facts.report.notify_socket) == -1)
		return -1;
	return 0;
}

void
ready_plan(struct process_plan *plan, struct service const *service)
{
	struct options const *options = &service->options;

	plan->notify_fd = service->notify.fifo_end;
	plan->notify_as = (int)options->notification_fd;
	if (has_socket(options))
		plan->notify_socket = service->facts.report.notify_socket;
	plan->watchdog_ms = options->watchdog_ms;
}

/*
 * Start or restart the time of the watchdog.  A paused service cannot say
 * anything; an adopted one is looked at, because somebody else may have stopped
 * it.
 */
static void
watch(struct service *service)
{
	uint32_t watchdog_ms = service->options.watchdog_ms;

	/* Nothing that it says is heard without the socket. */
	service->watched = watchdog_ms && service->notify.socket != -1;
	if (service->watched &&
	    (!service->state.paused || service->process.adopted))
		timer_arm(&service->timers, TIMER_WATCHDOG, watchdog_ms);
}

void
ready_watch(struct service *service)
{
	if (service->state.paused && !service->process.adopted)
		timer_disarm(&service->timers, TIMER_WATCHDOG);
	else if (service->watched)
		watch(service);
}

static struct event
is_ready(struct service *service)
{
	if (service->state.ready)
		return state_event(EVENT_NONE);
	clock_gettime(CLOCK_REALTIME, &service->facts.report.ready_since);
	timer_disarm(&service->timers, TIMER_READY);
	watch(service);
	return state_event(EVENT_READY);
}

struct event
ready_watchdog(struct service *service)
{
	bool paused = service->state.paused;
	char state = process_state(service->process.pid);
	bool stopped = state == 'T';

	if (!service->process.adopted || (state && !stopped && !paused))
		return state_event(EVENT_WATCHDOG_DUE);
	/* Nobody tells us that an adopted process has stopped, or goes on. */
	if (state && stopped != paused)
		return state_event(stopped ? EVENT_STOPPED : EVENT_CONTINUED);
	watch(service);
	return state_event(EVENT_NONE);
}

struct event
ready_await(struct service *service)
{
	struct options const *options = &service->options;
	uint32_t ms = says_ready(options) ? options->timeout_ready_ms
					  : options->ready_after_ms;

	if (ms)
		timer_arm(&service->timers, TIMER_READY, ms);
	else if (!says_ready(options))
		return is_ready(service);
	return state_event(EVENT_NONE);
}

struct event
ready_due(struct service *service)
{
	if (says_ready(&service->options))
		return state_event(EVENT_READY_DUE);
	return is_ready(service);
}

static struct event
heed(struct service *service, struct notice const *notice)
{
	if (notice->has_status)
		memcpy(service->facts.report.status_text, notice->status,
		    sizeof notice->status);
	if (notice->watchdog)
		watch(service);
	if (notice->ready)
		return is_ready(service);
	if (notice->stopping || notice->reloading)
		return state_event(EVENT_UNREADY);
	if (service->state.paused && service->process.adopted)
		return ready_watchdog(service);
	return state_event(EVENT_NONE);
}

/*
 * A helper may have exited before its message is read.  Then the user it ran as
 * must be root, that of supervise or that of ./run, who could send it anyway.
 */
static bool
believes(struct service const *service, struct notify_sender const *sender)
{
	pid_t pid = service->process.pid;
	int is = process_is_below(sender->pid, getpid());
	uid_t uid;

	if (is != 1)
		is = process_is_below(sender->pid, pid);
	if (is != -1)
		return is;
	return sender->uid == 0 || sender->uid == geteuid() ||
	       (process_user(pid, &uid) == 0 && sender->uid == uid);
}

struct event
ready_listen(struct service *service)
{
	struct event event = state_event(EVENT_NONE);
	struct notify *notify = &service->notify;
	struct notice notice;
	struct notify_sender sender;

	/* Nothing from before ./run was executed counts. */
	if (service->state.phase != PHASE_UP)
		return event;
	if (notify->fifo != -1 && notify_read_fifo(notify))
		return is_ready(service);
	for (int i = 0; i < DATAGRAMS_MAX && event.kind == EVENT_NONE; i++) {
		if (notify->socket == -1 ||
		    notify_read_socket(notify, &notice, &sender) != 1)
			break;
		if (believes(service, &sender))
			event = heed(service, &notice);
	}
	return event;
}

void
ready_over(struct service *service)
{
	notify_close(&service->notify);
	timer_disarm(&service->timers, TIMER_READY);
	timer_disarm(&service->timers, TIMER_WATCHDOG);
	service->watched = service->deaf = false;
}

/* What the adopted process has, and what is not open yet.  False: try again. */
static bool
reopen(struct service *service)
{
	static int trouble;
	struct options const *options = &service->options;
	struct notify *notify = &service->notify;
	char const *file = NOTIFY_SOCKET;
	int result = 0;

	if (has_socket(options) && notify->socket == -1)
		result = notify_make_socket(
		    notify, service->facts.report.notify_socket);
	if (result == 0 && options->notification_fd && !service->state.ready &&
	    notify->fifo == -1) {
		file = NOTIFY_FIFO;
		result = notify_take_fifo(notify);
	}
	message_warn_once(
	    &trouble, &(struct message){"listen to", service->name, file,
			  result == -1 ? errno : 0});
	return result == 0;
}

struct event
ready_resume(struct service *service)
{
	struct options const *options = &service->options;
	uint64_t ran_ms = facts_ran_ms(&service->facts);
	uint64_t ms = options->ready_after_ms;

	service->deaf = !reopen(service);
	if (service->deaf)
		timer_arm(&service->timers, TIMER_RETRY, SERVICE_RETRY_MS);
	if (service->state.ready) {
		watch(service);
	} else if (!says_ready(options)) {
		if (ran_ms >= ms)
			return is_ready(service);
		timer_arm(&service->timers, TIMER_READY, ms - ran_ms);
	} else if (options->timeout_ready_ms && !options->notify_socket &&
		   !service->deaf) {
		/* A word for the socket may have been said to nobody. */
		timer_arm(
		    &service->timers, TIMER_READY, options->timeout_ready_ms);
	}
	return state_event(EVENT_NONE);
}
