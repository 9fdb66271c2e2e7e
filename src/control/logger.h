/* SPDX-License-Identifier: ISC */

/*
 * logger.h - the thread that writes log lines, so that a full disk, a stuck
 * terminal or a slow syslog is waited for by nobody else.
 */

#ifndef CONTROL_LOGGER_H
#define CONTROL_LOGGER_H

#include <sys/types.h>

#include <stdbool.h>

#include "base/log.h"

struct logger;

/*
 * Begins writing what comes by so many logs, in the order of time, to
 * `target': "stderr", "syslog" or the path of a file, which is appended to and
 * is open when this returns.  NULL with errno.
 */
struct logger *logger_create(const char *target, enum log_severity threshold,
    size_t logs_count);

/* One of the logs to give lines to, each from one thread at a time. */
struct log *logger_log(struct logger *logger, size_t number);

/* Makes a log file, if there is one, that of another user.  Only root may. */
void logger_give(const struct logger *logger, uid_t uid, gid_t gid);

/* Whether there is a file to be opened anew. */
bool logger_has_file(const struct logger *logger);

/* Opens the file anew, soon, so that it can be moved away.  Never waits. */
void logger_reopen(struct logger *logger);

/*
 * Writes what there is, for a second at the most, and ends.  A writer that
 * is stuck is left behind, with its memory.
 */
void logger_destroy(struct logger *logger);

/* The same, but leaves the logs to threads that may still write to them. */
void logger_leave(struct logger *logger);

#endif
