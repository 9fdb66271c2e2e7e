/* SPDX-License-Identifier: ISC */

/* text.c - words and lines that are safe in a log. */

#include <ctype.h>
#include <stdbool.h>

#include "base/text.h"
#include "fuzz.h"

const char fuzz_name[] = "text";

static unsigned
hex_digit(char c)
{
	MUST(isdigit((unsigned char)c) || (c >= 'a' && c <= 'f'));
	return ((unsigned)(isdigit((unsigned char)c) ? c - '0' : c - 'a' + 10));
}

/* A word has no blank, quote or control character, and tells what it was. */
static void
check_word(const char *text, size_t room)
{
	char *out = malloc(room);
	const char *at;
	size_t read = 0;
	unsigned c;

	MUST(out != NULL && text_word(out, room, text) == out);
	MUST(strlen(out) < room);
	for (at = out; *at != '\0'; at++, read++) {
		c = (unsigned char)*at;
		MUST(c > ' ' && c < 0x7f && c != '"');
		if (c == '\\') {
			MUST(at[1] == 'x');
			c = hex_digit(at[2]) << 4 | hex_digit(at[3]);
			MUST(c <= ' ' || c >= 0x7f || c == '"' || c == '\\');
			at += 3;
		}
		MUST(c == (unsigned char)text[read]);
	}
	/* nothing is left out that would have fitted */
	MUST(text[read] == '\0' || strlen(out) + 4 >= room);
	free(out);
}

/* A line keeps its length and all but control characters. */
static void
check_line(const char *text, size_t size)
{
	char *line = fuzz_text((const uint8_t *)text, size);
	const size_t length = strlen(text);
	size_t i;

	MUST(text_line(line) == line && strlen(line) == length);
	for (i = 0; i < length; i++) {
		MUST((unsigned char)line[i] >= ' ' && line[i] != 0x7f);
		MUST(line[i] == text[i] || line[i] == '?');
	}
	free(line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return (0);
	text = fuzz_text(data + 1, size - 1);
	check_word(text, 1 + (size_t)data[0]);
	check_word(text, 4 * size + 1);
	check_line(text, size - 1);
	free(text);
	return (0);
}
