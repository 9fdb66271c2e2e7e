/* SPDX-License-Identifier: ISC */

/*
 * shim-libraries.c - libraries that crash, or do something else than they
 * should, when memory fails inside them: libfyaml 0.7 and libseccomp 2.5.
 *
 * In there nothing fails; what is called of them does, but for adding a rule and
 * for parsing.
 */

#define _GNU_SOURCE
#include <sys/types.h>

#include <link.h>
#include <stddef.h>
#include <string.h>

#include "shim.h"

#define LIBRARIES_MAX	4

static struct {
	uintptr_t begin, end;
} libraries[LIBRARIES_MAX];
static unsigned libraries_count;

static int
note_library(struct dl_phdr_info *info, size_t size, void *arg)
{
	uintptr_t end = 0, segment_end;
	size_t i;

	(void)size;
	(void)arg;
	if (libraries_count == LIBRARIES_MAX ||
	    (strstr(info->dlpi_name, "/libfyaml.") == NULL &&
	    strstr(info->dlpi_name, "/libseccomp.") == NULL))
		return (0);
	for (i = 0; i < info->dlpi_phnum; i++) {
		segment_end = info->dlpi_phdr[i].p_vaddr +
		    info->dlpi_phdr[i].p_memsz;
		if (info->dlpi_phdr[i].p_type == PT_LOAD && segment_end > end)
			end = segment_end;
	}
	libraries[libraries_count].begin = info->dlpi_addr;
	libraries[libraries_count].end = info->dlpi_addr + end;
	libraries_count++;
	return (0);
}

/* Before there is a plan, and so before anything fails. */
__attribute__((constructor(101))) static void
find_libraries(void)
{
	(void)dl_iterate_phdr(note_library, NULL);
}

bool
shim_is_library(const void *code)
{
	const uintptr_t at = (uintptr_t)code;
	unsigned i;

	for (i = 0; i < libraries_count; i++) {
		if (at >= libraries[i].begin && at < libraries[i].end)
			return (true);
	}
	return (false);
}

/* Their headers may not be there: types of their own are passed on as they come. */
void *seccomp_init(uint32_t);
int seccomp_export_bpf(const void *, int);
void *fy_diag_create(const void *);
void *fy_parser_create(const void *);
int fy_parser_set_string(void *, const char *, size_t);
void *fy_parser_parse(void *);
void *fy_token_iter_create(void *);

POINTER(void, seccomp_init, (uint32_t action), (action))
POINTER(void, fy_diag_create, (const void *plan), (plan))
POINTER(void, fy_parser_create, (const void *plan), (plan))
POINTER(void, fy_token_iter_create, (void *token), (token))

/* What the C library allocates for them counts as theirs. */
int
fy_parser_set_string(void *parser, const char *text, size_t length)
{
	static int (*system_call)(void *, const char *, size_t);
	int result;

	if (shim_fault(KIND_fy_parser_set_string) != 0)
		return (-1);
	if (system_call == NULL)
		shim_next(&system_call, "fy_parser_set_string");
	shim_in_names(1);
	result = system_call(parser, text, length);
	shim_in_names(-1);
	return (result);
}

void *
fy_parser_parse(void *parser)
{
	static void *(*system_call)(void *);
	void *result;

	if (system_call == NULL)
		shim_next(&system_call, "fy_parser_parse");
	shim_in_names(1);
	result = system_call(parser);
	shim_in_names(-1);
	return (result);
}

int
seccomp_export_bpf(const void *filter, int fd)
{
	static int (*system_call)(const void *, int);
	const int error = shim_fault(KIND_seccomp_export_bpf);

	if (error != 0)
		return (-error);
	if (system_call == NULL)
		shim_next(&system_call, "seccomp_export_bpf");
	return (system_call(filter, fd));
}
