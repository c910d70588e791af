/*
 * A service without any of this is ready as soon as it has been executed.  A
 * datagram counts when its sender is the service's process or one below it.
 */
#include "supervise/ready.h"

#include <string.h>

#include "supervise/notify.h"
#include "supervise/proc.h"

static bool
has_socket(struct options const *options)
{
	return options->notify_socket || options->watchdog_ms;
}

static bool
says_ready(struct options const *options)
{
	return options->notification_fd != -1 || options->notify_socket;
}

int
ready_open(struct service *service)
{
	struct options const *options = &service->options;

	notify_close(&service->notify);
	if (options->notification_fd != -1 &&
	    notify_make_fifo(&service->notify) == -1)
		return -1;
	if (has_socket(options) && notify_make_socket(&service->notify) == -1)
		return -1;
	return 0;
}

/* From now on, or anew; a paused service cannot say anything. */
static void
watch(struct service *service)
{
	uint32_t watchdog_ms = service->options.watchdog_ms;

	service->watched = watchdog_ms != 0;
	if (service->watched && !service->state.paused)
		service_arm(service, TIMER_WATCHDOG, watchdog_ms);
}

void
ready_paused(struct service *service)
{
	if (service->state.paused)
		service_disarm(service, TIMER_WATCHDOG);
	else if (service->watched)
		watch(service);
}

static void
is_ready(struct service *service)
{
	if (service->state.phase != PHASE_UP || service->state.ready)
		return;
	facts_ready(&service->facts);
	service_disarm(service, TIMER_READY);
	watch(service);
	service_feed(service, EVENT_READY);
}

static void
heed(struct service *service, struct notice const *notice)
{
	if (notice->has_status) {
		memcpy(service->facts.status_text, notice->status,
		    sizeof notice->status);
		service->changed = true;
	}
	if (notice->stopping || notice->reloading)
		service_feed(service, EVENT_UNREADY);
	if (notice->ready)
		is_ready(service);
	if (notice->watchdog)
		watch(service);
}

void
ready_listen(struct service *service)
{
	struct notify *notify = &service->notify;
	struct notice notice;
	pid_t sender;

	/* What it says once executed counts, not what it was before. */
	if (service->state.phase != PHASE_UP)
		return;
	if (notify->fifo != -1 && notify_read_fifo(notify))
		is_ready(service);
	while (notify->socket != -1 &&
	       notify_read_socket(notify, &notice, &sender) == 1)
		if (proc_is_below(sender, service->child.pid))
			heed(service, &notice);
}

void
ready_executed(struct service *service)
{
	uint32_t ready_ms = service->options.timeout_ready_ms;

	if (!says_ready(&service->options))
		is_ready(service);
	else if (ready_ms)
		service_arm(service, TIMER_READY, ready_ms);
}

void
ready_resume(struct service *service)
{
	struct options const *options = &service->options;
	bool ready = service->state.ready;

	if (has_socket(options))
		notify_make_socket(&service->notify);
	if (!ready && options->notification_fd != -1)
		notify_take_fifo(&service->notify);
	if (!ready && says_ready(options) && options->timeout_ready_ms)
		service_arm(service, TIMER_READY, options->timeout_ready_ms);
	if (ready)
		watch(service);
}

void
ready_died(struct service *service)
{
	notify_close(&service->notify);
	service_disarm(service, TIMER_READY);
	service_disarm(service, TIMER_WATCHDOG);
	service->watched = false;
}

void
ready_plan(struct child_plan *plan, struct service const *service)
{
	struct options const *options = &service->options;

	plan->notify_fd = service->notify.fifo_end;
	plan->notify_as = options->notification_fd;
	if (has_socket(options))
		plan->notify_socket = service->notify.socket_path;
	plan->watchdog_ms = options->watchdog_ms;
}
