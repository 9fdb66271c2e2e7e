/* SPDX-License-Identifier: ISC */

/* log.c - log lines on their way from a loop to the thread that writes them. */

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

struct log *
log_create(enum log_severity threshold, int wake_fd)
{
	struct log *log;

	log = malloc(sizeof(*log));
	if (log == NULL)
		return (NULL);
	log_wish(log, &(struct log_wishes){ .threshold = threshold,
	    .session_threshold = threshold, .has_sessions = true });
	log->wake_fd = wake_fd;
	atomic_init(&log->consumer_sleeps, false);
	atomic_init(&log->lost, 0);
	atomic_init(&log->written, 0);
	atomic_init(&log->read, 0);
	return (log);
}

void
log_destroy(struct log *log)
{
	free(log);
}

void
log_wish(struct log *log, const struct log_wishes *wishes)
{
	const bool is_endless = wishes->interval_ms == 0 ||
	    wishes->interval_ms == UINT64_MAX;
	const unsigned interval_ms = wishes->interval_ms < UINT_MAX ?
	    (unsigned)wishes->interval_ms : UINT_MAX;

	atomic_store(&log->threshold, (int)wishes->threshold);
	atomic_store(&log->session_threshold,
	    (int)wishes->session_threshold);
	atomic_store(&log->has_sessions, wishes->has_sessions);
	atomic_store(&log->has_starts, wishes->has_starts);
	atomic_store(&log->interval_ms,
	    wishes->has_sessions && !is_endless ? interval_ms : 0);
}

bool
log_wants(const struct log *log, enum log_severity severity)
{
	return ((int)severity >= atomic_load_explicit(&log->threshold,
	    memory_order_relaxed));
}

bool
log_wants_session(const struct log *log, enum log_severity severity)
{
	return ((int)severity >= atomic_load_explicit(&log->session_threshold,
	    memory_order_relaxed) &&
	    atomic_load_explicit(&log->has_sessions, memory_order_relaxed));
}

enum log_severity
log_start_severity(const struct log *log)
{
	return (atomic_load_explicit(&log->has_starts, memory_order_relaxed) ?
	    SEVERITY_INFO : SEVERITY_DEBUG);
}

unsigned
log_interval_ms(const struct log *log)
{
	return (atomic_load_explicit(&log->interval_ms, memory_order_relaxed));
}

/* Copies into the ring at a count of bytes ever written; returns the next. */
static size_t
ring_put(struct log *log, size_t at, const void *data, size_t length)
{
	const size_t place = at % LOG_RING_BYTES;
	const size_t first = length < LOG_RING_BYTES - place ? length :
	    LOG_RING_BYTES - place;

	memcpy(log->ring + place, data, first);
	memcpy(log->ring, (const unsigned char *)data + first, length - first);
	return (at + length);
}

static size_t
ring_get(const struct log *log, size_t at, void *data, size_t length)
{
	const size_t place = at % LOG_RING_BYTES;
	const size_t first = length < LOG_RING_BYTES - place ? length :
	    LOG_RING_BYTES - place;

	memcpy(data, log->ring + place, first);
	memcpy((unsigned char *)data + first, log->ring, length - first);
	return (at + length);
}

static int64_t
wall_clock_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return ((int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec);
}

static void
wake_consumer(struct log *log)
{
	if (!atomic_exchange(&log->consumer_sleeps, false))
		return;
	while (write(log->wake_fd, "", 1) == -1 && errno == EINTR)
		continue;
}

static void
put_record(struct log *log, const struct log_record *record, const char *text)
{
	size_t at, used;

	at = atomic_load_explicit(&log->written, memory_order_relaxed);
	used = at - atomic_load_explicit(&log->read, memory_order_acquire);
	if (sizeof(*record) + record->length > LOG_RING_BYTES - used) {
		atomic_fetch_add(&log->lost, 1);
	} else {
		at = ring_put(log, at, record, sizeof(*record));
		at = ring_put(log, at, text, record->length);
		/* ordered against consumer_sleeps, hence not just a release */
		atomic_store(&log->written, at);
	}
	wake_consumer(log);
}

static void log_format(struct log *log, enum log_kind kind,
    enum log_severity severity, const char *format, va_list ap)
    __attribute__((format(printf, 4, 0)));

static void
log_format(struct log *log, enum log_kind kind, enum log_severity severity,
    const char *format, va_list ap)
{
	const int saved_errno = errno;
	struct log_record record;
	char text[LOG_TEXT_MAX + 1];
	int length;

	length = vsnprintf(text, sizeof(text), format, ap);
	if (length < 0)
		length = 0;
	if (length > LOG_TEXT_MAX)
		length = LOG_TEXT_MAX;
	memset(&record, 0, sizeof(record));	/* padding goes into the ring */
	record.time_ns = wall_clock_ns();
	record.length = (uint16_t)length;
	record.severity = (uint8_t)severity;
	record.kind = (uint8_t)kind;
	put_record(log, &record, text);
	errno = saved_errno;
}

void
log_line(struct log *log, enum log_severity severity, const char *format, ...)
{
	va_list ap;

	if (!log_wants(log, severity))
		return;
	va_start(ap, format);
	log_format(log, KIND_EVENT, severity, format, ap);
	va_end(ap);
}

void
log_session_line(struct log *log, enum log_severity severity,
    const char *format, ...)
{
	va_list ap;

	if (!log_wants_session(log, severity))
		return;
	va_start(ap, format);
	log_format(log, KIND_SESSION, severity, format, ap);
	va_end(ap);
}

/* Sets *record to that of the next line, which stays. */
static bool
log_peek(const struct log *log, struct log_record *record)
{
	const size_t at = atomic_load_explicit(&log->read,
	    memory_order_relaxed);

	if (at == atomic_load_explicit(&log->written, memory_order_acquire))
		return (false);
	(void)ring_get(log, at, record, sizeof(*record));
	return (true);
}

bool
log_take(struct log *log, struct log_record *record, char *text)
{
	size_t at;

	if (!log_peek(log, record))
		return (false);
	at = atomic_load_explicit(&log->read, memory_order_relaxed) +
	    sizeof(*record);
	at = ring_get(log, at, text, record->length);
	text[record->length] = '\0';
	atomic_store_explicit(&log->read, at, memory_order_release);
	return (true);
}

/*
 * First says that it sleeps, then looks once more: a producer that wrote in
 * between either sees the flag and wakes it, or is seen here.
 */
bool
log_may_sleep(struct log *log)
{
	atomic_store(&log->consumer_sleeps, true);
	if (atomic_load(&log->written) ==
	    atomic_load_explicit(&log->read, memory_order_relaxed))
		return (true);
	atomic_store(&log->consumer_sleeps, false);
	return (false);
}

/*
 * A log that was empty may have got a line that is older than what was found
 * since: so this looks on until it went round without finding one.
 */
struct log *
log_oldest(struct log *const *logs, size_t count)
{
	struct log *oldest = NULL, *log;
	struct log_record record;
	int64_t oldest_ns = INT64_MAX;
	size_t i, looks;

	for (i = looks = 0; looks < count; looks++) {
		log = logs[i++ % count];
		if (log != oldest && log_peek(log, &record) &&
		    (oldest == NULL || record.time_ns < oldest_ns)) {
			oldest = log;
			oldest_ns = record.time_ns;
			looks = 0;
		}
	}
	return (oldest);
}
