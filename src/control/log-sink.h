/* SPDX-License-Identifier: ISC */

/*
 * log-sink.h - where lines of the log go: standard error, a file, syslog or
 * the journal.
 *
 * Opened by any thread, then used by the logger's alone, which may wait here
 * for ever.  What cannot be written is dropped and counted.
 */

#ifndef CONTROL_LOG_SINK_H
#define CONTROL_LOG_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "config/plan.h"
#include "control/log-form.h"

enum sink_kind { SINK_STDERR, SINK_FILE, SINK_SYSLOG, SINK_JOURNAL };

struct sink {
	enum sink_kind kind;
	char *path;		/* of a file, as it was named */
	int fd;			/* -1: syslog */
	bool has_prefixes;	/* standard error is the journal */
	bool has_begun;		/* the first line was put */
	bool is_torn;		/* the last line that was written is a part */
	uint64_t unwritten;	/* lines that were lost here */
	size_t used;
	char batch[4 * FORM_MAX];
};

/* "stderr", "syslog", "journald" or the path of a file; NULL with errno. */
struct sink *sink_open(const char *target);
void sink_close(struct sink *sink);

/* Takes a line, and writes when there is much; flush writes all. */
void sink_put(struct sink *sink, enum log_format format,
    const struct log_record *record, const char *text);
void sink_flush(struct sink *sink);

/*
 * Opens a file anew, or the way to syslog.  -1 with errno when that cannot be:
 * the old one stays in use.
 */
int sink_reopen(struct sink *sink);

/* Where both kinds of lines go: one sink, where both name the same target. */
struct sinks {
	struct sink *of[KIND_COUNT];
	enum log_format formats[KIND_COUNT];
};

/*
 * What the plan says, or `usual' where it says nothing.  The plan need not
 * stay.  NULL with errno, ENOTSUP for JSON in a build without it; then
 * *failed is the target, which is the plan's or usual.
 */
struct sinks *sinks_open(const struct log_plan *plan, const char *usual,
    const char **failed);
void sinks_close(struct sinks *sinks);	/* NULL is allowed */

/* Each sink once: NULL for sessions' lines that go where events go. */
struct sink *sinks_each(const struct sinks *sinks, unsigned number);

#endif
