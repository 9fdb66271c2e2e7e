/* SPDX-License-Identifier: ISC */

/* text.c - strict numbers, and words that are safe in a log line. */

#include <string.h>

#include "base/text.h"

bool
text_number(const char *text, size_t length, uint64_t max, uint64_t *number)
{
	uint64_t value = 0, digit;
	size_t i;

	if (length == 0)
		return (false);
	for (i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return (false);
		digit = (uint64_t)(text[i] - '0');
		if (digit > max || value > (max - digit) / 10)
			return (false);
		value = value * 10 + digit;
	}
	*number = value;
	return (true);
}

char *
text_line(char *text)
{
	char *at;

	for (at = text; *at != '\0'; at++) {
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	}
	return (text);
}

static bool
is_plain(unsigned char c)
{
	return (c > ' ' && c < 0x7f && c != '"' && c != '\\');
}

char *
text_word(char *out, size_t size, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = 0;
	unsigned char c;

	for (; (c = (unsigned char)*text) != '\0'; text++) {
		if (is_plain(c)) {
			if (used + 1 >= size)
				break;
			out[used++] = (char)c;
			continue;
		}
		if (used + 4 >= size)
			break;
		out[used++] = '\\';
		out[used++] = 'x';
		out[used++] = hex[c >> 4];
		out[used++] = hex[c & 0xf];
	}
	out[used] = '\0';
	return (out);
}

/* The bytes that follow the first of a character, or -1. */
static int
utf8_more(unsigned char first)
{
	if (first < 0x80)
		return (0);
	if (first >= 0xc2 && first <= 0xdf)
		return (1);
	if ((first & 0xf0) == 0xe0)
		return (2);
	return (first >= 0xf0 && first <= 0xf4 ? 3 : -1);
}

/* Reads one character; its length, or 0 when it is none that may stand here. */
static size_t
utf8_character(const unsigned char *text, size_t length)
{
	static const uint32_t smallest[] = { ' ', 0xa0, 0x800, 0x10000 };
	const int more = utf8_more(text[0]);
	uint32_t character;
	int i;

	if (more < 0 || (size_t)more >= length)
		return (0);
	character = more == 0 ? text[0] : text[0] & (0x3fU >> more);
	for (i = 1; i <= more; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return (0);
		character = character << 6 | (text[i] & 0x3fU);
	}
	if (character < smallest[more] || character == 0x7f ||
	    (character >= 0xd800 && character <= 0xdfff) ||
	    character > 0x10ffff)
		return (0);
	return ((size_t)more + 1);
}

bool
text_is_plain_utf8(const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t at, n;

	for (at = 0; at < length; at += n) {
		n = utf8_character(bytes + at, length - at);
		if (n == 0)
			return (false);
	}
	return (true);
}

/*
 * POSIX's strerror_r() fills the buffer; GNU's returns the words, and may
 * leave the buffer alone.
 */
bool
text_equal(const char *a, const char *b)
{
	return (a == NULL || b == NULL ? a == b : strcmp(a, b) == 0);
}

void
text_ascii(char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if ((unsigned char)text[i] < ' ' ||
		    (unsigned char)text[i] >= 0x7f)
			text[i] = '?';
	}
}

const char *
text_error(int error)
{
	static _Thread_local char words[128];
	char buffer[128] = "";
	const char *found;
	size_t i;

	found = _Generic(strerror_r(error, buffer, sizeof(buffer)),
	    char *: strerror_r(error, buffer, sizeof(buffer)),
	    int: ((void)strerror_r(error, buffer, sizeof(buffer)), buffer));
	for (i = 0; i < sizeof(words) - 1 && found[i] != '\0'; i++) {
		words[i] = found[i];
		if (found[i] == '"' || found[i] == '\\')
			words[i] = '\'';
	}
	words[i] = '\0';
	return (text_line(words));
}
