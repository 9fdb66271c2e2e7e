/* SPDX-License-Identifier: ISC */

/* log-form.c - what becomes of a line of the log. */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#ifdef HAVE_JANSSON
#include <jansson.h>
#endif

#include "base/logfmt.h"
#include "control/log-form.h"

#define NS_PER_S	INT64_C(1000000000)
#define NS_PER_MS	INT64_C(1000000)
#define TIME_SIZE	sizeof("2026-01-01T00:00:00.000Z")

static const struct {
	const char *name;
	int priority;
} severities[] = {
	[SEVERITY_DEBUG] = { "debug", LOG_DEBUG },
	[SEVERITY_INFO] = { "info", LOG_INFO },
	[SEVERITY_WARNING] = { "warning", LOG_WARNING },
	[SEVERITY_ERROR] = { "error", LOG_ERR },
};

int
form_priority(const struct log_record *record)
{
	return (severities[record->severity].priority);
}

static const char *
format_time(char *out, const struct log_record *record)
{
	const time_t seconds = (time_t)(record->time_ns / NS_PER_S);
	const int ms = (int)(record->time_ns % NS_PER_S / NS_PER_MS);
	struct tm tm;
	size_t used;

	(void)gmtime_r(&seconds, &tm);
	used = strftime(out, TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(out + used, TIME_SIZE - used, ".%03dZ", ms % 1000);
	return (out);
}

size_t
form_text(char *out, const struct log_record *record, const char *text)
{
	char when[TIME_SIZE];

	return ((size_t)snprintf(out, FORM_MAX, "%s %s %s",
	    format_time(when, record), severities[record->severity].name,
	    text));
}

#ifdef HAVE_JANSSON

static json_t *
json_value(const struct logfmt_field *field)
{
	char value[LOG_TEXT_MAX + 1];
	const size_t length = logfmt_decode(value, field);

	switch (field->type) {
	case LOGFMT_INTEGER:
		return (json_integer(strtoll(value, NULL, 10)));
	case LOGFMT_REAL:
	case LOGFMT_SECONDS:
		return (json_real(strtod(value, NULL)));
	case LOGFMT_STRING:
		break;
	}
	return (json_stringn(value, length));
}

static int
add_fields(json_t *object, const char *at)
{
	struct logfmt_field field;
	char key[LOG_TEXT_MAX + 1];

	while (logfmt_next(&at, &field)) {
		(void)snprintf(key, sizeof(key), "%.*s", field.key == NULL ?
		    4 : (int)field.key_length, field.key == NULL ? "text" :
		    field.key);
		if (json_object_set_new(object, key, json_value(&field)) == -1)
			return (-1);
	}
	return (0);
}

size_t
form_json(char *out, const struct log_record *record, const char *text)
{
	const size_t event = logfmt_event(text);
	char when[TIME_SIZE];
	size_t length = 0;
	json_t *object;

	object = json_pack("{s:s, s:s, s:s%}", "time",
	    format_time(when, record), "level",
	    severities[record->severity].name, "event", text, event);
	/* the shortest digits that tell a duration in milliseconds */
	if (object != NULL && add_fields(object, text + event) == 0)
		length = json_dumpb(object, out, FORM_MAX, JSON_COMPACT |
		    JSON_REAL_PRECISION(15));
	json_decref(object);
	if (length >= FORM_MAX)
		return (0);
	out[length] = '\0';
	return (length);
}

bool
form_has_json(void)
{
	return (true);
}

#else

size_t
form_json(char *out, const struct log_record *record, const char *text)
{
	(void)record;
	(void)text;
	out[0] = '\0';
	return (0);
}

bool
form_has_json(void)
{
	return (false);
}

#endif

static size_t
add_bytes(char *out, size_t used, const char *bytes, size_t length)
{
	memcpy(out + used, bytes, length);
	return (used + length);
}

/* The names of fields have capitals and underscores. */
static char
field_letter(char c)
{
	if (c >= 'a' && c <= 'z')
		return ((char)(c - 'a' + 'A'));
	if (c == '-')
		return ('_');
	return (c);
}

/* A field is left out where there is no room, which there is. */
static size_t
add_field(char *out, size_t used, const char *name, size_t name_length,
    const char *value)
{
	const size_t prefix = sizeof("MUXPROXY_") - 1;
	const size_t length = strlen(value);
	size_t i;

	if (FORM_DATAGRAM_MAX - used < prefix + name_length + length + 3)
		return (used);
	used = add_bytes(out, used, "MUXPROXY_", prefix);
	for (i = 0; i < name_length; i++)
		out[used++] = field_letter(name[i]);
	out[used++] = '=';
	used = add_bytes(out, used, value, length);
	out[used++] = '\n';
	return (used);
}

/*
 * No value has a newline, which would ask for another form of the field; see
 * https://systemd.io/JOURNAL_NATIVE_PROTOCOL/.
 */
size_t
form_journal(char *out, const struct log_record *record, const char *text,
    const char *message)
{
	const size_t event = logfmt_event(text);
	const char *at = text + event;
	struct logfmt_field field;
	char value[LOG_TEXT_MAX + 1];
	size_t used;

	used = (size_t)snprintf(out, FORM_DATAGRAM_MAX, "MESSAGE=%s\n"
	    "PRIORITY=%d\nSYSLOG_IDENTIFIER=muxproxy\n", message,
	    form_priority(record));
	memcpy(value, text, event);
	value[event] = '\0';
	used = add_field(out, used, "event", 5, value);
	while (logfmt_next(&at, &field)) {
		if (field.key == NULL)
			continue;
		(void)logfmt_decode(value, &field);
		used = add_field(out, used, field.key, field.key_length,
		    value);
	}
	return (used);
}
