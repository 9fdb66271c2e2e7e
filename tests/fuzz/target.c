/* SPDX-License-Identifier: ISC */

/* target.c - LISTEN and UPSTREAM. */

#include <stdbool.h>

#include "base/target.h"
#include "fuzz.h"

const char fuzz_name[] = "target";

typedef const char *parse_fn(struct target *target, const char *text);

/* What is accepted is within bounds, and its canonical form is the same. */
static void
check(parse_fn *parse, const char *text)
{
	char out[TARGET_TEXT_SIZE + 64], once_more[TARGET_TEXT_SIZE];
	struct target target, again;
	const char *wrong;
	size_t i;

	memset(&target, 0x5a, sizeof(target));
	wrong = parse(&target, text);
	if (wrong != NULL) {
		MUST(*wrong != '\0');
		return;
	}
	MUST(target_equal(&target, &target));
	if (target.kind == TARGET_INET) {
		MUST(target.port > 0 && strlen(target.host) <= TARGET_HOST_MAX);
		MUST(target.ports > 0 && target.port + target.ports - 1 <= 65535);
		MUST(parse == target_parse_listen || target.host[0] != '\0');
		for (i = 0; target.host[i] != '\0'; i++)
			MUST((unsigned char)target.host[i] > ' ' &&
			    target.host[i] != 0x7f);
	} else if (target.kind == TARGET_UNIX)
		MUST(target.path[0] != '\0' &&
		    strlen(target.path) <= TARGET_PATH_MAX);
	else if (target.kind == TARGET_SYSTEMD) {
		MUST(parse == target_parse_listen && target.host[0] != '\0');
		MUST(strchr(target.host, ':') == NULL);
	} else
		MUST(parse == target_parse_upstream);
	MUST(target_overlaps(&target, &target));
	MUST(target_format(out, sizeof(out), &target) == out);
	MUST(strlen(out) < TARGET_TEXT_SIZE);
	MUST(parse(&again, out) == NULL);
	MUST(target_equal(&target, &again) && target_equal(&again, &target));
	MUST(strcmp(target_format(once_more, sizeof(once_more), &again),
	    out) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	check(target_parse_listen, text);
	check(target_parse_upstream, text);
	free(text);
	return (0);
}
