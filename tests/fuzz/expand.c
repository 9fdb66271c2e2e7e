/* SPDX-License-Identifier: ISC */

/* expand.c - variables of the environment in a text. */

#include <stdbool.h>

#include "config/expand.h"
#include "fuzz.h"

const char fuzz_name[] = "expand";

/* One that is long, one that is empty, one with what must stay as it is. */
static char *
look_up(const char *name)
{
	static char large[EXPAND_BYTES_MAX / 2 + 1], empty[] = "";
	static char dollar[] = "${A}$$:-}";

	if (large[0] == '\0')
		memset(large, 'x', sizeof(large) - 1);
	switch (*name) {
	case 'L':
		return (large);
	case 'E':
		return (empty);
	case 'D':
		return (dollar);
	default:
		return (NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *out;
	struct expand_error error;
	const bool has_dollar = strchr(text, '$') != NULL;

	out = expand_text(text, look_up, &error);
	if (out != NULL) {
		MUST(strlen(out) <= EXPAND_BYTES_MAX);
		MUST(has_dollar || strcmp(out, text) == 0);
	} else {
		MUST(error.text[0] != '\0');
		MUST(strlen(error.text) < sizeof(error.text));
		MUST(error.where <= strlen(text));
		MUST(has_dollar || strlen(text) > EXPAND_BYTES_MAX);
	}
	free(out);
	free(text);
	return (0);
}
