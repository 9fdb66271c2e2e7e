/* SPDX-License-Identifier: ISC */

/* tap.c - the Test Anything Protocol. */

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

#define LIMIT_S		60	/* for one subject, unless told another */

static const char *subject = "";
static unsigned count, failures;

/* A test that waits for ever is told apart from one that crashed. */
static void
hung(int signo)
{
	static const char text[] = "\nBail out! still waiting\n";

	(void)signo;
	(void)!write(STDOUT_FILENO, text, sizeof(text) - 1);
	_exit(1);
}

void
tap_begin(const char *name)
{
	const char *limit = getenv("MUX_TEST_TIMEOUT");

	subject = name;
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)signal(SIGALRM, hung);
	(void)alarm(limit == NULL ? LIMIT_S : (unsigned)atoi(limit));
}

int
tap_done(void)
{
	(void)alarm(0);
	(void)printf("1..%u\n", count);
	return (failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

static bool result(bool passed, const char *why_skipped, const char *name,
    va_list args) __attribute__((format(printf, 3, 0)));

static bool
result(bool passed, const char *why_skipped, const char *name, va_list args)
{
	count++;
	if (!passed)
		failures++;
	(void)printf("%sok %u - %s: ", passed ? "" : "not ", count, subject);
	(void)vprintf(name, args);
	if (why_skipped != NULL)
		(void)printf(" # SKIP %s", why_skipped);
	(void)putchar('\n');
	return (passed);
}

bool
ok(bool passed, const char *name, ...)
{
	va_list args;

	va_start(args, name);
	result(passed, NULL, name, args);
	va_end(args);
	return (passed);
}

bool
is(long long got, long long want, const char *name, ...)
{
	va_list args;

	va_start(args, name);
	result(got == want, NULL, name, args);
	va_end(args);
	if (got != want)
		diag("got %lld, wanted %lld", got, want);
	return (got == want);
}

bool
fails(bool failed, int want, const char *name, ...)
{
	const int got = errno;
	va_list args;

	va_start(args, name);
	result(failed && got == want, NULL, name, args);
	va_end(args);
	if (!failed)
		diag("did not fail; wanted: %s", strerror(want));
	else if (got != want)
		diag("got: %s; wanted: %s", strerror(got), strerror(want));
	return (failed && got == want);
}

void
skip(const char *why, const char *name, ...)
{
	va_list args;

	va_start(args, name);
	result(true, why, name, args);
	va_end(args);
}

void
diag(const char *text, ...)
{
	va_list args;

	(void)printf("# ");
	va_start(args, text);
	(void)vprintf(text, args);
	va_end(args);
	(void)putchar('\n');
}

void
bail_out(const char *what)
{
	(void)printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}
