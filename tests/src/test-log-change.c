/* SPDX-License-Identifier: ISC */

/* test-log-change.c - targets of the log that change while it is written. */

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/logger.h"
#include "refusals.h"
#include "refuse.h"
#include "tap.h"

#define LOGS	3

static char path[] = "/tmp/mux-change-XXXXXX";
static char other[sizeof(path) + 1];
static const char *failed;

static struct log_plan
plan_for(const char *target)
{
	return ((struct log_plan){ .events = { .target = target },
	    .threshold = SEVERITY_INFO, .has_sessions = true });
}

static struct logger *
create(const char *target)
{
	const struct log_plan plan = plan_for(target);
	struct logger *logger = logger_create(&plan, false, LOGS, &failed);

	if (logger == NULL || logger_start(logger) == -1)
		bail_out("no logger");
	return (logger);
}

static bool
has_line(const char *line)
{
	bool found = false;
	char text[1200];
	FILE *file;

	file = fopen(path, "r");
	if (file == NULL)
		return (false);
	while (!found && fgets(text, sizeof(text), file) != NULL)
		found = strstr(text, line) != NULL;
	(void)fclose(file);
	return (found);
}

/* What comes after it goes elsewhere, also with other lines. */
static void
test_configuring(void)
{
	struct log_plan plan = plan_for(other);
	struct logger *logger;
	struct log *log;

	(void)snprintf(other, sizeof(other), "%s2", path);
	(void)truncate(path, 0);
	logger = create(path);
	log = logger_log(logger, 1);
	refuse(CALL_open, 1, EACCES);
	ok(logger_configure(logger, &plan, &failed) == -1 && errno == EACCES &&
	    failed == other, "a target that cannot be opened");
	(void)refuse_end();
	log_line(log, SEVERITY_DEBUG, "not this");
	log_session_line(log, SEVERITY_INFO, "session id=1");
	logger_destroy(logger);
	ok(has_line(" info session id=1\n") && !has_line("not this"),
	    "changes nothing");

	logger = create(path);
	plan.events.target = path;
	plan.sessions.target = other;
	plan.threshold = SEVERITY_DEBUG;
	plan.has_starts = true;
	plan.interval_ms = 10;
	if (logger == NULL || logger_configure(logger, &plan, &failed) == -1)
		bail_out("logger_configure");
	log = logger_log(logger, 2);
	is(log_interval_ms(log), 10, "an interval");
	ok(log_start_severity(log) == SEVERITY_INFO, "starts");
	log_line(log, SEVERITY_DEBUG, "event id=2");
	log_session_line(log, SEVERITY_INFO, "session id=2");
	plan.has_sessions = false;
	ok(logger_configure(logger, &plan, &failed) == 0, "once more");
	is(log_interval_ms(log), 0, "no interval");
	log_session_line(log, SEVERITY_ERROR, "session id=3");
	logger_destroy(logger);
	ok(has_line(" debug event id=2\n") && !has_line("session id=2"),
	    "events go to one file");
	(void)rename(other, path);
	ok(has_line(" info session id=2\n") && !has_line("event") &&
	    !has_line("id=3"), "and sessions to another, or nowhere");
}

/* One that the thread has not taken yet is replaced. */
static void
test_stuck(void)
{
	struct log_plan plan = plan_for(other);
	struct logger *logger;
	struct log *log;
	char bytes[4096];
	int fd, i;

	(void)unlink(path);
	if (mkfifo(path, 0600) == -1)
		bail_out("no FIFO");
	fd = open(path, O_RDONLY | O_NONBLOCK);
	logger = create(path);
	if (fd == -1 || logger == NULL)
		bail_out("no reader");
	while (atomic_load(&logger_log(logger, 0)->lost) == 0)
		log_line(logger_log(logger, 0), SEVERITY_INFO, "%0512d", 0);
	for (i = 0; i < 3; i++)
		ok(logger_configure(logger, &plan, &failed) == 0,
		    "stuck, it is configured");
	while (read(fd, bytes, sizeof(bytes)) != 0)
		(void)sched_yield();
	log = logger_log(logger, 0);
	while (atomic_load(&log->read) != atomic_load(&log->written))
		(void)sched_yield();
	log_line(log, SEVERITY_INFO, "here it is");
	logger_destroy(logger);
	(void)close(fd);
	(void)rename(other, path);
	ok(has_line(" info here it is\n"), "and goes on there");
}

void
test_log_change(void)
{
	const int fd = mkstemp(path);

	if (fd == -1)
		bail_out("no file");
	(void)close(fd);
	test_configuring();
	test_stuck();
	(void)unlink(path);
}
