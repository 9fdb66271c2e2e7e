/* SPDX-License-Identifier: ISC */

/* test-logfmt.c - how a line of the log is written, and reading one. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/logfmt.h"
#include "base/text.h"
#include "tap.h"
#include "units.h"

static const char types[] = "sirt";	/* string, integer, real, time */

/* "type key=value|..." of a line, decoded; a rest has no key. */
static const char *
read_line(const char *line)
{
	static char out[2048];
	struct logfmt_field field;
	char value[1024];
	const char *at = line + logfmt_event(line);
	size_t used;

	used = (size_t)snprintf(out, sizeof(out), "%.*s", (int)(at - line),
	    line);
	while (logfmt_next(&at, &field)) {
		(void)logfmt_decode(value, &field);
		used += (size_t)snprintf(out + used, sizeof(out) - used,
		    "|%c %.*s=%s", types[field.type],
		    field.key == NULL ? 0 : (int)field.key_length,
		    field.key == NULL ? "" : field.key, value);
	}
	return (out);
}

static void
reads(const char *line, const char *want)
{
	const char *got = read_line(line);

	if (!ok(strcmp(got, want) == 0, "%s", line))
		diag("read as %s", got);
}

static void
test_reading(void)
{
	reads("", "");
	reads("start", "start");
	reads("start version=0.1.0 workers=2", "start|s version=0.1.0|i workers=2");
	reads("a up=0 down=-7", "a|i up=0|i down=-7");
	reads("a n=007 n=+1 n=1e5 n=0x1 n=1. n=.5 n=-",
	    "a|s n=007|s n=+1|s n=1e5|s n=0x1|s n=1.|s n=.5|s n=-");
	reads("a n=0.5 n=-0.25 n=00.5", "a|r n=0.5|r n=-0.25|s n=00.5");
	reads("a t=1.234s t=12s t=1.2sx", "a|t t=1.234s|s t=12s|s t=1.2sx");
	reads("a n=123456789012345678 n=1234567890123456789",
	    "a|i n=123456789012345678|s n=1234567890123456789");
	reads("a error=\"no such file\" b=2", "a|s error=no such file|i b=2");
	reads("a q=\"8888\" q=\"\" q=", "a|s q=8888|s q=|s q=");
	reads("a q=\"say \\\"no\\\" \\\\ now\" b=2",
	    "a|s q=say \"no\" \\ now|i b=2");
	reads("a p=unix:/odd\\x20name", "a|s p=unix:/odd name");
	reads("a p=\\xc3\\xbc", "a|s p=\xc3\xbc");
	reads("a b=1  c=2 ", "a|i b=1|i c=2");
}

/* What is not UTF-8, or moves a terminal's cursor, stays as it stands. */
static void
test_what_stays(void)
{
	reads("a p=x\\xff", "a|s p=x\\xff");
	reads("a p=x\\x1b[2J", "a|s p=x\\x1b[2J");
	reads("a p=x\\x0a", "a|s p=x\\x0a");
	reads("a p=\\xc2\\x85", "a|s p=\\xc2\\x85");
	reads("a p=\\xed\\xa0\\x80", "a|s p=\\xed\\xa0\\x80");
	reads("a p=\\xc0\\xaf", "a|s p=\\xc0\\xaf");
	reads("a p=\\xf4\\x90\\x80\\x80", "a|s p=\\xf4\\x90\\x80\\x80");
	reads("a p=\\xe2\\x82", "a|s p=\\xe2\\x82");
	reads("a p=\\xg0\\x4 b=1", "a|s p=\\xg0\\x4|i b=1");
	reads("a p=\xff b=1", "a|s p=?|i b=1");
}

/* Nothing of a line that has no form is lost. */
static void
test_rests(void)
{
	reads("here it is", "here|s =it is");
	reads("Here it is", "|s =Here it is");
	reads("a b=1 cut=\"in the mid", "a|i b=1|s =cut=\"in the mid");
	reads("a b=1 cut=\"at \\", "a|i b=1|s =cut=\"at \\");
	reads("a b=1 cut=x\\", "a|i b=1|s =cut=x\\");
	reads("a b=1 cu", "a|i b=1|s =cu");
	reads("a b=say\"no\" c=1", "a|s =b=say\"no\" c=1");
	reads("a b=\"no\"more c=1", "a|s =b=\"no\"more c=1");
	reads("a B=1", "a|s =B=1");
}

static void
writes(const char *text, const char *want)
{
	char out[32], line[64];

	ok(strcmp(logfmt_string(out, sizeof(out), text), want) == 0,
	    "%s is written as %s", text, out);
	(void)snprintf(line, sizeof(line), "a b=%s", want);
	(void)snprintf(out, sizeof(out), "a|s b=%s", text);
	ok(strcmp(read_line(line), out) == 0, "and read as the same");
}

static void
test_writing(void)
{
	char out[8];

	writes("web", "web");
	writes("", "");
	writes("8888", "\"8888\"");
	writes("-1.5", "\"-1.5\"");
	writes("1.500s", "\"1.500s\"");
	writes("[::]:8888", "[::]:8888");
	writes("two words", "two\\x20words");
	writes("a\"b\\c", "a\\x22b\\x5cc");
	ok(strcmp(logfmt_string(out, sizeof(out), "123456789"),
	    "\"12345\"") == 0, "what does not fit is left out");
	ok(strcmp(logfmt_string(out, 3, "1"), "") == 0, "all of it");
}

/* They stand in quotes as they are. */
static void
test_errors(void)
{
	unsigned wrong = 0;
	int error;

	for (error = 0; error < 256; error++)
		wrong += strpbrk(text_error(error), "\"\\\n") != NULL;
	is(wrong, 0, "words for errors have nothing to escape");
}

void
test_logfmt(void)
{
	test_reading();
	test_what_stays();
	test_rests();
	test_writing();
	test_errors();
}
