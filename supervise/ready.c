/*
 * A service that does not notify is ready as soon as it has been executed.  A
 * datagram counts if its sender belongs to the service: its process, a
 * descendant of that, or a descendant of supervise, as all orphans are.
 */
#include "supervise/ready.h"

#include <string.h>
#include <unistd.h>

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
	if (options->notification_fd &&
	    notify_make_fifo(&service->notify) == -1)
		return -1;
	if (has_socket(options) && notify_make_socket(&service->notify) == -1)
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
		plan->notify_socket = service->notify.socket_path;
	plan->watchdog_ms = options->watchdog_ms;
}

/* Start or restart the watchdog's time, unless the service is paused. */
static void
watch(struct service *service)
{
	uint32_t watchdog_ms = service->options.watchdog_ms;

	service->watched = watchdog_ms != 0;
	if (service->watched && !service->state.paused)
		timer_arm(&service->timers, TIMER_WATCHDOG, watchdog_ms);
}

void
ready_watch(struct service *service)
{
	if (service->state.paused)
		timer_disarm(&service->timers, TIMER_WATCHDOG);
	else if (service->watched)
		watch(service);
}

static struct event
is_ready(struct service *service)
{
	if (service->state.ready)
		return state_event(EVENT_NONE);
	facts_ready(&service->facts);
	timer_disarm(&service->timers, TIMER_READY);
	watch(service);
	return state_event(EVENT_READY);
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
	service->watched = false;
}

void
ready_resume(struct service *service)
{
	struct options const *options = &service->options;
	bool ready = service->state.ready;

	if (has_socket(options))
		notify_make_socket(&service->notify);
	if (!ready && options->notification_fd)
		notify_take_fifo(&service->notify);
	if (!ready && says_ready(options) && options->timeout_ready_ms)
		timer_arm(
		    &service->timers, TIMER_READY, options->timeout_ready_ms);
	if (ready)
		watch(service);
}
