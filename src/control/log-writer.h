/* SPDX-License-Identifier: ISC */

/*
 * log-writer.h - lines on their way from the rings of the logs to the sinks.
 *
 * For the logger's thread.
 */

#ifndef CONTROL_LOG_WRITER_H
#define CONTROL_LOG_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "control/log-sink.h"

struct log_writer {
	struct log *const *logs;
	size_t logs_count;
	struct sinks *sinks;
	uint64_t unwritten;	/* lines that sinks lost which are gone */
	uint64_t told;		/* lost lines that have been told of */
	int64_t told_ns;	/* when that was tried last; 0: never */
};

/*
 * Puts lines into the sinks, not all, for there may be no end of them.
 * Whether there may be more.
 */
bool log_writer_take(const struct log_writer *writer);
void log_writer_flush(const struct log_writer *writer);

/*
 * Tells how many lines were lost, not more often than once a second but for the
 * end, when there is no other time; and whether there is still a number to tell.
 */
void log_writer_tell_lost(struct log_writer *writer, bool is_end);
bool log_writer_has_untold(const struct log_writer *writer);

/* A file stays in use when it cannot be opened anew, and gets the reason. */
void log_writer_reopen(const struct log_writer *writer);

/* Closes its sinks, and has these from now on. */
void log_writer_use(struct log_writer *writer, struct sinks *sinks);

#endif
