/* SPDX-License-Identifier: ISC */

/* failure.c - errors that end the program. */

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "control/failure.h"

enum exit_status
failure(enum exit_status status, const char *format, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	(void)fprintf(stderr, "muxproxy: %s\n", text_line(line));
	return (status);
}
