/* SPDX-License-Identifier: ISC */

/* sandbox-none.c - where a system has nothing to confine by that we know. */

#include "control/sandbox-parts.h"

#if !defined(__linux__) && !defined(__OpenBSD__) && !defined(__FreeBSD__)

const char sandbox_system_facts[] = "none on this system";
bool sandbox_system_hides;

enum exit_status
sandbox_system_begin(const struct plan *plan, const char *program)
{
	(void)plan;
	(void)program;
	return (STATUS_OK);
}

const char *
sandbox_system_confine(enum sandbox_role role)
{
	(void)role;
	return (NULL);
}

#endif

#if !defined(__OpenBSD__) && !defined(__FreeBSD__)

void
sandbox_limit_fd(int fd, enum sandbox_use use)
{
	(void)fd;
	(void)use;
}

#endif
