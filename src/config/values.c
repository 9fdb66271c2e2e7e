/* SPDX-License-Identifier: ISC */

/* values.c - numbers, times, words and paths of a configuration file. */

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "config/suggest.h"
#include "config/values.h"

#define COUNT(list)	(sizeof(list) / sizeof((list)[0]))

static _Thread_local char words[256];

const char *
value_choose(const char *text, const char *const *list, size_t count,
    size_t *chosen)
{
	const char *meant;
	size_t i, used;

	for (i = 0; i < count; i++) {
		if (strcmp(text, list[i]) == 0) {
			*chosen = i;
			return (NULL);
		}
	}
	used = (size_t)snprintf(words, sizeof(words), "write ");
	for (i = 0; i < count && used < sizeof(words); i++)
		used += (size_t)snprintf(words + used, sizeof(words) - used,
		    "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ",
		    list[i]);
	meant = suggest_word(text, list, count, sizeof(list[0]));
	if (meant != NULL && used < sizeof(words))
		(void)snprintf(words + used, sizeof(words) - used,
		    "; did you mean '%s'?", meant);
	return (words);
}

static const char *
read_duration(const char *text, uint64_t *duration_ms, bool may_be_zero)
{
	uint64_t value;
	const char *why;

	why = duration_parse(text, &value);
	if (why != NULL)
		return (why);
	if (value == 0 && !may_be_zero)
		return ("it must be longer than nothing");
	*duration_ms = value;
	return (NULL);
}

const char *
value_duration(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	(void)reading;
	(void)key;
	if (strcmp(text, "off") == 0)
		return ("this one cannot be off; write a duration, such as 5s");
	return (read_duration(text, field, false));
}

/* `off' is named where somebody tried to write no limit. */
static const char *
duration_or_off(const char *text, uint64_t *duration_ms, bool may_be_zero)
{
	const char *why;

	if (strcmp(text, "off") == 0) {
		*duration_ms = DURATION_OFF;
		return (NULL);
	}
	why = read_duration(text, duration_ms, may_be_zero);
	if (why == NULL)
		return (NULL);
	(void)snprintf(words, sizeof(words), "%s; for no limit, write off",
	    why);
	return (*text >= '1' && *text <= '9' ? why : words);
}

const char *
value_duration_off(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	(void)reading;
	(void)key;
	return (duration_or_off(text, field, false));
}

const char *
value_shutdown(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	(void)reading;
	(void)key;
	return (duration_or_off(text, field, true));
}

const char *
value_seconds(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	uint64_t value;
	const char *why;

	(void)reading;
	why = read_duration(text, &value, false);
	if (why != NULL)
		return (why);
	if (value % 1000 != 0 || value / 1000 > key->max) {
		(void)snprintf(words, sizeof(words), "it must be whole "
		    "seconds, from 1s to %us", (unsigned)key->max);
		return (words);
	}
	*(uint32_t *)field = (uint32_t)(value / 1000);
	return (NULL);
}

const char *
value_duration32(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	uint64_t value;
	const char *why;

	(void)reading;
	why = read_duration(text, &value, false);
	if (why != NULL)
		return (why);
	if (value > key->max)
		return ("the duration is too long; at most 24d");
	*(uint32_t *)field = (uint32_t)value;
	return (NULL);
}

/* A whole number from `min' to key->max, or a word that stands for 0. */
static const char *
read_number(const struct key *key, const char *text, uint64_t min,
    const char *zero, uint64_t *number)
{
	uint64_t value = 0;

	if (zero != NULL && strcmp(text, zero) == 0) {
		*number = 0;
		return (NULL);
	}
	if (text_number(text, strlen(text), key->max, &value) && value >= min) {
		*number = value;
		return (NULL);
	}
	(void)snprintf(words, sizeof(words),
	    "it must be a whole number from %u to %u%s%s", (unsigned)min,
	    (unsigned)key->max, zero == NULL ? "" : ", or ",
	    zero == NULL ? "" : zero);
	return (words);
}

const char *
value_limit(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	(void)reading;
	return (read_number(key, text, 1, "off", field));
}

const char *
value_workers(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	(void)reading;
	return (read_number(key, text, 1, "auto", field));
}

const char *
value_count32(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	uint64_t value;
	const char *why;

	(void)reading;
	why = read_number(key, text, 1, NULL, &value);
	if (why == NULL)
		*(uint32_t *)field = (uint32_t)value;
	return (why);
}

const char *
value_bits(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	uint64_t value;
	const char *why;

	(void)reading;
	why = read_number(key, text, 0, NULL, &value);
	if (why == NULL)
		*(uint8_t *)field = (uint8_t)value;
	return (why);
}

static const char *
read_size(const char *text, uint64_t *bytes)
{
	uint64_t value;
	const char *why;

	why = size_parse(text, &value);
	if (why == NULL && value == 0)
		return ("it must be more than nothing");
	if (why == NULL)
		*bytes = value;
	return (why);
}

const char *
value_memory(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	(void)reading;
	(void)key;
	if (strcmp(text, "off") != 0)
		return (read_size(text, field));
	*(uint64_t *)field = 0;
	return (NULL);
}

const char *
value_size32(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	uint64_t value;
	const char *why;

	(void)reading;
	why = read_size(text, &value);
	if (why != NULL)
		return (why);
	if (value > key->max)
		return ("the size is too large; at most 1g");
	*(uint32_t *)field = (uint32_t)value;
	return (NULL);
}

const char *
value_rate(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	(void)reading;
	(void)key;
	if (strcmp(text, "off") != 0)
		return (rate_parse(text, field));
	*(struct rate *)field = (struct rate){ .count = 0 };
	return (NULL);
}

/* YAML 1.1 had more words for it, which people still know. */
static const char *
read_bool(const char *text, bool *value)
{
	static const char *const yes[] = { "yes", "on", "y", "1", "enabled" };
	static const char *const no[] = { "no", "off", "n", "0", "disabled" };
	size_t i;

	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
		*value = *text == 't';
		return (NULL);
	}
	for (i = 0; i < COUNT(yes); i++) {
		if (strcasecmp(text, yes[i]) == 0)
			return ("write true");
		if (strcasecmp(text, no[i]) == 0)
			return ("write false");
	}
	return ("write true or false");
}

const char *
value_bool(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	(void)reading;
	(void)key;
	return (read_bool(text, field));
}

const char *
value_not_bool(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	const char *why;
	bool value;

	(void)reading;
	(void)key;
	why = read_bool(text, &value);
	if (why == NULL)
		*(bool *)field = !value;
	return (why);
}

const char *
value_text(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	char *copy;

	(void)key;
	if (*text == '\0')
		return ("it is empty");
	copy = plan_copy(reading->plan, text);
	if (copy == NULL)
		return ("out of memory");
	*(const char **)field = copy;
	return (NULL);
}

const char *
value_path(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	if (*text != '\0' && text[strlen(text) - 1] == '/')
		return ("it is a directory; write the path of a file");
	return (value_text(reading, key, text, field));
}

const char *
value_user(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	const char *colon = strchr(text, ':');

	if (colon == text || (colon != NULL && (colon[1] == '\0' ||
	    strchr(colon + 1, ':') != NULL)))
		return ("write USER or USER:GROUP");
	return (value_text(reading, key, text, field));
}

const char *
value_target(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	static const char *const known[] = { "stderr", "syslog", "journald" };
	const char *meant;
	size_t i;

	for (i = 0; i < COUNT(known) && strcmp(text, known[i]) != 0; i++)
		continue;
	if (i < COUNT(known) || strchr(text, '/') != NULL)
		return (value_path(reading, key, text, field));
	meant = suggest_word(text, known, COUNT(known), sizeof(known[0]));
	(void)snprintf(words, sizeof(words), "write stderr, syslog, journald, "
	    "or a path with a slash, such as ./muxproxy.log%s%s%s",
	    meant == NULL ? "" : "; did you mean '",
	    meant == NULL ? "" : meant, meant == NULL ? "" : "'?");
	return (words);
}

const char *
value_format(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	static const char *const formats[] = { "text", "json" };
	const char *why;
	size_t chosen;

	(void)reading;
	(void)key;
	why = value_choose(text, formats, COUNT(formats), &chosen);
	if (why == NULL)
		*(enum log_format *)field = chosen == 0 ? LOG_TEXT : LOG_JSON;
	return (why);
}

const char *
value_level(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	static const char *const levels[] = { "debug", "info", "warning",
	    "error" };
	const char *why;
	size_t chosen;

	(void)reading;
	(void)key;
	why = value_choose(text, levels, COUNT(levels), &chosen);
	if (why == NULL)
		*(enum log_severity *)field =
		    (enum log_severity)(SEVERITY_DEBUG + (int)chosen);
	return (why);
}
