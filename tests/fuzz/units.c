/* SPDX-License-Identifier: ISC */

/* units.c - durations and numbers. */

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
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t max = UINT64_MAX;
	char *text = fuzz_text(data, size);

	check_duration(text);
	check_number(text, UINT64_MAX);
	check_number(text, UINT16_MAX);
	if (size > sizeof(max)) {
		memcpy(&max, data, sizeof(max));
		check_number(text + sizeof(max), max);
	}
	free(text);
	return (0);
}
