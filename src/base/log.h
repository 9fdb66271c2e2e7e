/* SPDX-License-Identifier: ISC */

/*
 * log.h - log lines on their way from a loop to the thread that writes them.
 *
 * A ring of bytes with one producer and one consumer, without locks, so
 * that neither a full disk nor a stuck terminal can hold up a loop.  A line
 * that does not fit is dropped and counted.
 */

#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_RING_BYTES	(256 * 1024)	/* a power of two */
#define LOG_TEXT_MAX	1023		/* bytes of one line's text */

enum log_severity {
	SEVERITY_DEBUG,
	SEVERITY_INFO,
	SEVERITY_WARNING,
	SEVERITY_ERROR
};

/* Lines of the program, and those of the sessions that it carries. */
enum log_kind { KIND_EVENT, KIND_SESSION, KIND_COUNT };

/* What stands before each text in the ring. */
struct log_record {
	int64_t time_ns;	/* since 1970, UTC */
	uint16_t length;
	uint8_t severity;
	uint8_t kind;
};

/* Which lines are made. */
struct log_wishes {
	enum log_severity threshold;	/* none below it */
	enum log_severity session_threshold;	/* likewise, of sessions */
	bool has_sessions;	/* at the end of each session */
	bool has_starts;	/* and at its start, for all to see */
	uint64_t interval_ms;	/* and so often; 0 or DURATION_OFF: never */
};

struct log {
	atomic_int threshold, session_threshold;	/* the wishes; may change */
	atomic_bool has_sessions, has_starts;
	atomic_uint interval_ms;
	int wake_fd;			/* one byte here wakes the consumer */
	atomic_bool consumer_sleeps;
	atomic_size_t lost;	/* lines dropped so far */
	atomic_size_t written, read;	/* bytes ever; difference is in use */
	unsigned char ring[LOG_RING_BYTES];
};

/*
 * Lines of events and of sessions' ends.  wake_fd is a non-blocking descriptor,
 * or -1.  NULL when out of memory.
 */
struct log *log_create(enum log_severity threshold, int wake_fd);
void log_destroy(struct log *log);

/* From any thread: what is wanted from now on. */
void log_wish(struct log *log, const struct log_wishes *wishes);

/*
 * Producer: formats one line, of an event or of a session, cut at
 * LOG_TEXT_MAX; base/logfmt.h says how it has to look.  Never waits.
 */
void log_line(struct log *log, enum log_severity severity,
    const char *format, ...) __attribute__((format(printf, 3, 4)));
void log_session_line(struct log *log, enum log_severity severity,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Whether a line of this severity would be kept; saves making its words. */
bool log_wants(const struct log *log, enum log_severity severity);
bool log_wants_session(const struct log *log, enum log_severity severity);

/* How lines of a session's start are to be taken, and of one that lives. */
enum log_severity log_start_severity(const struct log *log);
unsigned log_interval_ms(const struct log *log);	/* 0: never */

/*
 * Consumer: takes the next line into text, terminated, which has room for
 * LOG_TEXT_MAX + 1 bytes.  False when there is none.
 */
bool log_take(struct log *log, struct log_record *record, char *text);

/*
 * Consumer of several: the one whose next line is the oldest, or NULL.  What
 * one thread wrote because of another's line comes after that.
 */
struct log *log_oldest(struct log *const *logs, size_t count);

/* Consumer: whether it may sleep until wake_fd is written to. */
bool log_may_sleep(struct log *log);

#endif
