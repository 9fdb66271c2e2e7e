/* SPDX-License-Identifier: ISC */

/*
 * main.c - lives of sessions on the simulated kernel.
 *
 *	sim-BACKEND [--lives N] [--seed S]
 *	sim-BACKEND --replay SEED
 *
 * Without arguments it is a short test that speaks TAP.  A life is that of
 * one session; a seed has up to eight of them.
 */

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mux.h"
#include "socks.h"
#include "world.h"

#define QUICK_LIVES	2000
#define USAGE_STATUS	2

bool tracing;
static bool is_tap = true;
static uint64_t seed = 1;

void
trace(const char *format, ...)
{
	va_list ap;

	if (!tracing)
		return;
	(void)printf("%10.3f ms  ", (double)(kernel.now_ns - kernel.start_ns) / NS_PER_MS);
	va_start(ap, format);
	(void)vprintf(format, ap);
	va_end(ap);
	(void)putchar('\n');
}

void
violated(const char *rule, const char *format, ...)
{
	va_list ap;

	(void)printf("%sseed %" PRIu64 ": %s: ", is_tap ? "not ok 1 - " : "",
	    seed, rule);
	va_start(ap, format);
	(void)vprintf(format, ap);
	va_end(ap);
	(void)putchar('\n');
	(void)fflush(stdout);
	_Exit(EXIT_FAILURE);
}

/* A sanitizer has it, and is the first to know of crashes. */
void __sanitizer_set_death_callback(void (*callback)(void))
    __attribute__((weak));

static void
tell_crash(void)
{
	(void)printf("seed %" PRIu64 ": crash\n", seed);
	(void)fflush(stdout);
}

static void
on_crash(int signo)
{
	(void)signal(signo, SIG_DFL);	/* what the signal does comes next */
	tell_crash();
}

static void
expect_crashes(void)
{
	(void)signal(SIGABRT, on_crash);
	if (__sanitizer_set_death_callback != NULL)
		__sanitizer_set_death_callback(tell_crash);
	else
		(void)signal(SIGSEGV, on_crash);
}

int
main(int argc, char **argv)
{
	unsigned long lives = 0, wanted = QUICK_LIVES;
	uint64_t first;
	int i;

	for (i = 1; i < argc; i++) {
		is_tap = false;
		if (i + 1 == argc)
			return (USAGE_STATUS);
		else if (strcmp(argv[i], "--lives") == 0)
			wanted = strtoul(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--seed") == 0)
			seed = strtoull(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--replay") == 0) {
			seed = strtoull(argv[++i], NULL, 10);
			wanted = 1;
			tracing = true;
		} else
			return (USAGE_STATUS);
	}
	expect_crashes();
	if (is_tap)
		(void)printf("1..1\n");
	first = seed;
	for (; lives < wanted; seed++)
		lives += world_live(seed);
	kernel_reset();
	(void)printf("%s%s: %lu lives from seed %" PRIu64 "\n",
	    is_tap ? "ok 1 - " : "", mux_backend_name(), lives, first);
	return (EXIT_SUCCESS);
}
