/* SPDX-License-Identifier: ISC */

/*
 * logs.c - muxproxy with a log as the environment wants it, so that it can be
 * tested without a configuration file, which not every build has.
 *
 * LOGS_FORMAT and LOGS_SESSIONS_FORMAT are json or text, LOGS_SESSIONS is the
 * target of lines of sessions, or off; LOGS_STARTS asks for their starts, and
 * LOGS_INTERVAL_MS is a number.  LOGS_JOURNAL is the socket of a journald.
 */

#include <stdlib.h>
#include <string.h>

#include "config/options.h"
#include "control/journal.h"
#include "control/process.h"

static enum log_format
format(const char *name)
{
	const char *value = getenv(name);

	return (value != NULL && strcmp(value, "json") == 0 ? LOG_JSON :
	    LOG_TEXT);
}

static void
change(struct log_plan *log)
{
	const char *sessions = getenv("LOGS_SESSIONS");
	const char *interval = getenv("LOGS_INTERVAL_MS");

	log->events.format = format("LOGS_FORMAT");
	log->sessions.format = format("LOGS_SESSIONS_FORMAT");
	log->has_sessions = sessions == NULL || strcmp(sessions, "off") != 0;
	if (log->has_sessions)
		log->sessions.target = sessions;
	log->has_starts = getenv("LOGS_STARTS") != NULL;
	if (interval != NULL)
		log->interval_ms = strtoull(interval, NULL, 10);
	if (getenv("LOGS_JOURNAL") != NULL) {
		journal_path = getenv("LOGS_JOURNAL");
		log->events.target = "journald";
	}
}

int
main(int argc, char **argv)
{
	struct problems problems = { .list = NULL };
	struct plan *plan = plan_create();
	int status = STATUS_USAGE;

	if (plan == NULL)
		return (STATUS_OSERR);
	if (options_parse(plan, argc, argv, &problems) == OPTIONS_RUN) {
		change(&plan->log);
		status = (int)process_run(plan, argc, argv);
	}
	problems_print(&problems, stderr, false);
	problems_free(&problems);
	plan_release(plan);
	return (status);
}
