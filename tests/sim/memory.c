/* SPDX-License-Identifier: ISC */

/* memory.c - allocations of the relay: some fail, and all come back. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "socks.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
char *__real_strdup(const char *text);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
char *__wrap_strdup(const char *text);
void __wrap_free(void *block);

static long blocks;

long
memory_blocks(void)
{
	return (blocks);
}

void *
memory_take(size_t size)
{
	void *block = __real_calloc(1, size);

	if (block == NULL)
		abort();
	return (block);
}

void
memory_give(void *block)
{
	__real_free(block);
}

static void *
counted(void *block)
{
	if (block != NULL)
		blocks++;
	return (block);
}

static bool
is_out(void)
{
	if (!fault(FAULT_ENOMEM))
		return (false);
	errno = ENOMEM;
	return (true);
}

void *
__wrap_malloc(size_t size)
{
	return (counted(is_out() ? NULL : __real_malloc(size)));
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return (counted(is_out() ? NULL : __real_calloc(count, size)));
}

void *
__wrap_realloc(void *block, size_t size)
{
	if (is_out())
		return (NULL);
	return (block == NULL ? counted(__real_realloc(block, size)) :
	    __real_realloc(block, size));
}

char *
__wrap_strdup(const char *text)
{
	return (counted(is_out() ? NULL : __real_strdup(text)));
}

void
__wrap_free(void *block)
{
	if (block != NULL)
		blocks--;
	__real_free(block);
}
