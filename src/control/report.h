/* SPDX-License-Identifier: ISC */

/* report.h - what the log says of the program's start and its end. */

#ifndef CONTROL_REPORT_H
#define CONTROL_REPORT_H

#include "control/operation.h"

/* With a line for each route, when there are several. */
void report_start(const struct operation *operation, size_t workers);

/* What is in service now, and which routes have come, changed and gone. */
void report_reload(const struct operation *operation,
    const struct deployment *before);

/* The totals; error, an errno, is why the loop failed, or 0. */
void report_stop(const struct operation *operation,
    const struct counters *counters, int error, uint64_t uptime_ms);

/* For people who ask the service manager; arg is the operation. */
void report_status(void *arg, char *out, size_t size);

#endif
