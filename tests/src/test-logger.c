/* SPDX-License-Identifier: ISC */

/* test-logger.c - the thread that writes the log, when that fails. */

#include <sys/types.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "control/logger.h"
#include "refusals.h"
#include "refuse.h"
#include "tap.h"

static char path[] = "/tmp/mux-log-XXXXXX";

static const struct refusal refusals[] = { { CALL_calloc, ENOMEM },
    { CALL_malloc, ENOMEM }, { CALL_open, EACCES }, { CALL_pipe, EMFILE },
    { CALL_fcntl, EINVAL }, { CALL_pthread_create, EAGAIN } };

static struct logger *
create(const char *target)
{
	return (logger_create(target, SEVERITY_INFO));
}

static bool
has_line(const char *line)
{
	char text[1024];
	FILE *file;
	size_t used;

	file = fopen(path, "r");
	if (file == NULL)
		return (false);
	used = fread(text, 1, sizeof(text) - 1, file);
	text[used] = '\0';
	(void)fclose(file);
	return (strstr(text, line) != NULL);
}

/* Whether a line comes to the file although a call of write(2) fails. */
static bool
arrives(unsigned n, int error)
{
	struct logger *logger;

	(void)truncate(path, 0);
	logger = create(path);
	if (logger == NULL)
		return (false);
	if (error != 0)
		refuse(CALL_write, n, error);
	log_line(logger_log(logger), SEVERITY_INFO, "here it is");
	logger_destroy(logger);
	(void)refuse_end();
	return (has_line(" info here it is\n"));
}

/* The file stays in use, and has the reason. */
static bool
reopening_fails(void)
{
	struct logger *logger;
	unsigned refused;

	logger = create(path);
	if (logger == NULL)
		return (false);
	refuse(CALL_open, 1, EACCES);
	logger_reopen(logger);
	logger_destroy(logger);
	refused = refuse_end();
	return (refused == 1 && has_line(" error log-reopen error=\""));
}

static void
to_file(void)
{
	logger_destroy(create(path));
}

static void
to_stderr(void)
{
	logger_destroy(create("stderr"));
}

static void
to_syslog(void)
{
	logger_destroy(create("syslog"));
	closelog();
}

static void
test_giving(void)
{
	struct logger *logger;

	logger = create(path);
	ok(logger != NULL && logger_has_file(logger), "a file");
	refuse(CALL_fstat, 1, EIO);
	logger_give(logger, getuid(), getgid());
	is(refuse_end(), 1, "that is not known is not given away");
	logger_give(logger, getuid(), getgid());
	logger_destroy(logger);
	logger = create("/dev/null");
	logger_give(logger, getuid(), getgid());
	logger_destroy(logger);
	logger = create("stderr");
	ok(logger != NULL && !logger_has_file(logger), "no file");
	logger_give(logger, getuid(), getgid());
	logger_reopen(logger);
	logger_destroy(logger);
	logger_destroy(NULL);
}

#define EACH(what, attempt) \
	refuse_each(what, refusals, sizeof(refusals) / sizeof(refusals[0]), \
	    attempt)

void
test_logger(void)
{
	const int fd = mkstemp(path);
	unsigned n;

	if (fd == -1)
		bail_out("no file");
	(void)close(fd);
	ok(arrives(0, 0), "a line arrives");
	for (n = 1; n <= 3; n++)
		ok(arrives(n, EINTR), "interrupted, %u", n);
	ok(reopening_fails(), "a file that cannot be opened anew");
	test_giving();
	EACH("file", to_file);
	EACH("stderr", to_stderr);
	EACH("syslog", to_syslog);
	(void)unlink(path);
}
