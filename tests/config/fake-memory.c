/* SPDX-License-Identifier: ISC */

/*
 * fake-memory.c - preloaded into muxproxy: so many bytes of memory as FAKE_MEMORY
 * says, for us and all libraries, once the first configuration file was read and
 * is to be parsed.
 */

#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_limited;
static long left_bytes;		/* what is freed comes back */

/* What the system has under that name; ISO C has no cast for it. */
static void
next_symbol(void *function, const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	memcpy(function, &symbol, sizeof(symbol));
}

static bool
is_refused(size_t bytes)
{
	if (!is_limited || left_bytes >= (long)bytes)
		return (false);
	errno = ENOMEM;
	return (true);
}

static void *
taken(void *memory)
{
	left_bytes -= (long)malloc_usable_size(memory);
	return (memory);
}

/* The first file that is closed is that one. */
int
close(int fd)
{
	int (*system_close)(int);
	const char *bytes = getenv("FAKE_MEMORY");

	next_symbol(&system_close, "close");
	if (bytes != NULL && !is_limited && fd > STDERR_FILENO) {
		is_limited = true;
		left_bytes = atol(bytes);
	}
	return (system_close(fd));
}

void *
malloc(size_t size)
{
	void *(*system_malloc)(size_t);

	if (is_refused(size))
		return (NULL);
	next_symbol(&system_malloc, "malloc");
	return (taken(system_malloc(size)));
}

void *
calloc(size_t count, size_t size)
{
	void *(*system_calloc)(size_t, size_t);

	if (is_refused(count * size))
		return (NULL);
	next_symbol(&system_calloc, "calloc");
	return (taken(system_calloc(count, size)));
}

void *
realloc(void *old, size_t size)
{
	void *(*system_realloc)(void *, size_t);
	const long had = (long)malloc_usable_size(old);

	if (is_refused(size))
		return (NULL);
	next_symbol(&system_realloc, "realloc");
	left_bytes += had;
	return (taken(system_realloc(old, size)));
}

void
free(void *memory)
{
	void (*system_free)(void *);

	left_bytes += (long)malloc_usable_size(memory);
	next_symbol(&system_free, "free");
	system_free(memory);
}
