/* SPDX-License-Identifier: ISC */

/* failure.c - errors that end the program, or a reload. */

#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"
#include "base/logfmt.h"
#include "base/text.h"
#include "control/failure.h"

static _Thread_local struct log *failure_log;

void
failure_set_log(struct log *log)
{
	failure_log = log;
}

struct log *
failure_get_log(void)
{
	return (failure_log);
}

enum exit_status
failure(enum exit_status status, const char *format, ...)
{
	char line[1024], value[LOG_TEXT_MAX];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	if (failure_log != NULL) {
		log_line(failure_log, SEVERITY_ERROR, "failure error=%s",
		    logfmt_text(value, sizeof(value), line));
		return (status);
	}
	(void)fprintf(stderr, "muxproxy: %s\n", text_line(line));
	return (status);
}
