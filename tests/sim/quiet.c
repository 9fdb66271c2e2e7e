/* SPDX-License-Identifier: ISC */

/* quiet.c - for programs on the simulated kernel that have no trace to show. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "socks.h"

bool tracing;

void
trace(const char *format, ...)
{
	(void)format;
}

void
violated(const char *rule, const char *format, ...)
{
	va_list ap;

	(void)printf("violated: %s: ", rule);
	va_start(ap, format);
	(void)vprintf(format, ap);
	va_end(ap);
	(void)putchar('\n');
	exit(EXIT_FAILURE);
}
