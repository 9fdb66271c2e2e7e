/* SPDX-License-Identifier: ISC */

/* units.c - durations, rates and sizes with a unit, as users write them. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/units.h"

#define DIGITS	"0123456789"

/* In each list the larger unit comes later and is a multiple of the former. */
struct unit {
	const char *name;
	uint64_t value;
};

static const struct unit durations[] = {
	{ "ms", 1 },
	{ "s", 1000 },
	{ "m", 60 * 1000 },
	{ "h", 60 * 60 * 1000 },
	{ "d", 24 * 60 * 60 * 1000 },
};

static const struct unit sizes[] = {
	{ "b", 1 },
	{ "k", UINT64_C(1) << 10 },
	{ "m", UINT64_C(1) << 20 },
	{ "g", UINT64_C(1) << 30 },
	{ "t", UINT64_C(1) << 40 },
};

static const struct unit periods[] = {
	{ "s", 1000 },
	{ "m", 60 * 1000 },
	{ "h", 60 * 60 * 1000 },
};

#define COUNT(list)	(sizeof(list) / sizeof((list)[0]))

static const struct unit *
unit_find(const struct unit *units, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(units[i].name, name) == 0)
			return (&units[i]);
	}
	return (NULL);
}

/* With the largest unit that leaves nothing over, so that digits are few. */
static char *
unit_format(char *out, size_t size, const struct unit *units, size_t count,
    uint64_t value)
{
	size_t i = 0;

	while (value != 0 && i + 1 < count && value % units[i + 1].value == 0)
		i++;
	(void)snprintf(out, size, "%" PRIu64 "%s", value / units[i].value,
	    units[i].name);
	return (out);
}

const char *
duration_parse(const char *text, uint64_t *duration_ms)
{
	const struct unit *unit;
	size_t digits;
	uint64_t number;

	digits = strspn(text, DIGITS);
	if (digits == 0)
		return ("a duration is a number with a unit, such as 500ms, 5s, 1m or 1h");
	if (text[digits] == '\0')
		return ("a unit is missing: write 500ms, 5s, 1m or 1h");
	unit = unit_find(durations, COUNT(durations), text + digits);
	if (unit == NULL)
		return ("write a whole number and one unit: ms, s, m, h or d");
	if (!text_number(text, digits, DURATION_MAX_MS / unit->value, &number))
		return ("the duration is too long; at most 36500d");
	*duration_ms = number * unit->value;
	return (NULL);
}

char *
duration_format(char *out, size_t size, uint64_t duration_ms)
{
	if (duration_ms == DURATION_OFF) {
		(void)snprintf(out, size, "off");
		return (out);
	}
	/* zero is written as a time that one can feel */
	if (duration_ms == 0)
		return (unit_format(out, size, durations + 1, 1, 0));
	return (unit_format(out, size, durations, COUNT(durations),
	    duration_ms));
}

static const struct unit *
size_unit(const char *name)
{
	char letter[2] = { name[0], '\0' };

	if (letter[0] >= 'A' && letter[0] <= 'Z')
		letter[0] = (char)(letter[0] - 'A' + 'a');
	if (name[1] != '\0' &&
	    (letter[0] == 'b' || strcasecmp(name + 1, "ib") != 0))
		return (NULL);
	return (unit_find(sizes, COUNT(sizes), letter));
}

const char *
size_parse(const char *text, uint64_t *bytes)
{
	const struct unit *unit;
	size_t digits;
	uint64_t number;

	digits = strspn(text, DIGITS);
	if (digits == 0)
		return ("a size is a number with a unit, such as 64k, 1m or 2g");
	if (text[digits] == '\0')
		return ("a unit is missing: write 512b, 64k, 1m or 2g");
	unit = size_unit(text + digits);
	if (unit == NULL)
		return ("write a whole number and one unit: b, k, m, g or t, "
		    "powers of 1024 (64k is 64KiB)");
	if (!text_number(text, digits, UINT64_MAX / unit->value, &number))
		return ("the size is too large; at most 16777215t");
	*bytes = number * unit->value;
	return (NULL);
}

char *
size_format(char *out, size_t size, uint64_t bytes)
{
	return (unit_format(out, size, sizes, COUNT(sizes), bytes));
}

const char *
rate_parse(const char *text, struct rate *rate)
{
	const struct unit *period;
	size_t digits;
	uint64_t number;

	digits = strspn(text, DIGITS);
	if (digits == 0)
		return ("a rate is a number in a time, such as 200/s, 10/m or 5/h");
	if (text[digits] == '\0')
		return ("a unit is missing: write 200/s, 10/m or 5/h");
	period = text[digits] != '/' ? NULL :
	    unit_find(periods, COUNT(periods), text + digits + 1);
	if (period == NULL)
		return ("write a whole number and one unit: /s, /m or /h");
	if (!text_number(text, digits, RATE_COUNT_MAX, &number))
		return ("the rate is too high; at most 1000000000/s");
	if (number == 0)
		return ("a rate is at least 1/h");
	*rate = (struct rate){ .count = number, .per_ms = period->value };
	return (NULL);
}

char *
rate_format(char *out, size_t size, const struct rate *rate)
{
	size_t i = 0;

	while (i + 1 < COUNT(periods) && periods[i].value != rate->per_ms)
		i++;
	if (rate->count == 0)
		(void)snprintf(out, size, "off");
	else
		(void)snprintf(out, size, "%" PRIu64 "/%s", rate->count,
		    periods[i].name);
	return (out);
}
