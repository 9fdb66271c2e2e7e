/* SPDX-License-Identifier: ISC */

/*
 * logfmt.c - a line of the log that has any form, and values that are written
 * and read.
 */

#include "base/logfmt.h"
#include "base/text.h"
#include "fuzz.h"

const char fuzz_name[] = "logfmt";

static bool
is_good(const struct logfmt_field *field, const char *line, const char *at)
{
	return (field->value >= line &&
	    field->value + field->value_length <= at &&
	    (field->key == NULL || (field->key_length > 0 &&
	    field->key + field->key_length < field->value)));
}

/* Fields are in order, within the line, and what they decode to is text. */
static void
read_any(const char *line)
{
	const char *at = line + logfmt_event(line), *before = at;
	struct logfmt_field field;
	char *value;
	size_t length;

	MUST(*at == '\0' || *at == ' ' || at == line);
	while (logfmt_next(&at, &field)) {
		MUST(at > before && is_good(&field, line, at));
		before = at;
		/* exactly the room that is asked for */
		value = malloc(field.value_length + 1);
		MUST(value != NULL);
		length = logfmt_decode(value, &field);
		MUST(length <= field.value_length && value[length] == '\0');
		MUST(text_is_plain_utf8(value, length));
		free(value);
	}
	MUST(*at == '\0');
}

/* What was written is one field, a string, and the same where it is text. */
static void
write_and_read(const char *text)
{
	const size_t size = 4 * strlen(text) + 3;
	char *word = malloc(size), *line = malloc(size + 8);
	struct logfmt_field field;
	const char *at;

	MUST(word != NULL && line != NULL);
	(void)snprintf(line, size + 8, "e k=%s z=1", logfmt_string(word, size, text));
	at = line + logfmt_event(line);
	MUST(logfmt_next(&at, &field) && field.key_length == 1);
	MUST(field.type == LOGFMT_STRING);
	(void)logfmt_decode(word, &field);
	if (text_is_plain_utf8(text, strlen(text)))
		MUST(strcmp(word, text) == 0);
	MUST(logfmt_next(&at, &field) && field.type == LOGFMT_INTEGER);
	MUST(!logfmt_next(&at, &field));
	free(word);
	free(line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	read_any(text);
	write_and_read(text);
	free(text);
	return (0);
}
