/*
 * What to do next in one log directory, pure: from which files exist to one
 * step.  A rotation and the recovery from a crash are the same function, so
 * that wherever a crash comes, the next start goes on from there.
 *
 *   current --(x bit)--> @*.s                     without a processor
 *   current --(x bit)--> previous --> processed --(x bit)--> @*.s
 *
 * The x bit says: all of it is on disk.  A file with that bit is never
 * written again, except current after the bit has been taken away.
 */
#include "multilog/rotate.h"

/* What a processor has left; it is not running. */
static enum rotate_step
next_output(struct rotate_facts const *f)
{
	switch (f->processed) {
	case ROTATE_PIECE_LINKED:
		return ROTATE_REMOVE_PROCESSED;
	case ROTATE_PIECE_COMPLETE:
		/* The state belongs to this output: both or neither.  The name
		   comes last, as without processed it would be forgotten that
		   newstate is good and previous done with. */
		if (f->newstate)
			return ROTATE_KEEP_NEWSTATE;
		if (f->previous != ROTATE_PIECE_ABSENT)
			return ROTATE_REMOVE_PREVIOUS;
		return ROTATE_NAME_PROCESSED;
	case ROTATE_PIECE_PART:
		return ROTATE_REMOVE_PROCESSED;
	case ROTATE_PIECE_ABSENT:
		break;
	}
	return f->newstate ? ROTATE_REMOVE_NEWSTATE : ROTATE_REST;
}

static enum rotate_step
next_previous(struct rotate_facts const *f)
{
	switch (f->previous) {
	case ROTATE_PIECE_LINKED:
		return ROTATE_REMOVE_PREVIOUS;
	case ROTATE_PIECE_PART:
		return ROTATE_NAME_PREVIOUS_U;
	case ROTATE_PIECE_COMPLETE:
		if (f->processor == ROTATE_PROCESSOR_NONE)
			return ROTATE_NAME_PREVIOUS_S;
		break;
	case ROTATE_PIECE_ABSENT:
		break;
	}
	return ROTATE_REST;
}

static enum rotate_step
next_current(struct rotate_facts const *f)
{
	/* Nothing may be named before previous is: names tell the order. */
	bool may_move = f->previous == ROTATE_PIECE_ABSENT;

	switch (f->current) {
	case ROTATE_CURRENT_ABSENT:
		return ROTATE_CREATE_CURRENT;
	case ROTATE_CURRENT_LINKED:
		return ROTATE_REMOVE_CURRENT;
	case ROTATE_CURRENT_USABLE:
		return ROTATE_OPEN_CURRENT;
	case ROTATE_CURRENT_CLEAN:
		if (!f->wanted || !may_move)
			return ROTATE_OPEN_CURRENT;
		return f->processor == ROTATE_PROCESSOR_NONE
			   ? ROTATE_NAME_CURRENT_S
			   : ROTATE_MOVE_CURRENT;
	case ROTATE_CURRENT_WHOLE:
		/* Somebody who crashes again and again must not replace the
		   history by many small files. */
		return may_move && !f->spare ? ROTATE_NAME_CURRENT_U
					     : ROTATE_OPEN_CURRENT;
	case ROTATE_CURRENT_TORN:
		return may_move ? ROTATE_NAME_CURRENT_U : ROTATE_REST;
	case ROTATE_CURRENT_OPEN:
		return f->wanted && may_move ? ROTATE_SYNC_CURRENT
					     : ROTATE_REST;
	}
	return ROTATE_REST;
}

enum rotate_step
rotate_next(struct rotate_facts const *f)
{
	enum rotate_step step = ROTATE_REST;

	if (f->processor == ROTATE_PROCESSOR_DONE)
		return ROTATE_SYNC_PROCESSED;
	if (f->processor != ROTATE_PROCESSOR_RUNNING)
		step = next_output(f);
	if (step == ROTATE_REST)
		step = next_previous(f);
	if (step == ROTATE_REST)
		step = next_current(f);
	if (step == ROTATE_REST && f->previous == ROTATE_PIECE_COMPLETE &&
	    f->processor == ROTATE_PROCESSOR_IDLE)
		step = ROTATE_START_PROCESSOR;
	return step;
}

struct rotate_window
rotate_window(uint64_t size, uint64_t limit, size_t left)
{
	uint64_t begin = limit - ROTATE_WINDOW;
	uint64_t room = size < limit ? limit - size : 0;
	struct rotate_window w = {0, left < room ? left : (size_t)room};

	if (size + w.to < begin)
		w.to = 0;
	else if (size + 1 < begin)
		w.from = (size_t)(begin - size - 1);
	return w;
}

size_t
rotate_amount(
    uint64_t size, uint64_t limit, size_t left, size_t line, bool *full)
{
	uint64_t room = size < limit ? limit - size : 0;

	if (line) {
		*full = true;
		return line;
	}
	*full = left >= room;
	return left < room ? left : (size_t)room;
}
