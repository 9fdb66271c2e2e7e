/* SPDX-License-Identifier: ISC */

/* test-text.c - strict numbers, words for the log, durations. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "tap.h"
#include "units.h"

static bool
reads(const char *text, uint64_t max, uint64_t want)
{
	uint64_t number = 4711;

	return (text_number(text, strlen(text), max, &number) &&
	    number == want);
}

static bool
refuses(const char *text, uint64_t max)
{
	uint64_t number = 4711;

	return (!text_number(text, strlen(text), max, &number) &&
	    number == 4711);
}

static void
test_numbers(void)
{
	static const char *const bad[] = { "", "-0", "+1", " 1", "1 ", "0x1",
	    "1e3", "1.0", "a", "18446744073709551616",
	    "99999999999999999999999999" };
	size_t i;

	ok(reads("0", 0, 0), "zero");
	ok(reads("007", 7, 7), "leading zeros");
	ok(reads("65535", 65535, 65535), "the maximum itself");
	ok(refuses("65536", 65535), "one more than the maximum");
	ok(refuses("1", 0), "a maximum of zero");
	ok(reads("18446744073709551615", UINT64_MAX, UINT64_MAX),
	    "the largest number there is");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(refuses(bad[i], UINT64_MAX), "refuses '%s'", bad[i]);
}

static bool
word_is(const char *text, size_t size, const char *want)
{
	char out[64];

	memset(out, 'Z', sizeof(out));
	return (text_word(out, size, text) == out && strcmp(out, want) == 0 &&
	    out[size] == 'Z');
}

static void
test_words(void)
{
	char line[] = "a\nb c\x1b\xc3\xa4\x7f";

	ok(word_is("/run/x.sock", 60, "/run/x.sock"), "plain text stays");
	ok(word_is("a b", 60, "a\\x20b"), "a blank is escaped");
	ok(word_is("a\nb\x1b[0m", 60, "a\\x0ab\\x1b[0m"),
	    "control characters are escaped");
	ok(word_is("\"\\", 60, "\\x22\\x5c"), "quote and backslash");
	ok(word_is("\xc3\xa4", 60, "\\xc3\\xa4"), "bytes beyond ASCII");
	ok(word_is("abcdef", 4, "abc"), "cut where the room ends");
	ok(word_is("ab\n", 6, "ab"), "no half of an escape");
	ok(word_is("", 1, ""), "nothing into the smallest room");
	ok(strcmp(text_line(line), "a?b c?\xc3\xa4?") == 0,
	    "a line has no control characters");
}

static void
test_errors(void)
{
	ok(strcmp(text_error(ENOENT), strerror(ENOENT)) == 0,
	    "words for an error");
	ok(*text_error(123456) != '\0', "and for one that there is not");
}

static void
test_durations(void)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} good[] = { { "0s", 0 }, { "1ms", 1 }, { "5s", 5000 },
	    { "2m", 120000 }, { "1h", 3600000 }, { "7d", 604800000 },
	    { "36500d", DURATION_MAX_MS } };
	static const char *const bad[] = { "", "5", "s", "-5s", "5 s", "5S",
	    "5sec", "1.5s", "5s5", "36501d", "99999999999999999999ms" };
	uint64_t ms;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ms = 4711;
		ok(duration_parse(good[i].text, &ms) == NULL &&
		    ms == good[i].ms, "%s is %" PRIu64 " ms", good[i].text,
		    good[i].ms);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ms = 4711;
		ok(duration_parse(bad[i], &ms) != NULL && ms == 4711,
		    "refuses '%s'", bad[i]);
	}
}

void
test_text(void)
{
	test_numbers();
	test_words();
	test_durations();
	test_errors();
}
