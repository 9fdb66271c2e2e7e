/* SPDX-License-Identifier: ISC */

/*
 * sandbox-freebsd.c - rights of descriptors, and control of the process, of
 * FreeBSD: cap_rights_limit(2), procctl(2).
 *
 * Capability mode would be stricter, but knows no connect(2) to an address,
 * and that is what a relay is for.
 */

#include "control/sandbox-parts.h"

#ifdef __FreeBSD__

#include <sys/param.h>
#include <sys/capsicum.h>
#include <sys/procctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <unistd.h>

#include "base/text.h"

const char sandbox_system_facts[] =
    "no-new-privs, no tracing, rights of descriptors";
bool sandbox_system_hides;

static bool has_begun;

enum exit_status
sandbox_system_begin(const struct plan *plan, const char *program)
{
	int trace = PROC_TRACE_CTL_DISABLE;

	(void)plan;
	(void)program;
	has_begun = true;
	sandbox_note(procctl(P_PID, getpid(), PROC_TRACE_CTL, &trace) == 0 ?
	    "no-trace" : "!no-trace");
#ifdef PROC_NO_NEW_PRIVS_CTL
	{
		int forgo = PROC_NO_NEW_PRIVS_ENABLE;

		sandbox_note(procctl(P_PID, getpid(), PROC_NO_NEW_PRIVS_CTL,
		    &forgo) == 0 ? "no-new-privs" : "!no-new-privs");
	}
#endif
	sandbox_note("capsicum-rights");
	return (STATUS_OK);
}

const char *
sandbox_system_confine(enum sandbox_role role)
{
	(void)role;
	return (NULL);
}

/* What is accepted has the rights of the socket that it came by. */
void
sandbox_limit_fd(int fd, enum sandbox_use use)
{
	cap_rights_t rights;

	if (!has_begun || fd == -1)
		return;
	switch (use) {
	case SANDBOX_LISTENER:
		(void)cap_rights_init(&rights, CAP_ACCEPT, CAP_EVENT,
		    CAP_FCNTL, CAP_FSTAT, CAP_GETPEERNAME, CAP_GETSOCKNAME,
		    CAP_GETSOCKOPT, CAP_IOCTL, CAP_LISTEN, CAP_READ,
		    CAP_SETSOCKOPT, CAP_SHUTDOWN, CAP_WRITE);
		break;
	case SANDBOX_LOG:
		(void)cap_rights_init(&rights, CAP_EVENT, CAP_FCHOWN,
		    CAP_FCNTL, CAP_FSTAT, CAP_SEEK, CAP_WRITE);
		break;
	case SANDBOX_PIDFILE:
		(void)cap_rights_init(&rights, CAP_FCNTL, CAP_FLOCK, CAP_FSTAT,
		    CAP_FTRUNCATE, CAP_PREAD, CAP_PWRITE);
		break;
	}
	(void)cap_rights_limit(fd, &rights);
}

#endif
