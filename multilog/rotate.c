/*
 * What to do next in one log directory, pure: from which files exist to one
 * step.  A rotation and the recovery from a crash are the same function, so
 * that wherever a crash comes, the next start goes on from there.
 *
 *   current --(x bit)--> @*.s                     without a processor
 *   current --(x bit)--> previous --> processed --(x bit)--> @*.s
 *
 * The x bit says: all of it is on disk.  A file with that bit is never
 * written again, except current after the bit has been taken away.  The name
 * .s says the same, so a file that may lack something never gets it.
 *
 * A power cut may leave some of the changes of names since the last sync of
 * the directory, and not others.  So the directory is synced before the next
 * change: a new current must not take the name of one whose own new name is not
 * on disk, nothing is removed or replaced before what makes up for it is there,
 * and names must tell the order.  It is also synced before lines are written
 * under a new name.
 */
#include "multilog/rotate.h"

/* What a processor has left; it is not running. */
static enum rotate_step
next_output(struct rotate_facts const *f)
{
	if (f->processed == ROTATE_LINKED || f->processed == ROTATE_PART)
		return ROTATE_REMOVE_PROCESSED;
	if (f->processed == ROTATE_ABSENT)
		return f->newstate == ROTATE_ABSENT ? ROTATE_REST
						    : ROTATE_REMOVE_NEWSTATE;
	/* The state belongs to this output: both or neither.  The name comes
	   last, as without processed it would be forgotten that newstate is
	   good and previous done with. */
	if (f->newstate != ROTATE_ABSENT)
		return ROTATE_KEEP_NEWSTATE;
	return f->previous != ROTATE_ABSENT ? ROTATE_REMOVE_PREVIOUS
					    : ROTATE_NAME_PROCESSED;
}

static enum rotate_step
next_previous(struct rotate_facts const *f)
{
	if (f->previous == ROTATE_LINKED)
		return ROTATE_REMOVE_PREVIOUS;
	if (f->previous == ROTATE_PART)
		return ROTATE_NAME_PREVIOUS_U;
	return f->previous == ROTATE_COMPLETE &&
		       f->processor == ROTATE_PROCESSOR_NONE
		   ? ROTATE_NAME_PREVIOUS_S
		   : ROTATE_REST;
}

/* Nothing may be named before previous is: names tell the order.  While a
   processor runs, the name previous is taken even if somebody has removed the
   file. */
bool
rotate_must_wait(struct rotate_facts const *f)
{
	return f->previous != ROTATE_ABSENT ||
	       f->processor == ROTATE_PROCESSOR_RUNNING ||
	       f->processor == ROTATE_PROCESSOR_DONE;
}

static enum rotate_step
next_current(struct rotate_facts const *f)
{
	bool may_move = !rotate_must_wait(f);

	switch (f->current) {
	case ROTATE_ABSENT:
		return ROTATE_CREATE_CURRENT;
	case ROTATE_LINKED:
		return ROTATE_REMOVE_CURRENT;
	case ROTATE_COMPLETE:
		return ROTATE_OPEN_CURRENT;
	case ROTATE_PART:
		/* Somebody who crashes again and again must not replace the
		   history by many small files; and new lines do not wait for a
		   processor. */
		return may_move && !f->spare ? ROTATE_NAME_CURRENT_U
					     : ROTATE_OPEN_CURRENT;
	case ROTATE_OPEN:
		/* What has a gap ends as soon as it can. */
		return may_move && (f->wanted || (f->gap && !f->spare))
			   ? ROTATE_SEAL_CURRENT
			   : ROTATE_REST;
	case ROTATE_SEALED:
		break;
	}
	if (!may_move)
		return ROTATE_REST;
	if (f->gap)
		return ROTATE_NAME_CURRENT_U;
	return f->processor == ROTATE_PROCESSOR_NONE ? ROTATE_NAME_CURRENT_S
						     : ROTATE_MOVE_CURRENT;
}

enum rotate_step
rotate_next(struct rotate_facts const *f)
{
	enum rotate_step step = ROTATE_REST;

	/* A previous that is not complete is not the one it was given. */
	if (f->processor != ROTATE_PROCESSOR_RUNNING &&
	    f->processor != ROTATE_PROCESSOR_DONE)
		step = next_output(f);
	else if (f->processor == ROTATE_PROCESSOR_DONE &&
		 f->previous != ROTATE_PART)
		step = ROTATE_SYNC_PROCESSED;
	if (step == ROTATE_REST)
		step = next_previous(f);
	if (step == ROTATE_REST)
		step = next_current(f);
	if (step == ROTATE_REST && f->previous == ROTATE_COMPLETE &&
	    f->processor == ROTATE_PROCESSOR_IDLE)
		step = ROTATE_START_PROCESSOR;
	/* These two need no name that is not on disk. */
	if (step == ROTATE_OPEN_CURRENT || step == ROTATE_SEAL_CURRENT)
		return step;
	return f->dirty ? ROTATE_SYNC_NAMES : step;
}

bool
rotate_is_full(uint64_t size, uint64_t limit, bool ends_line)
{
	return size >= limit || (ends_line && size + ROTATE_WINDOW >= limit);
}

size_t
rotate_window(uint64_t size, uint64_t limit, size_t left, size_t *from)
{
	uint64_t begin = limit > ROTATE_WINDOW ? limit - ROTATE_WINDOW : 0;
	uint64_t room = size < limit ? limit - size : 0;
	size_t to = left < room ? left : (size_t)room;

	if (size + to < begin)
		*from = to;
	else
		*from = size + 1 < begin ? (size_t)(begin - size - 1) : 0;
	return to;
}
