/*
 * The widest columns, which are mostly empty, come last: on a narrow terminal
 * the others stay aligned.
 */
#include "svstat/listing.h"

#include <string.h>

#include "svstat/fields.h"

/* The first of the columns that may be empty. */
enum { FIRST_TEXT = 5 };

/* End the cell that began at start. */
static void
end(struct listing *listing, size_t column, size_t start)
{
	size_t len = listing->cells.bytes.len - start;

	if (len == 0 && column < FIRST_TEXT) {
		text_put(&listing->cells, "-");
		len = 1;
	}
	if (len > listing->widths[column])
		listing->widths[column] = len;
	if (!stralloc_0(&listing->cells.bytes))
		listing->cells.failed = true;
}

void
listing_begin(struct listing *listing)
{
	static char const *const head[TABLE_COLUMNS] = {
	    "NAME", "STATE", "PID", "FOR", "RESTARTS", "LAST END", "ERROR"};

	*listing = (struct listing){.cells = TEXT_ZERO};
	for (size_t i = 0; i < TABLE_COLUMNS; i++) {
		size_t start = listing->cells.bytes.len;

		text_put(&listing->cells, head[i]);
		end(listing, i, start);
	}
}

/* "3d 4h", of the two largest units. */
static void
put_duration(struct text *text, uint64_t seconds)
{
	static struct {
		uint64_t seconds;
		char const *unit;
	} const units[] = {{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}};
	size_t i = 0;

	while (units[i].seconds > 1 && seconds < units[i].seconds)
		i++;
	text_number(text, seconds / units[i].seconds);
	text_put(text, units[i].unit);
	if (units[i].seconds == 1)
		return;
	text_put(text, " ");
	text_number(text, seconds % units[i].seconds / units[i + 1].seconds);
	text_put(text, units[i + 1].unit);
}

void
listing_add(struct listing *listing, struct view const *view, time_t now)
{
	static char const *const fields[TABLE_COLUMNS] = {
	    "name", "state", "pid", NULL, NULL, NULL, "error"};
	struct report const *report = &view->report;
	bool complete = view->stage == VIEW_COMPLETE;
	struct text *cells = &listing->cells;
	char words[REPORT_END_MAX];

	for (size_t i = 0; i < TABLE_COLUMNS; i++) {
		size_t start = cells->bytes.len;

		if (fields[i]) {
			fields_put(cells, fields[i], view, now);
		} else if (complete && i == 3) {
			put_duration(
			    cells, status_age(&view->status.since, now));
		} else if (complete && report->state[0] && i == 4) {
			text_number(
			    cells, report->starts ? report->starts - 1 : 0);
		} else if (complete && i == 5) {
			report_end_words(words, report);
			text_put(cells, words);
		}
		end(listing, i, start);
	}
}

void
listing_put(struct text *text, struct listing const *listing)
{
	char const *cell = listing->cells.bytes.s;
	char const *last = cell + listing->cells.bytes.len;

	while (cell < last && !listing->cells.failed) {
		size_t blanks = 0;

		for (size_t i = 0; i < TABLE_COLUMNS; i++) {
			size_t len = strlen(cell);

			/* Only if another cell follows. */
			for (; len && blanks; blanks--)
				text_put(text, " ");
			text_put(text, cell);
			blanks += listing->widths[i] + 2 - len;
			cell += len + 1;
		}
		text_put(text, "\n");
	}
}
