/* SPDX-License-Identifier: ISC */

/*
 * logger.c - the thread that writes log lines.
 *
 * It takes lines from all logs, the oldest first, writes them with few calls,
 * and sleeps on a pipe when there are none.  Lines that could not be written
 * are dropped and counted; the count is told when there is room again.
 */

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/text.h"
#include "base/thread.h"
#include "control/logger.h"

#define BATCH_BYTES	(32 * 1024)
#define LINE_BYTES	(LOG_TEXT_MAX + sizeof("2026-01-01T00:00:00.000Z warning \n"))
#define TAKE_LINES	128	/* before orders are looked at */
#define FINISH_MS	1000
#define NS_PER_S	INT64_C(1000000000)
#define NS_PER_MS	INT64_C(1000000)

struct logger {
	pthread_t thread;
	const char *path;	/* NULL: stderr or syslog */
	int fd;			/* -1: syslog */
	int wake_fds[2];	/* producers write, we read */
	int done_fds[2];	/* its end is closed when the thread is done */
	atomic_bool must_reopen, must_end;
	uint64_t unwritten;	/* lines that a write lost */
	uint64_t told;		/* lost lines that have been told of */
	size_t used;
	char batch[BATCH_BYTES];
	size_t logs_count;
	struct log *logs[];
};

static const struct {
	const char *name;
	int priority;
} severities[] = {
	[SEVERITY_DEBUG] = { "debug", LOG_DEBUG },
	[SEVERITY_INFO] = { "info", LOG_INFO },
	[SEVERITY_WARNING] = { "warning", LOG_WARNING },
	[SEVERITY_ERROR] = { "error", LOG_ERR },
};

/* A descriptor that someone else made non-blocking is waited for. */
static bool
write_all(int fd, const char *bytes, size_t count, size_t *written)
{
	struct pollfd entry = { .fd = fd, .events = POLLOUT };
	ssize_t n;

	for (*written = 0; *written < count; ) {
		n = write(fd, bytes + *written, count - *written);
		if (n >= 0)
			*written += (size_t)n;
		else if (errno == EAGAIN)
			(void)poll(&entry, 1, -1);
		else if (errno != EINTR)
			return (false);
	}
	return (true);
}

static void
flush(struct logger *logger)
{
	size_t written, i;

	if (logger->used > 0 && !write_all(logger->fd, logger->batch,
	    logger->used, &written)) {
		for (i = written; i < logger->used; i++)
			logger->unwritten += logger->batch[i] == '\n';
	}
	logger->used = 0;
}

static void
put_line(struct logger *logger, const struct log_record *record,
    const char *text)
{
	const time_t seconds = (time_t)(record->time_ns / NS_PER_S);
	char when[sizeof("2026-01-01T00:00:00")];
	struct tm tm;
	int n;

	if (logger->fd == -1) {
		syslog(severities[record->severity].priority, "%s", text);
		return;
	}
	if (BATCH_BYTES - logger->used < LINE_BYTES)
		flush(logger);
	(void)gmtime_r(&seconds, &tm);
	(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
	n = snprintf(logger->batch + logger->used, BATCH_BYTES - logger->used,
	    "%s.%03dZ %s %s\n", when, (int)(record->time_ns % NS_PER_S / NS_PER_MS),
	    severities[record->severity].name, text);
	if (n > 0)
		logger->used += (size_t)n;
}

static void
put_own_line(struct logger *logger, enum log_severity severity,
    const char *text)
{
	struct log_record record = { .severity = (uint8_t)severity };
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	record.time_ns = (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
	put_line(logger, &record, text);
}

static uint64_t
lost_lines(const struct logger *logger)
{
	uint64_t lost = logger->unwritten;
	size_t i;

	for (i = 0; i < logger->logs_count; i++)
		lost += atomic_load(&logger->logs[i]->lost);
	return (lost);
}

static void
tell_lost(struct logger *logger)
{
	const uint64_t lost = lost_lines(logger);
	const uint64_t unwritten = logger->unwritten;
	char text[64];

	if (lost == logger->told)
		return;
	(void)snprintf(text, sizeof(text), "log-lost lines=%" PRIu64,
	    lost - logger->told);
	put_own_line(logger, SEVERITY_WARNING, text);
	flush(logger);
	if (logger->unwritten == unwritten)
		logger->told = lost;
	else
		logger->unwritten = unwritten;	/* not a line of others */
}

/* A pipe that nobody reads is an error, and not to be waited for. */
static int
open_file(const char *path)
{
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY |
	    O_NONBLOCK, 0640);
	if (fd != -1)
		(void)fcntl(fd, F_SETFL, O_WRONLY | O_APPEND);
	return (fd);
}

/* The old file stays in use when the new one cannot be opened. */
static void
reopen(struct logger *logger)
{
	char text[LOG_TEXT_MAX + 1];
	int fd;

	if (logger->path == NULL)
		return;
	fd = open_file(logger->path);
	if (fd == -1) {
		(void)snprintf(text, sizeof(text), "log-reopen error=\"%s\" "
		    "action=keep-old", text_error(errno));
		put_own_line(logger, SEVERITY_ERROR, text);
		flush(logger);
		return;
	}
	(void)close(logger->fd);
	logger->fd = fd;
}

/* Says of every log that we sleep, and looks at each of them after that. */
static bool
may_sleep(const struct logger *logger)
{
	bool may = true;
	size_t i;

	for (i = 0; i < logger->logs_count; i++)
		may = log_may_sleep(logger->logs[i]) && may;
	return (may);
}

/* Not all, for there may be no end of them.  Whether there may be more. */
static bool
take_lines(struct logger *logger)
{
	struct log_record record;
	struct log *log;
	char text[LOG_TEXT_MAX + 1];
	unsigned taken;

	for (taken = 0; taken < TAKE_LINES; taken++) {
		log = log_oldest(logger->logs, logger->logs_count);
		if (log == NULL)
			return (false);
		(void)log_take(log, &record, text);
		put_line(logger, &record, text);
	}
	return (true);
}

static void *
logger_run(void *arg)
{
	struct logger *logger = arg;
	char bytes[64];
	bool must_end, has_more;

	do {
		must_end = atomic_load(&logger->must_end);
		if (atomic_exchange(&logger->must_reopen, false))
			reopen(logger);
		has_more = take_lines(logger);
		flush(logger);
		tell_lost(logger);
		if (!has_more && !must_end && may_sleep(logger))
			(void)!read(logger->wake_fds[0], bytes, sizeof(bytes));
	} while (has_more || !must_end);
	(void)close(logger->done_fds[1]);
	return (NULL);
}

static int
open_pipe(int fds[2])
{
	if (pipe(fds) == -1)
		return (-1);
	(void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	return (0);
}

static int
open_target(struct logger *logger, const char *target)
{
	if (strcmp(target, "stderr") == 0) {
		logger->fd = STDERR_FILENO;
	} else if (strcmp(target, "syslog") == 0) {
		openlog("muxproxy", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	} else {
		logger->path = target;
		logger->fd = open_file(target);
		if (logger->fd == -1)
			return (-1);
	}
	return (0);
}

static void
close_if_open(int fd)
{
	if (fd > STDERR_FILENO)
		socket_close(fd);
}

static void
logger_free(struct logger *logger)
{
	size_t i;

	close_if_open(logger->fd);
	close_if_open(logger->wake_fds[0]);
	close_if_open(logger->wake_fds[1]);
	close_if_open(logger->done_fds[0]);
	for (i = 0; i < logger->logs_count; i++)
		log_destroy(logger->logs[i]);
	free(logger);
}

static int
create_logs(struct logger *logger, enum log_severity threshold)
{
	size_t i;

	for (i = 0; i < logger->logs_count; i++) {
		logger->logs[i] = log_create(threshold, logger->wake_fds[1]);
		if (logger->logs[i] == NULL)
			return (-1);
	}
	return (0);
}

struct logger *
logger_create(const char *target, enum log_severity threshold,
    size_t logs_count)
{
	struct logger *logger;

	logger = calloc(1, sizeof(*logger) +
	    logs_count * sizeof(logger->logs[0]));
	if (logger == NULL)
		return (NULL);
	logger->logs_count = logs_count;
	logger->fd = logger->wake_fds[0] = logger->wake_fds[1] = -1;
	logger->done_fds[0] = logger->done_fds[1] = -1;
	if (open_target(logger, target) == -1 ||
	    open_pipe(logger->wake_fds) == -1 ||
	    open_pipe(logger->done_fds) == -1 ||
	    fcntl(logger->wake_fds[1], F_SETFL, O_WRONLY | O_NONBLOCK) == -1 ||
	    create_logs(logger, threshold) == -1 ||
	    thread_start(&logger->thread, logger_run, logger) == -1)
		goto fail;
	return (logger);

fail:
	close_if_open(logger->done_fds[1]);
	logger_free(logger);
	return (NULL);
}

struct log *
logger_log(struct logger *logger, size_t number)
{
	return (logger->logs[number]);
}

void
logger_give(const struct logger *logger, uid_t uid, gid_t gid)
{
	struct stat st;

	if (logger->path != NULL && fstat(logger->fd, &st) == 0 &&
	    S_ISREG(st.st_mode))
		(void)!fchown(logger->fd, uid, gid);
}

bool
logger_has_file(const struct logger *logger)
{
	return (logger->path != NULL);
}

static void
wake(struct logger *logger)
{
	while (write(logger->wake_fds[1], "", 1) == -1 && errno == EINTR)
		continue;
}

void
logger_reopen(struct logger *logger)
{
	atomic_store(&logger->must_reopen, true);
	wake(logger);
}

/* Whether the thread has ended. */
static bool
end_thread(struct logger *logger)
{
	struct pollfd done = { .fd = logger->done_fds[0], .events = POLLIN };

	atomic_store(&logger->must_end, true);
	wake(logger);
	if (poll(&done, 1, FINISH_MS) < 1) {
		(void)pthread_detach(logger->thread);
		return (false);
	}
	(void)pthread_join(logger->thread, NULL);
	return (true);
}

void
logger_destroy(struct logger *logger)
{
	if (logger != NULL && end_thread(logger))
		logger_free(logger);
}

void
logger_leave(struct logger *logger)
{
	(void)end_thread(logger);
}
