/* SPDX-License-Identifier: ISC */

/* logfmt.c - how a line of the log is written, and reading one. */

#include <string.h>

#include "base/logfmt.h"
#include "base/text.h"

/* More digits than that may be more than 64 bits. */
#define DIGITS_MAX	18

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

static size_t
digits(const char *text, size_t length)
{
	size_t count = 0;

	while (count < length && is_digit(text[count]))
		count++;
	return (count);
}

/* Of a word: what JSON calls a number, without an exponent, or seconds. */
static enum logfmt_type
type_of(const char *word, size_t length)
{
	const size_t sign = length > 0 && word[0] == '-';
	size_t count, fraction;

	word += sign;
	length -= sign;
	count = digits(word, length);
	if (count == 0 || count > DIGITS_MAX || (count > 1 && word[0] == '0'))
		return (LOGFMT_STRING);
	if (count == length)
		return (LOGFMT_INTEGER);
	if (word[count++] != '.')
		return (LOGFMT_STRING);
	fraction = digits(word + count, length - count);
	if (fraction == 0 || fraction > DIGITS_MAX)
		return (LOGFMT_STRING);
	count += fraction;
	if (count == length)
		return (LOGFMT_REAL);
	return (count + 1 == length && word[count] == 's' ? LOGFMT_SECONDS :
	    LOGFMT_STRING);
}

char *
logfmt_string(char *out, size_t size, const char *text)
{
	size_t length;

	(void)text_word(out, size - 2, text);
	length = strlen(out);
	if (type_of(out, length) == LOGFMT_STRING)
		return (out);
	memmove(out + 1, out, length);
	out[0] = out[length + 1] = '"';
	out[length + 2] = '\0';
	return (out);
}

char *
logfmt_text(char *out, size_t size, const char *text)
{
	static const char digits_16[] = "0123456789abcdef";
	size_t used = 0;

	out[used++] = '"';
	/* room for the longest piece, a quote and the end */
	for (; *text != '\0' && used + 6 <= size; text++) {
		if (*text == '"' || *text == '\\')
			out[used++] = '\\';
		if (*text >= ' ' && *text <= '~') {
			out[used++] = *text;
			continue;
		}
		out[used++] = '\\';
		out[used++] = 'x';
		out[used++] = digits_16[(unsigned char)*text >> 4];
		out[used++] = digits_16[*text & 15];
	}
	out[used++] = '"';
	out[used] = '\0';
	return (out);
}

static bool
is_name(char c)
{
	return ((c >= 'a' && c <= 'z') || is_digit(c) || c == '-');
}

static size_t
name_length(const char *text)
{
	size_t length = 0;

	while (is_name(text[length]))
		length++;
	return (length);
}

size_t
logfmt_event(const char *line)
{
	const size_t length = name_length(line);

	return (line[length] == '\0' || line[length] == ' ' ? length : 0);
}

/* Where the value at `text' ends, if it is one. */
static const char *
value_end(const char *text)
{
	const bool is_quoted = *text == '"';

	text += is_quoted;
	for (; *text != '\0' && *text != '"'; text++) {
		if (*text == ' ' && !is_quoted)
			return (text);
		if (*text == '\\' && *++text == '\0')
			return (NULL);
	}
	if (*text == '\0')
		return (is_quoted ? NULL : text);
	text++;
	return (is_quoted && (*text == ' ' || *text == '\0') ? text : NULL);
}

static bool
take_field(struct logfmt_field *field, const char *text, const char **end)
{
	bool is_quoted;

	field->key = text;
	field->key_length = name_length(text);
	if (field->key_length == 0 || text[field->key_length] != '=')
		return (false);
	field->value = text + field->key_length + 1;
	*end = value_end(field->value);
	if (*end == NULL)
		return (false);
	is_quoted = *field->value == '"';
	field->value += is_quoted;
	field->value_length = (size_t)(*end - field->value) - is_quoted;
	field->type = is_quoted ? LOGFMT_STRING :
	    type_of(field->value, field->value_length);
	return (true);
}

bool
logfmt_next(const char **at, struct logfmt_field *field)
{
	const char *text = *at;

	while (*text == ' ')
		text++;
	*at = text;
	if (*text == '\0')
		return (false);
	if (take_field(field, text, at))
		return (true);
	*at = text + strlen(text);
	*field = (struct logfmt_field){ .key = NULL, .value = text,
	    .value_length = (size_t)(*at - text), .type = LOGFMT_STRING };
	return (true);
}

static int
hex_digit(char c)
{
	if (is_digit(c))
		return (c - '0');
	return (c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1);
}

/* Undoes one escape, or none; returns how many bytes that were. */
static size_t
unescape(char *out, const char *text, size_t length)
{
	int high, low;

	*out = text[0];
	if (text[0] != '\\' || length < 2)
		return (1);
	if (text[1] == '"' || text[1] == '\\') {
		*out = text[1];
		return (2);
	}
	if (length < 4 || text[1] != 'x')
		return (1);
	high = hex_digit(text[2]);
	low = hex_digit(text[3]);
	if (high == -1 || low == -1)
		return (1);
	*out = (char)(high << 4 | low);
	return (4);
}

size_t
logfmt_decode(char *out, const struct logfmt_field *field)
{
	size_t at, length = 0;

	/* a rest was not made by these rules */
	for (at = 0; at < field->value_length && field->key != NULL; length++)
		at += unescape(out + length, field->value + at,
		    field->value_length - at);
	if (field->key == NULL || !text_is_plain_utf8(out, length)) {
		length = field->value_length;
		memcpy(out, field->value, length);
		text_ascii(out, length);
	}
	out[length] = '\0';
	return (length);
}
