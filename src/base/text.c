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

/*
 * POSIX's strerror_r() fills the buffer; GNU's returns the words, and may
 * leave the buffer alone.
 */
const char *
text_error(int error)
{
	static _Thread_local char words[128];

	words[0] = '\0';
	return (_Generic(strerror_r(error, words, sizeof(words)),
	    char *: strerror_r(error, words, sizeof(words)),
	    int: ((void)strerror_r(error, words, sizeof(words)), words)));
}
