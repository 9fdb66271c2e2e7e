/* SPDX-License-Identifier: ISC */

/*
 * sandbox-seccomp.c - which system calls a thread may make; seccomp(2), with
 * filters made by libseccomp.
 *
 * A filter for each role is compiled once, at the start; a thread only hands
 * it to the kernel.  What is refused fails with EPERM, so that a call which
 * the C library makes in the hope that it works does no harm.  Only what our
 * threads never do and an intruder does first, starting a program or reading
 * other processes, ends the process: by then foreign code runs in it, and
 * cutting connections is better than giving them away.
 *
 * The calls of the data path have no condition on their arguments: the kernel
 * keeps a bitmap of those, and lets them pass without running the filter.
 */

#include "config.h"

#include "control/sandbox-parts.h"

#ifdef __linux__

#include <errno.h>

#ifndef HAVE_SECCOMP

int
seccomp_begin(void)
{
	errno = ENOSYS;
	return (-1);
}

int
seccomp_confine(enum sandbox_role role)
{
	(void)role;
	errno = ENOSYS;
	return (-1);
}

#else

#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <seccomp.h>
#include <stdint.h>
#include <unistd.h>

#include "base/socket.h"
#include "control/sandbox-calls.h"

/* Without it old kernels slow every thread with a filter down. */
#ifndef SECCOMP_FILTER_FLAG_SPEC_ALLOW
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW	(1ul << 2)
#endif

#define INSNS_MAX	2048	/* ours have some hundred; a pipe has room */

static struct program {
	struct sock_filter insns[INSNS_MAX];
	unsigned short count;	/* 0: there is none */
} programs[SANDBOX_ROLES];

/* The kernel takes it from a pipe into memory, as libseccomp only writes. */
static int
compile(scmp_filter_ctx filter, struct program *program)
{
	ssize_t n = -1;
	int fds[2];

	if (pipe(fds) == -1)
		return (-1);
	if (seccomp_export_bpf(filter, fds[1]) == 0)
		n = read(fds[0], program->insns, sizeof(program->insns));
	socket_close(fds[0]);
	socket_close(fds[1]);
	if (n <= 0 || n == (ssize_t)sizeof(program->insns)) {
		errno = E2BIG;
		return (-1);
	}
	program->count = (unsigned short)((size_t)n /
	    sizeof(program->insns[0]));
	return (0);
}

static int
make_filter(enum sandbox_role role)
{
	const bool is_list = role == SANDBOX_WORKER || role == SANDBOX_MAIN;
	scmp_filter_ctx filter;
	int result = -1;

	filter = seccomp_init(is_list ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_ALLOW);
	if (filter == NULL)
		return (-1);
	(void)seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS);
	/* a tree of comparisons, where the library knows how */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if ((is_list ? calls_allow(filter, role) :
	    calls_refuse(filter, role)) == 0)
		result = compile(filter, &programs[role]);
	seccomp_release(filter);
	return (result);
}

int
seccomp_begin(void)
{
	int role;

	/* also what an emulator without it says */
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == -1)
		return (-1);
	for (role = 0; role < SANDBOX_ROLES; role++) {
		if (make_filter((enum sandbox_role)role) == -1)
			return (-1);
	}
	return (0);
}

int
seccomp_confine(enum sandbox_role role)
{
	const struct sock_fprog fprog = { .len = programs[role].count,
	    .filter = programs[role].insns };

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_SPEC_ALLOW, &fprog) == 0)
		return (0);
	return (errno != EINVAL ? -1 : (int)syscall(SYS_seccomp,
	    SECCOMP_SET_MODE_FILTER, 0, &fprog));
}

#endif
#endif
