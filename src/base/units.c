/* SPDX-License-Identifier: ISC */

/* units.c - durations with a unit, as users write them. */

#include <string.h>

#include "base/text.h"
#include "base/units.h"

static const struct unit {
	const char *name;
	uint64_t ms;
} units[] = {
	{ "ms", 1 },
	{ "s", 1000 },
	{ "m", 60 * 1000 },
	{ "h", 60 * 60 * 1000 },
	{ "d", 24 * 60 * 60 * 1000 },
};

static const struct unit *
unit_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(units[i].name, name) == 0)
			return (&units[i]);
	}
	return (NULL);
}

const char *
duration_parse(const char *text, uint64_t *duration_ms)
{
	const struct unit *unit;
	size_t digits;
	uint64_t number;

	digits = strspn(text, "0123456789");
	if (digits == 0)
		return ("a duration is a number with a unit, such as 500ms, 5s, 1m or 1h");
	if (text[digits] == '\0')
		return ("a unit is missing: write 500ms, 5s, 1m or 1h");
	unit = unit_find(text + digits);
	if (unit == NULL)
		return ("write a whole number and one unit: ms, s, m, h or d");
	if (!text_number(text, digits, DURATION_MAX_MS / unit->ms, &number))
		return ("the duration is too long; at most 36500d");
	*duration_ms = number * unit->ms;
	return (NULL);
}
