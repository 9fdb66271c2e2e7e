/* SPDX-License-Identifier: ISC */

/* test-quote.c - text that YAML would take for something else. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/quote.h"
#include "tap.h"
#include "units.h"

/* Each is written as the second. */
static const struct {
	const char *text, *want;
} quotes[] = {
	{ "web", "web" }, { "/run/x.sock", "/run/x.sock" },
	{ "localhost:9000", "localhost:9000" }, { "10.0.0.0/8", "10.0.0.0/8" },
	{ "unix:/run/a-b_c", "unix:/run/a-b_c" }, { "8a-g", "8a-g" },
	{ "", "\"\"" }, { "8888", "\"8888\"" }, { "1e3", "\"1e3\"" },
	{ "0x10", "\"0x10\"" }, { "0o17", "\"0o17\"" }, { "017", "\"017\"" },
	{ "1_000", "\"1_000\"" }, { "190:20:30", "\"190:20:30\"" },
	{ "127.0.0.1:80", "\"127.0.0.1:80\"" }, { "2001-12-14", "\"2001-12-14\"" },
	{ "2001-12-14t21:59:43Z", "\"2001-12-14t21:59:43Z\"" },
	{ "0b11", "\"0b11\"" }, { ".inf", "\".inf\"" }, { "+1", "\"+1\"" },
	{ "no", "\"no\"" }, { "On", "\"On\"" }, { "y", "\"y\"" },
	{ "TRUE", "\"TRUE\"" }, { "null", "\"null\"" }, { "off", "\"off\"" },
	{ "~", "\"~\"" }, { "-", "\"-\"" }, { "- a", "\"- a\"" },
	{ "---", "\"---\"" }, { "...", "\"...\"" }, { "a:", "\"a:\"" },
	{ "a: b", "\"a: b\"" }, { "a #b", "\"a #b\"" }, { "#a", "\"#a\"" },
	{ " a", "\" a\"" }, { "a ", "\"a \"" }, { "a,b", "\"a,b\"" },
	{ "*:80", "\"*:80\"" }, { "&a", "\"&a\"" }, { "!a", "\"!a\"" },
	{ "%a", "\"%a\"" }, { "@a", "\"@a\"" }, { "`a", "\"`a\"" },
	{ "|", "\"|\"" }, { ">", "\">\"" }, { "?", "\"?\"" }, { "=", "\"=\"" },
	{ "<<", "\"<<\"" }, { "{a}", "\"{a}\"" }, { "[::1]:80", "\"[::1]:80\"" },
	{ "'a'", "\"'a'\"" }, { "a\"b\\c", "\"a\\\"b\\\\c\"" },
	{ "${HOME}$", "\"$${HOME}$$\"" }, { "\xc3\xa4", "\"\xc3\xa4\"" },
	{ "\xc2\x85", "\"\\x85\"" }, { "\xe2\x80\xa8", "\"\\u2028\"" },
	{ "\xef\xbb\xbf" "a", "\"\\ufeffa\"" },
	{ "\xf3\xa0\x80\x81", "\"\\U000e0001\"" },
};

void
test_quote(void)
{
	char *out;
	size_t size, i;
	FILE *file;
	bool told;

	for (i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++) {
		file = open_memstream(&out, &size);
		if (file == NULL)
			bail_out("open_memstream");
		told = quote_write(file, quotes[i].text);
		(void)fclose(file);
		if (!ok(told && strcmp(out, quotes[i].want) == 0, "quoted: %s",
		    quotes[i].want))
			diag("%s", out);
		free(out);
	}
	ok(!quote_write(stdout, "\xff"), "a byte that is not UTF-8");
	ok(!quote_write(stdout, "a\nb") && !quote_write(stdout, "\x7f"),
	    "a control character");
	ok(!quote_write(stdout, "a\xed\xa0\x80"), "nor is a surrogate");
}
