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
#include "config/plan.h"

struct logger;

/*
 * For what comes by so many logs, in the order of time, to be written to the
 * targets of the plan, which need not stay.  Where it names none, lines go to
 * syslog from a daemon, else to standard error.  A file is appended to, and is
 * open when this returns.  NULL with errno, ENOTSUP for JSON in a build without
 * it; then *failed is what could not be logged to.
 */
struct logger *logger_create(const struct log_plan *plan, bool is_daemon,
    size_t logs_count, const char **failed);

/*
 * From another thread, which may wait here for files to be opened: what the
 * plan says holds from now on, its thresholds at once, its targets as soon as
 * what is being written has been.  -1 with errno and *failed, and all stays as
 * it was.  One call at a time.
 */
int logger_configure(struct logger *logger, const struct log_plan *plan,
    const char **failed);

/*
 * Begins writing, on a thread of its own, which has the user and the privileges
 * of who calls this.  -1 with errno.  Lines may come before.
 */
int logger_start(struct logger *logger);

/* One of the logs to give lines to, each from one thread at a time. */
struct log *logger_log(struct logger *logger, size_t number);

/*
 * Makes log files, if there are any, those of another user.  Only root may, and
 * before logger_configure() is called for the first time.
 */
void logger_give(const struct logger *logger, uid_t uid, gid_t gid);

/* Whether there is a file to be opened anew. */
bool logger_has_file(const struct logger *logger);

/*
 * Opens files, and the way to syslog, anew, soon, so that a file can be moved
 * away.  Never waits.
 */
void logger_reopen(struct logger *logger);

/*
 * Writes what there is, for a second at the most, and ends.  A writer that
 * is stuck is left behind, with its memory.
 */
void logger_destroy(struct logger *logger);

/* The same, but leaves the logs to threads that may still write to them. */
void logger_leave(struct logger *logger);

#endif
