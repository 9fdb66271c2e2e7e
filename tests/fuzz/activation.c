/* SPDX-License-Identifier: ISC */

/*
 * activation.c - what the service manager says in the environment.
 *
 * The input is LISTEN_FDS, a line end, LISTEN_PID, a line end, and
 * LISTEN_FDNAMES; what is missing is unset.  The first two are also read as
 * WATCHDOG_USEC and WATCHDOG_PID.
 */

#include <sys/types.h>

#include "control/activation.h"
#include "control/notify.h"
#include "fuzz.h"

const char fuzz_name[] = "activation";

#define SELF	4711

/* Names joined again are what was given. */
static void
check_names(const struct activation *activation, const char *names)
{
	size_t i, length;

	for (i = 0; i < activation->count; i++) {
		length = strlen(activation->list[i].name);
		MUST(length <= ACTIVATION_NAME_MAX);
		MUST(activation->list[i].fd == ACTIVATION_FIRST + (int)i);
		if (names == NULL) {
			MUST(strcmp(activation->list[i].name, "unknown") == 0);
			continue;
		}
		MUST(strncmp(names, activation->list[i].name, length) == 0);
		names += length;
		MUST(*names == (i + 1 < activation->count ? ':' : '\0'));
		names += *names == ':';
	}
}

static void
check(const char *fds, const char *pid, const char *names)
{
	struct activation activation;
	const char *wrong;

	wrong = activation_parse(&activation, fds, pid, names, SELF);
	if (wrong != NULL) {
		MUST(*wrong != '\0' && activation.list == NULL);
		MUST(activation.count == 0 && activation.names == NULL);
		return;
	}
	MUST(activation.count <= ACTIVATION_MAX);
	MUST((activation.count == 0) == (activation.list == NULL));
	if (activation.count > 0) {
		MUST((size_t)strtoul(fds, NULL, 10) == activation.count);
		MUST(strtoul(pid, NULL, 10) == SELF);
		MUST(activation_left(&activation, NULL) == activation.count);
		check_names(&activation, names);
	}
	free(activation.list);
	free(activation.names);
}

static char *
next_line(char **at)
{
	char *line = *at;

	if (line == NULL)
		return (NULL);
	*at = strchr(line, '\n');
	if (*at != NULL)
		*(*at)++ = '\0';
	return (line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *at = size > 0 ? text : NULL;
	const char *fds = next_line(&at), *pid = next_line(&at);
	uint64_t watchdog_us;

	/* what is left may have line ends in it */
	check(fds, pid, at);
	watchdog_us = notify_watchdog_us(fds, pid, SELF);
	MUST(watchdog_us == 0 || strtoull(fds, NULL, 10) == watchdog_us);
	free(text);
	return (0);
}
