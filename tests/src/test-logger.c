/* SPDX-License-Identifier: ISC */

/* test-logger.c - the thread that writes the log, when that fails. */

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "control/logger.h"
#include "refusals.h"
#include "refuse.h"
#include "tap.h"

#define LOGS	3
#define LINES	200	/* of a dialogue */
#define READ_MAX	(4 * 1024 * 1024)	/* until it looks at its orders */

static char path[] = "/tmp/mux-log-XXXXXX";

static const struct refusal refusals[] = { { CALL_calloc, ENOMEM },
    { CALL_malloc, ENOMEM }, { CALL_open, EACCES }, { CALL_pipe, EMFILE },
    { CALL_fcntl, EINVAL }, { CALL_pthread_create, EAGAIN } };

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

	if (logger != NULL && logger_start(logger) == -1) {
		logger_destroy(logger);
		return (NULL);
	}
	return (logger);
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
	log_line(logger_log(logger, 1), SEVERITY_INFO, "here it is");
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

/* What two threads have to say to each other. */
struct dialogue {
	struct logger *logger;
	atomic_uint said;
};

static void
speak(struct dialogue *dialogue, unsigned number)
{
	unsigned i;

	for (i = number; i < LINES; i += 2) {
		while (atomic_load(&dialogue->said) != i)
			(void)sched_yield();
		log_line(logger_log(dialogue->logger, 2 * number),
		    SEVERITY_INFO, "line %u", i);
		atomic_store(&dialogue->said, i + 1);
	}
}

static void *
answer(void *arg)
{
	speak(arg, 1);
	return (NULL);
}

/* How many lines are where they belong. */
static unsigned
lines_in_order(void)
{
	char line[1024], want[32];
	unsigned count = 0;
	FILE *file;

	file = fopen(path, "r");
	if (file == NULL)
		return (0);
	do {
		(void)snprintf(want, sizeof(want), " info line %u\n", count);
	} while (fgets(line, sizeof(line), file) != NULL &&
	    strstr(line, want) != NULL && ++count > 0);
	(void)fclose(file);
	return (count);
}

/* A line that was written because of another comes after it. */
static void
test_order(void)
{
	struct dialogue dialogue = { .said = 0 };
	pthread_t thread;

	(void)truncate(path, 0);
	dialogue.logger = create(path);
	if (dialogue.logger == NULL ||
	    pthread_create(&thread, NULL, answer, &dialogue) != 0)
		bail_out("no dialogue");
	speak(&dialogue, 0);
	(void)pthread_join(thread, NULL);
	logger_destroy(dialogue.logger);
	is(lines_in_order(), LINES, "lines of two logs are in order");
}

/* Of every log, and told once. */
static void
test_lost(void)
{
	struct logger *logger;
	unsigned i;

	(void)truncate(path, 0);
	logger = create(path);
	if (logger == NULL)
		bail_out("logger_create");
	for (i = 0; i < LOGS; i++)
		atomic_store(&logger_log(logger, i)->lost, 2);
	logger_destroy(logger);
	ok(has_line(" warning log-lost lines=6\n"), "what was lost is told");
}

/* Lines until the ring is full; then what a slow reader takes, or -1. */
static ssize_t
take_some(struct logger *logger, int fd, char *out, size_t size)
{
	struct log *log = logger_log(logger, 0);
	const size_t lost = atomic_load(&log->lost);
	ssize_t n;

	while (atomic_load(&log->lost) == lost)
		log_line(log, SEVERITY_INFO, "%0512d", 0);
	n = read(fd, out, size - 1);
	out[n > 0 ? n : 0] = '\0';
	return (n);
}

/* While lines never end. */
static void
test_busy(void)
{
	struct logger *logger;
	char bytes[4096];
	size_t total;
	ssize_t n;
	int fd;

	if (unlink(path) == -1 || mkfifo(path, 0600) == -1)
		bail_out("no FIFO");
	fd = open(path, O_RDONLY | O_NONBLOCK);
	logger = create(path);
	if (fd == -1 || logger == NULL)
		bail_out("no reader");
	total = 0;
	do {
		n = take_some(logger, fd, bytes, sizeof(bytes));
		total += n > 0 ? (size_t)n : 0;
	} while (total < READ_MAX && strstr(bytes, " log-lost ") == NULL);
	ok(total < READ_MAX, "busy, it tells of lost lines");

	(void)unlink(path);
	logger_reopen(logger);
	total = 0;
	do {
		n = take_some(logger, fd, bytes, sizeof(bytes));
		total += n > 0 ? (size_t)n : 0;
	} while (total < READ_MAX && n != 0);
	ok(total < READ_MAX, "and opens its file anew");
	(void)close(fd);
	logger_destroy(logger);
	ok(has_line(" info 000"), "where the lines go then");
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

/* The count is told at the end, though it was told a moment ago. */
static void
test_lost_lines_later(void)
{
	struct logger *logger;

	(void)truncate(path, 0);
	logger = create(path);
	if (logger == NULL)
		bail_out("logger_create");
	atomic_store(&logger_log(logger, 0)->lost, 2);
	log_line(logger_log(logger, 0), SEVERITY_INFO, "wake up");
	while (!has_line(" warning log-lost lines=2\n"))
		(void)sched_yield();
	atomic_store(&logger_log(logger, 0)->lost, 5);
	logger_destroy(logger);
	ok(has_line(" warning log-lost lines=3\n"), "more is told at the end");
}

static void
to_two_files(void)
{
	struct log_plan plan = plan_for(path);

	plan.sessions.target = "/dev/null";
	logger_destroy(logger_create(&plan, false, LOGS, &failed));
}

static void
configured(void)
{
	const struct log_plan plan = plan_for("/dev/null");
	struct logger *logger = create(path);

	if (logger != NULL)
		(void)logger_configure(logger, &plan, &failed);
	logger_destroy(logger);
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
	test_order();
	test_lost();
	test_busy();
	test_giving();
	test_lost_lines_later();
	EACH("file", to_file);
	EACH("two files", to_two_files);
	EACH("configured", configured);
	EACH("stderr", to_stderr);
	EACH("syslog", to_syslog);
	(void)unlink(path);
}
