/* SPDX-License-Identifier: ISC */

/* utf8.c - characters of UTF-8, and the room they take on a terminal. */

#include <string.h>

#include "config/utf8.h"

struct range {
	uint32_t first, last;
};

/* Drawn over the character before them: the marks in common use. */
static const struct range narrow[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
	{ 0x0610, 0x061a }, { 0x064b, 0x065f }, { 0x0900, 0x0902 },
	{ 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e }, { 0x1ab0, 0x1aff },
	{ 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f },
	{ 0xfe20, 0xfe2f }, { 0xe0100, 0xe01ef },
};

/* East Asian wide characters and emoji: Unicode Standard Annex 11. */
static const struct range wide[] = {
	{ 0x1100, 0x115f }, { 0x231a, 0x231b }, { 0x2e80, 0x303e },
	{ 0x3041, 0xa4cf }, { 0xa960, 0xa97f }, { 0xac00, 0xd7a3 },
	{ 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 },
	{ 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff },
	{ 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};

/*
 * Controls of C0 and C1, line separators, what has no width, and what turns
 * the direction of writing, so that a line would not show what it says.
 */
static const struct range unfit[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x00ad, 0x00ad },
	{ 0x061c, 0x061c }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
	{ 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
	{ 0xe0000, 0xe007f }, { UTF8_INVALID, UTF8_INVALID },
};

#define IS_IN(code, list) \
	is_in(code, list, sizeof(list) / sizeof((list)[0]))

static int
is_in(uint32_t code, const struct range *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (code >= list[i].first && code <= list[i].last)
			return (1);
	}
	return (0);
}

/* The length that a first byte promises; 0 for none. */
static size_t
promised(unsigned char first)
{
	if (first < 0x80)
		return (1);
	if (first >= 0xc2 && first <= 0xdf)
		return (2);
	if (first >= 0xe0 && first <= 0xef)
		return (3);
	return (first >= 0xf0 && first <= 0xf4 ? 4 : 0);
}

size_t
utf8_decode(const char *text, size_t length, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *bytes = (const unsigned char *)text;
	const size_t count = promised(bytes[0]);
	uint32_t value;
	size_t i;

	*code = UTF8_INVALID;
	if (count == 0 || count > length)
		return (1);
	value = count == 1 ? bytes[0] : bytes[0] & (0x7fU >> count);
	for (i = 1; i < count; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return (1);
		value = value << 6 | (bytes[i] & 0x3fU);
	}
	if (value < least[count] || value > 0x10ffff ||
	    (value >= 0xd800 && value <= 0xdfff))
		return (1);
	*code = value;
	return (count);
}

int
utf8_columns(uint32_t code)
{
	if (code >= ' ' && code < 0x7f)
		return (1);
	if (IS_IN(code, unfit))
		return (-1);
	if (IS_IN(code, narrow))
		return (0);
	return (IS_IN(code, wide) ? 2 : 1);
}

size_t
utf8_copy(char *out, size_t size, const char *text, size_t length)
{
	size_t used = 0, done, bytes;
	uint32_t code;

	for (done = 0; done < length; done += bytes) {
		bytes = utf8_decode(text + done, length - done, &code);
		if (used + bytes >= size)
			break;
		if (utf8_columns(code) < 0) {
			out[used++] = '?';
			continue;
		}
		memcpy(out + used, text + done, bytes);
		used += bytes;
	}
	out[used] = '\0';
	return (done);
}
