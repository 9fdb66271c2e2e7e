/* SPDX-License-Identifier: ISC */

/* units.c - durations, sizes, rates and numbers. */

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>

#include "base/text.h"
#include "base/units.h"
#include "fuzz.h"

const char fuzz_name[] = "units";

#define UNTOUCHED	UINT64_C(0x5a5a5a5a5a5a5a5a)

/* The C library reads numbers too, if it gets nothing but digits. */
static void
check_number(const char *text, uint64_t max)
{
	const size_t length = strlen(text);
	uint64_t number = UNTOUCHED, want = 0;
	bool valid;

	valid = length > 0 && strspn(text, "0123456789") == length;
	if (valid) {
		errno = 0;
		want = strtoull(text, NULL, 10);
		valid = errno == 0 && want <= max;
	}
	MUST(text_number(text, length, max, &number) == valid);
	MUST(number == (valid ? want : UNTOUCHED));
}

static void
check_duration(const char *text)
{
	char out[64];
	uint64_t ms = UNTOUCHED, again;
	const char *wrong = duration_parse(text, &ms);

	if (wrong != NULL) {
		MUST(*wrong != '\0' && ms == UNTOUCHED);
		return;
	}
	MUST(ms <= DURATION_MAX_MS);
	(void)snprintf(out, sizeof(out), "%" PRIu64 "ms", ms);
	MUST(duration_parse(out, &again) == NULL && again == ms);
	check_number(out, DURATION_MAX_MS);
	MUST(duration_format(out, UNIT_TEXT_SIZE, ms) == out);
	MUST(duration_parse(out, &again) == NULL && again == ms);
	MUST(strlen(out) <= strlen(text));
}

static void
check_size(const char *text)
{
	char out[64];
	uint64_t bytes = UNTOUCHED, again;
	const char *wrong = size_parse(text, &bytes);

	if (wrong != NULL) {
		MUST(*wrong != '\0' && bytes == UNTOUCHED);
		return;
	}
	MUST(size_format(out, UNIT_TEXT_SIZE, bytes) == out);
	MUST(size_parse(out, &again) == NULL && again == bytes);
	MUST(strlen(out) <= strlen(text));
}

static void
check_rate(const char *text)
{
	char out[64];
	struct rate rate = { .count = UNTOUCHED }, again;
	const char *wrong = rate_parse(text, &rate);

	if (wrong != NULL) {
		MUST(*wrong != '\0' && rate.count == UNTOUCHED);
		return;
	}
	MUST(rate.count >= 1 && rate.count <= RATE_COUNT_MAX);
	MUST(rate_format(out, UNIT_TEXT_SIZE, &rate) == out);
	MUST(rate_parse(out, &again) == NULL && again.count == rate.count &&
	    again.per_ms == rate.per_ms);
	MUST(strlen(out) <= strlen(text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t max = UINT64_MAX;
	char *text = fuzz_text(data, size);

	check_duration(text);
	check_size(text);
	check_rate(text);
	check_number(text, UINT64_MAX);
	check_number(text, UINT16_MAX);
	if (size > sizeof(max)) {
		memcpy(&max, data, sizeof(max));
		check_number(text + sizeof(max), max);
	}
	free(text);
	return (0);
}
