/* SPDX-License-Identifier: ISC */

/*
 * logger.c - the thread that writes log lines.
 *
 * It takes lines from all logs, the oldest first, writes them with few calls,
 * and sleeps on a pipe when there are none.  Lines that could not be written
 * are dropped and counted; the count is told when there is room again.
 *
 * The sinks are this thread's.  Others open new ones and leave them for it.
 */

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/thread.h"
#include "control/log-writer.h"
#include "control/logger.h"
#include "control/sandbox.h"

#define FINISH_MS	1000
#define RETRY_MS	1000	/* when lost lines are still to be told of */

struct logger {
	pthread_t thread;
	bool has_thread;
	const char *usual;	/* the target where a plan names none */
	struct log_writer writer;	/* the thread's */
	_Atomic(struct sinks *) next;	/* for it to use instead; or NULL */
	atomic_bool has_file;
	int wake_fds[2];	/* producers write, we read */
	int done_fds[2];	/* its end is closed when the thread is done */
	atomic_bool must_reopen, must_end;
	size_t logs_count;
	struct log *logs[];
};

/* What logger_configure() has left for us. */
static void
take_sinks(struct logger *logger)
{
	struct sinks *next = atomic_exchange(&logger->next, NULL);

	if (next != NULL)
		log_writer_use(&logger->writer, next);
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

/* Until somebody wakes us, or it is time to tell of lost lines once more. */
static void
rest(const struct logger *logger)
{
	struct pollfd woken = { .fd = logger->wake_fds[0], .events = POLLIN };
	char bytes[64];

	if (!log_writer_has_untold(&logger->writer) ||
	    poll(&woken, 1, RETRY_MS) == 1)
		(void)!read(logger->wake_fds[0], bytes, sizeof(bytes));
}

/* Those that were opened before there was a sandbox. */
static void
limit_files(const struct sinks *sinks)
{
	const struct sink *sink;
	unsigned i;

	for (i = 0; i < KIND_COUNT; i++) {
		sink = sinks_each(sinks, i);
		if (sink != NULL && sink->kind == SINK_FILE)
			sandbox_limit_fd(sink->fd, SANDBOX_LOG);
	}
}

static void *
logger_run(void *arg)
{
	struct logger *logger = arg;
	bool must_end, has_more;

	thread_confine();
	limit_files(logger->writer.sinks);
	do {
		must_end = atomic_load(&logger->must_end);
		take_sinks(logger);
		if (atomic_exchange(&logger->must_reopen, false))
			log_writer_reopen(&logger->writer);
		has_more = log_writer_take(&logger->writer);
		log_writer_flush(&logger->writer);
		log_writer_tell_lost(&logger->writer, must_end && !has_more);
		if (!has_more && !must_end && may_sleep(logger))
			rest(logger);
	} while (has_more || !must_end);
	(void)close(logger->done_fds[1]);
	return (NULL);
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

	sinks_close(logger->writer.sinks);
	sinks_close(atomic_load(&logger->next));
	close_if_open(logger->wake_fds[0]);
	close_if_open(logger->wake_fds[1]);
	close_if_open(logger->done_fds[0]);
	for (i = 0; i < logger->logs_count; i++)
		log_destroy(logger->logs[i]);
	free(logger);
}

static bool
has_file(const struct sinks *sinks)
{
	return (sinks->of[KIND_EVENT]->kind == SINK_FILE ||
	    sinks->of[KIND_SESSION]->kind == SINK_FILE);
}

/* A place of their own is not for nothing, however quiet the events are. */
static enum log_severity
session_threshold(const struct log_plan *plan)
{
	return (plan->sessions.target != NULL &&
	    plan->threshold > SEVERITY_INFO ? SEVERITY_INFO :
	    plan->threshold);
}

static void
wish(const struct logger *logger, const struct log_plan *plan)
{
	const struct log_wishes wishes = {
		.threshold = plan->threshold,
		.session_threshold = session_threshold(plan),
		.has_sessions = plan->has_sessions,
		.has_starts = plan->has_starts,
		.interval_ms = plan->interval_ms,
	};
	size_t i;

	for (i = 0; i < logger->logs_count; i++)
		log_wish(logger->logs[i], &wishes);
}

static int
create_logs(struct logger *logger, const struct log_plan *plan)
{
	size_t i;

	for (i = 0; i < logger->logs_count; i++) {
		logger->logs[i] = log_create(plan->threshold,
		    logger->wake_fds[1]);
		if (logger->logs[i] == NULL)
			return (-1);
	}
	wish(logger, plan);
	return (0);
}

static int
open_sinks(struct logger *logger, const struct log_plan *plan,
    const char **failed)
{
	logger->writer.sinks = sinks_open(plan, logger->usual, failed);
	if (logger->writer.sinks == NULL)
		return (-1);
	atomic_init(&logger->has_file, has_file(logger->writer.sinks));
	return (0);
}

struct logger *
logger_create(const struct log_plan *plan, bool is_daemon, size_t logs_count,
    const char **failed)
{
	struct logger *logger;

	*failed = is_daemon ? "syslog" : "stderr";
	logger = calloc(1, sizeof(*logger) +
	    logs_count * sizeof(logger->logs[0]));
	if (logger == NULL)
		return (NULL);
	logger->usual = *failed;
	logger->logs_count = logs_count;
	logger->writer.logs = logger->logs;
	logger->writer.logs_count = logs_count;
	logger->wake_fds[0] = logger->wake_fds[1] = -1;
	logger->done_fds[0] = logger->done_fds[1] = -1;
	if (open_sinks(logger, plan, failed) == -1 ||
	    thread_pipe(logger->wake_fds) == -1 ||
	    thread_pipe(logger->done_fds) == -1 ||
	    fcntl(logger->wake_fds[1], F_SETFL, O_WRONLY | O_NONBLOCK) == -1 ||
	    create_logs(logger, plan) == -1)
		goto fail;
	return (logger);

fail:
	close_if_open(logger->done_fds[1]);
	logger_free(logger);
	return (NULL);
}

int
logger_start(struct logger *logger)
{
	logger->has_thread = thread_start(&logger->thread, logger_run,
	    logger) == 0;
	return (logger->has_thread ? 0 : -1);
}

struct log *
logger_log(struct logger *logger, size_t number)
{
	return (logger->logs[number]);
}

void
logger_give(const struct logger *logger, uid_t uid, gid_t gid)
{
	struct sink *sink;
	struct stat st;
	unsigned i;

	for (i = 0; i < KIND_COUNT; i++) {
		sink = sinks_each(logger->writer.sinks, i);
		if (sink != NULL && sink->kind == SINK_FILE &&
		    fstat(sink->fd, &st) == 0 && S_ISREG(st.st_mode))
			(void)!fchown(sink->fd, uid, gid);
	}
}

bool
logger_has_file(const struct logger *logger)
{
	return (atomic_load(&logger->has_file));
}

static void
wake(const struct logger *logger)
{
	while (write(logger->wake_fds[1], "", 1) == -1 && errno == EINTR)
		continue;
}

/* What the thread has not taken yet, because it is stuck, was for nothing. */
int
logger_configure(struct logger *logger, const struct log_plan *plan,
    const char **failed)
{
	struct sinks *sinks;

	sinks = sinks_open(plan, logger->usual, failed);
	if (sinks == NULL)
		return (-1);
	atomic_store(&logger->has_file, has_file(sinks));
	sinks_close(atomic_exchange(&logger->next, sinks));
	wish(logger, plan);
	wake(logger);
	return (0);
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
	if (!logger->has_thread) {
		(void)logger_run(logger);
		return (true);
	}
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
