/* SPDX-License-Identifier: ISC */

/* log-sinks.c - the sinks of both kinds of lines, as a plan has them. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/log-sink.h"

/* That of sessions is the one of events where they have the same target. */
static int
open_both(struct sinks *sinks, const char *const targets[KIND_COUNT],
    const char **failed)
{
	unsigned i;

	for (i = 0; i < KIND_COUNT; i++) {
		*failed = targets[i];
		if (sinks->formats[i] == LOG_JSON && !form_has_json()) {
			errno = ENOTSUP;
			return (-1);
		}
		if (i > 0 && strcmp(targets[i], targets[0]) == 0)
			sinks->of[i] = sinks->of[0];
		else
			sinks->of[i] = sink_open(targets[i]);
		if (sinks->of[i] == NULL)
			return (-1);
	}
	return (0);
}

struct sinks *
sinks_open(const struct log_plan *plan, const char *usual,
    const char **failed)
{
	const char *events = plan->events.target != NULL ?
	    plan->events.target : usual;
	const char *const targets[KIND_COUNT] = {
		[KIND_EVENT] = events,
		[KIND_SESSION] = plan->sessions.target != NULL ?
		    plan->sessions.target : events,
	};
	struct sinks *sinks;
	int error;

	*failed = events;
	sinks = calloc(1, sizeof(*sinks));
	if (sinks == NULL)
		return (NULL);
	sinks->formats[KIND_EVENT] = plan->events.format;
	sinks->formats[KIND_SESSION] = plan->sessions.format;
	if (open_both(sinks, targets, failed) == 0)
		return (sinks);
	error = errno;
	sinks_close(sinks);
	errno = error;
	return (NULL);
}

struct sink *
sinks_each(const struct sinks *sinks, unsigned number)
{
	struct sink *sink = sinks->of[number];

	return (number > 0 && sink == sinks->of[0] ? NULL : sink);
}

void
sinks_close(struct sinks *sinks)
{
	struct sink *sink;
	unsigned i;

	if (sinks == NULL)
		return;
	/* the last one first: it is told apart by the first */
	for (i = KIND_COUNT; i-- > 0; ) {
		sink = sinks_each(sinks, i);
		if (sink != NULL)
			sink_close(sink);
	}
	free(sinks);
}
