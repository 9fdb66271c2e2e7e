/* SPDX-License-Identifier: ISC */

/* shim-process.c - other processes, who this one is, and what confines it. */

#define _GNU_SOURCE
#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <unistd.h>

#include "shim.h"

/* Other processes */
pid_t
fork(void)
{
	static pid_t (*system_call)(void);
	const int error = shim_fault(KIND_fork);
	pid_t child;

	if (error != 0) {
		errno = error;
		return (-1);
	}
	if (system_call == NULL)
		shim_next(&system_call, "fork");
	child = system_call();
	if (child > 0)
		shim_child(child);
	return (child);
}

CALL(waitpid, (pid_t child, int *status, int options),
    (child, status, options))
CALL(execve, (const char *path, char *const *arguments,
    char *const *environment), (path, arguments, environment))

/* Who the process is */
CALL(setgid, (gid_t group), (group))
CALL(setuid, (uid_t user), (user))
CALL(getgroups, (int size, gid_t *groups), (size, groups))
CALL(getresuid, (uid_t *real, uid_t *effective, uid_t *saved),
    (real, effective, saved))
CALL(getresgid, (gid_t *real, gid_t *effective, gid_t *saved),
    (real, effective, saved))
CALL(setrlimit, (__rlimit_resource_t resource, const struct rlimit *limit),
    (resource, limit))

/* Calls that look a name up */
#define LOOK_UP(type, failure, name, parameters, arguments) \
type \
name parameters \
{ \
	static type (*system_call) parameters; \
	const int error = shim_fault(KIND_##name); \
	type result; \
\
	if (error != 0) { \
		errno = error; \
		return (failure); \
	} \
	if (system_call == NULL) \
		shim_next(&system_call, #name); \
	shim_in_names(1); \
	result = system_call arguments; \
	shim_in_names(-1); \
	return (result); \
}

LOOK_UP(struct passwd *, NULL, getpwnam, (const char *name), (name))
LOOK_UP(struct group *, NULL, getgrnam, (const char *name), (name))
LOOK_UP(int, -1, initgroups, (const char *user, gid_t group), (user, group))
LOOK_UP(int, -1, getgrouplist, (const char *user, gid_t group, gid_t *groups,
    int *count), (user, group, groups, count))

/* What confines it; all of them take no more than five numbers or pointers. */
__extension__ int
prctl(int option, ...)
{
	static int (*system_call)(int, ...);
	const int error = shim_fault(KIND_prctl);
	unsigned long arguments[4];
	va_list ap;
	int i;

	if (error != 0) {
		errno = error;
		return (-1);
	}
	va_start(ap, option);
	for (i = 0; i < 4; i++)
		arguments[i] = va_arg(ap, unsigned long);
	va_end(ap);
	if (system_call == NULL)
		shim_next(&system_call, "prctl");
	return (system_call(option, arguments[0], arguments[1], arguments[2],
	    arguments[3]));
}

/* Others are the shim's own. */
static enum kind
kind_of_call(long number)
{
	switch (number) {
	case SYS_capget:
		return (KIND_capget);
	case SYS_capset:
		return (KIND_capset);
	case 444:
		return (KIND_landlock_create_ruleset);
	case 445:
		return (KIND_landlock_add_rule);
	case 446:
		return (KIND_landlock_restrict);
	case SYS_seccomp:
		return (KIND_seccomp);
	}
	return (KIND_COUNT);
}

__extension__ long
syscall(long number, ...)
{
	static long (*system_call)(long, ...);
	const int error = shim_fault(kind_of_call(number));
	unsigned long arguments[6];
	va_list ap;
	int i;

	if (error != 0) {
		errno = error;
		return (-1);
	}
	va_start(ap, number);
	for (i = 0; i < 6; i++)
		arguments[i] = va_arg(ap, unsigned long);
	va_end(ap);
	if (system_call == NULL)
		shim_next(&system_call, "syscall");
	return (system_call(number, arguments[0], arguments[1], arguments[2],
	    arguments[3], arguments[4], arguments[5]));
}
