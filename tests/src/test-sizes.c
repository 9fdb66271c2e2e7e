/* SPDX-License-Identifier: ISC */

/* test-sizes.c - sizes and rates, and how they and durations are written. */

#include <inttypes.h>
#include <string.h>

#include "base/units.h"
#include "tap.h"
#include "units.h"

static void
test_sizes(void)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = { { "0b", 0 }, { "1b", 1 }, { "64k", 65536 },
	    { "64K", 65536 }, { "64KiB", 65536 }, { "64kib", 65536 },
	    { "1m", 1048576 }, { "2g", UINT64_C(2147483648) },
	    { "1TiB", UINT64_C(1) << 40 },
	    { "18446744073709551615b", UINT64_MAX },
	    { "16777215t", UINT64_C(16777215) << 40 } };
	static const char *const bad[] = { "", "0", "64", "k", "-1k", "+1k",
	    "64 k", "64kB", "64kb", "64ki", "64bib", "64kk", "1.5k", "1e3k",
	    "64kiBs", "16777216t", "18446744073709551616b",
	    "99999999999999999999k" };
	uint64_t bytes;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		bytes = 4711;
		ok(size_parse(good[i].text, &bytes) == NULL &&
		    bytes == good[i].bytes, "%s is %" PRIu64 " bytes",
		    good[i].text, good[i].bytes);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		bytes = 4711;
		ok(size_parse(bad[i], &bytes) != NULL && bytes == 4711,
		    "refuses '%s'", bad[i]);
	}
	ok(strstr(size_parse("64", &bytes), "unit is missing") != NULL,
	    "and says that a unit is missing");
	ok(strstr(size_parse("64kB", &bytes), "64k is 64KiB") != NULL,
	    "or what k means");
}

static void
test_rates(void)
{
	static const struct {
		const char *text;
		uint64_t count, per_ms;
	} good[] = { { "200/s", 200, 1000 }, { "10/m", 10, 60000 },
	    { "5/h", 5, 3600000 }, { "1000000000/s", 1000000000, 1000 } };
	static const char *const bad[] = { "", "200", "0/s", "0/h", "/s",
	    "200/", "200s", "200/d", "200/ms", "200/S", "200 /s", "-1/s",
	    "1.5/s", "200/s ", "1000000001/s", "99999999999999999999/s" };
	struct rate rate;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ok(rate_parse(good[i].text, &rate) == NULL &&
		    rate.count == good[i].count &&
		    rate.per_ms == good[i].per_ms, "%s", good[i].text);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		rate = (struct rate){ 47, 11 };
		ok(rate_parse(bad[i], &rate) != NULL && rate.count == 47 &&
		    rate.per_ms == 11, "refuses '%s'", bad[i]);
	}
	ok(strstr(rate_parse("200", &rate), "200/s") != NULL,
	    "and says how a unit is written");
}

typedef char *format_fn(char *out, size_t size, uint64_t value);

static void
writes(format_fn *format, uint64_t value, const char *want)
{
	char out[UNIT_TEXT_SIZE];

	if (!ok(format(out, sizeof(out), value) == out &&
	    strcmp(out, want) == 0, "%" PRIu64 " is written %s", value, want))
		diag("%s", out);
}

static void
test_writing(void)
{
	char out[UNIT_TEXT_SIZE];
	struct rate rate = { .count = 0 };

	writes(duration_format, 0, "0s");
	writes(duration_format, 1, "1ms");
	writes(duration_format, 1500, "1500ms");
	writes(duration_format, 60000, "1m");
	writes(duration_format, 90000, "90s");
	writes(duration_format, 86400000, "1d");
	writes(duration_format, DURATION_MAX_MS, "36500d");
	writes(duration_format, DURATION_OFF, "off");
	writes(size_format, 0, "0b");
	writes(size_format, 1000, "1000b");
	writes(size_format, 65536, "64k");
	writes(size_format, 1048576, "1m");
	writes(size_format, UINT64_C(3) << 39, "1536g");
	writes(size_format, UINT64_MAX, "18446744073709551615b");
	ok(strcmp(rate_format(out, sizeof(out), &rate), "off") == 0,
	    "no limit is written off");
	ok(rate_parse("060/m", &rate) == NULL &&
	    strcmp(rate_format(out, sizeof(out), &rate), "60/m") == 0,
	    "a rate keeps its time, which is how long a burst may be");
}

void
test_sizes_and_rates(void)
{
	test_sizes();
	test_rates();
	test_writing();
}
