/* SPDX-License-Identifier: ISC */

/* shim.h - what the files of the shim share: the plan, and how a call is made to fail. */

#ifndef SHIM_H
#define SHIM_H

#include <sys/types.h>

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#define SHORT	100000	/* no error: one byte only */

#define KINDS(x) \
	x(socket) x(socketpair) x(bind) x(listen) x(accept4) x(connect) \
	x(recv) x(recv_local) x(recv_service) x(send) x(send_local) \
	x(send_service) x(send_notify) x(sendto) x(shutdown) x(shutdown_local) x(close) \
	x(setsockopt) x(getsockopt) x(getsockname) x(getpeername) x(ioctl) x(fcntl) x(dupfd) \
	x(epoll_create1) x(epoll_ctl) x(epoll_wait) x(poll) x(select) \
	x(pipe) x(pipe2) x(splice_in) x(splice_out) \
	x(read) x(read_blocking) x(read_file) x(read_stream) x(write) x(write_pipe) x(pread) \
	x(pwrite) x(open) x(stat) x(lstat) x(fstat) x(ftruncate) x(fchown) \
	x(flock) x(glob) x(open_memstream) x(realpath) x(getcwd) \
	x(unlink) x(chdir) \
	x(malloc) x(calloc) x(realloc) x(pthread_create) \
	x(getaddrinfo) x(getaddrinfo_numeric) \
	x(fork) x(waitpid) x(execve) x(dup2) x(getpwnam) x(getgrnam) x(initgroups) x(setgid) \
	x(setuid) x(getgrouplist) x(getgroups) x(getresuid) x(getresgid) \
	x(setrlimit) x(nanosleep) x(prctl) x(capget) x(capset) \
	x(landlock_create_ruleset) x(landlock_add_rule) x(landlock_restrict) \
	x(seccomp) x(seccomp_init) x(seccomp_export_bpf) \
	x(fy_diag_create) x(fy_parser_create) x(fy_parser_set_string) \
	x(fy_token_iter_create)

#define KIND(name) KIND_##name,
enum kind { KINDS(KIND) KIND_COUNT };

/* Counts a call; returns how it is to fail, or 0. */
int shim_fault(enum kind kind);

/* Count a call that moved something, a wait of the loop, and blocks. */
void shim_move(bool moved);
void shim_turn(void);
void shim_block(int change);
void shim_child(pid_t child);
bool shim_knows_names(void);

/* Begins and ends what a library does, in which nothing fails: a look-up. */
void shim_in_names(int change);

/* Whether that is code of a library that crashes for want of memory. */
bool shim_is_library(const void *code);

/* What the system has under that name, into a pointer to a function. */
void shim_next(void *function, const char *name);

/* A call that returns -1 and sets errno. */
#define CALL(name, parameters, arguments) \
__extension__ int \
name parameters \
{ \
	static int (*system_call) parameters; \
	const int error = shim_fault(KIND_##name); \
\
	if (error != 0) { \
		errno = error; \
		return (-1); \
	} \
	if (system_call == NULL) \
		shim_next(&system_call, #name); \
	return (system_call arguments); \
}

/* One that returns NULL. */
#define POINTER(type, name, parameters, arguments) \
__extension__ type * \
name parameters \
{ \
	static type *(*system_call) parameters; \
	const int error = shim_fault(KIND_##name); \
\
	if (error != 0) { \
		errno = error; \
		return (NULL); \
	} \
	if (system_call == NULL) \
		shim_next(&system_call, #name); \
	return (system_call arguments); \
}

/* The same for one that moves bytes. */
#define MOVE(kind, name, parameters, arguments) \
__extension__ ssize_t \
name parameters \
{ \
	static ssize_t (*system_call) parameters; \
	const int error = shim_fault(kind); \
	ssize_t n; \
\
	if (error == SHORT && size > 1) \
		size = 1; \
	else if (error != 0 && error != SHORT) { \
		errno = error; \
		return (-1); \
	} \
	if (system_call == NULL) \
		shim_next(&system_call, #name); \
	n = system_call arguments; \
	shim_move(n >= 0); \
	return (n); \
}

/* A call that waits for the loop. */
#define WAIT(kind, name, parameters, arguments) \
int \
name parameters \
{ \
	static int (*system_call) parameters; \
	const int error = shim_fault(kind); \
\
	shim_turn(); \
	if (error != 0) { \
		errno = error; \
		return (-1); \
	} \
	if (system_call == NULL) \
		shim_next(&system_call, #name); \
	return (system_call arguments); \
}

#endif
