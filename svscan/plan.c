/*
 * The life of a service as svscan sees it, in three parts: it is wanted, and
 * both supervises run; its directory is gone, and nothing is started any more
 * but nothing is stopped either; it is being taken down, the service first,
 * then the logger, which ends when nobody writes to the pipe any more and all
 * in it is read.
 */
#include "svscan/plan.h"

bool
plan_needs_pipe(struct plan_facts const *facts)
{
	/* A logger that still runs has a pipe to read, whatever became of
	 * log/run; without either, nobody would ever empty it. */
	return facts->logged || facts->logger.alive;
}

static unsigned int
keep_running(struct plan_facts const *facts)
{
	unsigned int todo = 0;

	if (facts->logged && !facts->logger.alive)
		todo |= PLAN_START_LOGGER;
	if (facts->catchall)
		return todo;
	if (!facts->service.alive)
		todo |= PLAN_START_SERVICE;
	else if (facts->piped != plan_needs_pipe(facts) && !facts->service.told)
		todo |= PLAN_REPLACE_SERVICE;
	return todo;
}

static unsigned int
take_down(struct plan_facts const *facts)
{
	struct plan_side const *service = &facts->service;
	struct plan_side const *logger = &facts->logger;
	unsigned int todo = 0;

	if (!logger->alive && (logger->again || facts->unread))
		todo |= PLAN_START_LOGGER;
	if (service->alive)
		return service->told ? todo : todo | PLAN_STOP_SERVICE;
	if (service->again)
		return todo | PLAN_START_SERVICE;
	/* A logger that sees the end before its supervise has its order would
	 * be started again. */
	if (logger->alive && !logger->told)
		todo |= PLAN_END_LOGGER;
	else if (facts->writing)
		todo |= PLAN_END_WRITING;
	return todo;
}

unsigned int
plan_next(struct plan_facts const *facts)
{
	unsigned int todo = 0;

	if (facts->leaving)
		todo = take_down(facts);
	else if (facts->listed)
		return keep_running(facts);
	if (!todo && !facts->service.alive && !facts->logger.alive)
		todo = PLAN_FORGET;
	return todo;
}
