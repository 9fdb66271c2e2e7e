/* SPDX-License-Identifier: ISC */

/*
 * refuse.h - calls of the system that fail when a test wants them to.
 *
 * The linker leads them through here.  Everything is as it is until a test
 * asks for something else, and refuse_end() puts it back.
 */

#ifndef REFUSE_H
#define REFUSE_H

#include <stdbool.h>
#include <stddef.h>

#define REFUSE_CALLS(x) \
	x(accept4) x(bind) x(calloc) x(connect) x(epoll_create1) x(epoll_ctl) \
	x(epoll_wait) x(fcntl) x(flock) x(fork) x(fstat) x(ftruncate) \
	x(getaddrinfo) x(getegid) x(geteuid) \
	x(getgroups) x(getpeername) x(getresgid) x(getresuid) x(getrlimit) \
	x(getsockname) x(getsockopt) \
	x(initgroups) x(ioctl) x(listen) x(lstat) x(malloc) x(open) x(pipe) \
	x(pread) x(pthread_create) x(pwrite) x(read) \
	x(realloc) x(recv) x(send) x(seteuid) x(setgid) x(setrlimit) \
	x(setsockopt) x(setuid) x(sigaction) x(socket) x(socketpair) x(stat) x(strdup) \
	x(unlink) x(waitpid) x(write)

#define REFUSE_CALL(name) CALL_##name,
enum call { REFUSE_CALLS(REFUSE_CALL) CALL_COUNT };

const char *call_name(enum call call);

/*
 * The n-th call of it from here, counted from 1, fails with this error, an
 * errno or what else the call returns; with n 0, all of them.
 */
void refuse(enum call call, unsigned n, int error);

/* Calls of it are not made and return this, or tell of this one id. */
void pretend(enum call call, int result);

/* All is as it was.  Returns how many calls were refused since. */
unsigned refuse_end(void);

/*
 * Has attempt() meet each single failure: for each of the calls, its first
 * call fails, then its second, until one run meets no failure any more.
 * After each the descriptors must be those from before.
 */
struct refusal {
	enum call call;
	int error;
};
void refuse_each(const char *what, const struct refusal *refusals,
    size_t count, void (*attempt)(void));

/* What is written to standard error until caught(), which returns it. */
void catch_stderr(void);
const char *caught(void);

/* Ends a copy of the process, and keeps what it has counted. */
void leave(int status) __attribute__((noreturn));

#endif
