/* SPDX-License-Identifier: ISC */

/*
 * quote.c - text as one scalar of YAML.
 *
 * Few words need to be bare to be pleasant to read, so the rule is narrow:
 * characters that mean nothing anywhere in YAML, and no word that some reader
 * takes for a truth value, a number, a time or nothing: no, on, y, 1e3, 0x10,
 * 0o17, 1_000, 190:20:30, 2001-12-14, null.  A dollar, which begins a variable
 * of the environment in our files, is doubled.
 */

#include <string.h>
#include <strings.h>

#include "config/quote.h"
#include "config/utf8.h"

#define LETTERS	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS	"0123456789"

/* What YAML 1.1 and 1.2 have of numbers and times, with hexadecimal digits. */
#define NUMERIC	DIGITS "abcdefABCDEFxXoOtTzZ_.:+-"

static bool
is_special(const char *text)
{
	static const char *const words[] = { "y", "n", "yes", "no", "on",
	    "off", "true", "false", "null" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(text, words[i]) == 0)
			return (true);
	}
	return (text[strspn(text, NUMERIC)] == '\0' &&
	    strchr(DIGITS, *text) != NULL);
}

static bool
is_bare(const char *text)
{
	const size_t length = strlen(text);

	return (length > 0 && strchr(LETTERS DIGITS "/", *text) != NULL &&
	    text[strspn(text, LETTERS DIGITS "/._:-")] == '\0' &&
	    text[length - 1] != ':' && !is_special(text));
}

/* UTF-8 without the control characters of ASCII. */
static bool
is_fit(const char *text)
{
	const size_t length = strlen(text);
	uint32_t code = ' ';
	size_t at = 0;

	while (at < length && code >= ' ' && code != 0x7f &&
	    code != UTF8_INVALID)
		at += utf8_decode(text + at, length - at, &code);
	return (code >= ' ' && code != 0x7f && code != UTF8_INVALID);
}

/* One character within double quotes; what a terminal may not show, by number. */
static void
write_character(FILE *out, const char *bytes, size_t length, uint32_t code)
{
	if (code == '$')
		(void)fputs("$$", out);
	else if (code == '"' || code == '\\')
		(void)fprintf(out, "\\%c", (char)code);
	else if (utf8_columns(code) > 0 && code != UINT32_C(0xfffe) &&
	    code != UINT32_C(0xffff))
		(void)fwrite(bytes, 1, length, out);
	else if (code <= UINT8_MAX)
		(void)fprintf(out, "\\x%02x", (unsigned)code);
	else if (code <= UINT16_MAX)
		(void)fprintf(out, "\\u%04x", (unsigned)code);
	else
		(void)fprintf(out, "\\U%08x", (unsigned)code);
}

bool
quote_write(FILE *out, const char *text)
{
	const size_t length = strlen(text);
	size_t at, bytes;
	uint32_t code;

	if (!is_fit(text))
		return (false);
	if (is_bare(text)) {
		(void)fputs(text, out);
		return (true);
	}
	(void)fputc('"', out);
	for (at = 0; at < length; at += bytes) {
		bytes = utf8_decode(text + at, length - at, &code);
		write_character(out, text + at, bytes, code);
	}
	(void)fputc('"', out);
	return (true);
}
