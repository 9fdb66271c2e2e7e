/* SPDX-License-Identifier: ISC */

/* shim-calls.c - descriptors, files, memory, threads, names. */

#define _GNU_SOURCE
#include <sys/types.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <glob.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shim.h"

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void __libc_free(void *);

/* Descriptors */
CALL(pipe, (int fds[2]), (fds))
CALL(pipe2, (int fds[2], int flags), (fds, flags))
CALL(dup2, (int fd, int wanted), (fd, wanted))
CALL(epoll_create1, (int flags), (flags))
WAIT(KIND_epoll_wait, epoll_wait, (int fd, struct epoll_event *events, int max,
    int wait_ms), (fd, events, max, wait_ms))
WAIT(count > 1 ? KIND_poll : KIND_COUNT, poll, (struct pollfd *entries,
    nfds_t count, int wait_ms), (entries, count, wait_ms))
WAIT(KIND_select, select, (int end, fd_set *reads, fd_set *writes,
    fd_set *errors, struct timeval *wait), (end, reads, writes, errors, wait))

/* Only adding takes memory of the kernel: the others are no faults to plan. */
int
epoll_ctl(int fd, int operation, int watched, struct epoll_event *event)
{
	static int (*system_call)(int, int, int, struct epoll_event *);
	const int error = operation == EPOLL_CTL_ADD ? shim_fault(KIND_epoll_ctl) : 0;

	if (error != 0) {
		errno = error;
		return (-1);
	}
	if (system_call == NULL)
		shim_next(&system_call, "epoll_ctl");
	return (system_call(fd, operation, watched, event));
}

/* The third argument, there or not, is passed on as a pointer. */
#define VARIADIC(kind, name, type, number) \
__extension__ int \
name(type first, number second, ...) \
{ \
	static int (*system_call)(type, number, ...); \
	const int error = shim_fault(kind); \
	void *third; \
	va_list ap; \
\
	if (error != 0) { \
		errno = error; \
		return (-1); \
	} \
	if (system_call == NULL) \
		shim_next(&system_call, #name); \
	va_start(ap, second); \
	third = va_arg(ap, void *); \
	va_end(ap); \
	return (system_call(first, second, third)); \
}

VARIADIC(KIND_ioctl, ioctl, int, unsigned long)
/* That F_GETFD fails is an answer. */
VARIADIC(second == F_DUPFD_CLOEXEC ? KIND_dupfd :
    second == F_GETFD ? KIND_COUNT : KIND_fcntl, fcntl, int, int)

/* Files */
/* For the seed of somebody's tables, who has another. */
VARIADIC(strcmp(first, "/dev/urandom") == 0 ? KIND_COUNT : KIND_open,
    open, const char *, int)
CALL(stat, (const char *path, struct stat *st), (path, st))
CALL(lstat, (const char *path, struct stat *st), (path, st))
CALL(fstat, (int fd, struct stat *st), (fd, st))
CALL(ftruncate, (int fd, off_t size), (fd, size))
CALL(flock, (int fd, int operation), (fd, operation))
CALL(fchown, (int fd, uid_t user, gid_t group), (fd, user, group))
CALL(unlink, (const char *path), (path))
CALL(chdir, (const char *path), (path))

CALL(nanosleep, (const struct timespec *time, struct timespec *left),
    (time, left))

/*
 * What it cannot look into it asks about, and gives up when told to.  glibc 2.36
 * frees a name twice when memory fails in there.
 */
int
glob(const char *pattern, int flags, int (*on_error)(const char *, int),
    glob_t *found)
{
	static int (*system_call)(const char *, int,
	    int (*)(const char *, int), glob_t *);
	const int error = shim_fault(KIND_glob);
	int result;

	if (error == SHORT)
		return (GLOB_NOSPACE);
	if (error != 0)
		return (on_error != NULL && on_error(pattern, error) != 0 ?
		    GLOB_ABORTED : GLOB_NOMATCH);
	if (system_call == NULL)
		shim_next(&system_call, "glob");
	shim_in_names(1);
	result = system_call(pattern, flags, on_error, found);
	shim_in_names(-1);
	return (result);
}

POINTER(FILE, open_memstream, (char **text, size_t *size), (text, size))
POINTER(char, realpath, (const char *path, char *real), (path, real))
POINTER(char, getcwd, (char *path, size_t size), (path, size))

/* Memory; the names of glibc, since dlsym() might want some itself. */
static void *
note_block(void *memory, int change)
{
	if (memory != NULL)
		shim_block(change);
	return (memory);
}

/* Not a function, since it asks who has called us. */
#define MEMORY_FAULT(kind) \
	(shim_is_library(__builtin_return_address(0)) ? 0 : shim_fault(kind))

void *
malloc(size_t size)
{
	const int error = MEMORY_FAULT(KIND_malloc);

	if (error == 0)
		return (note_block(__libc_malloc(size), 1));
	errno = error;
	return (NULL);
}

void *
calloc(size_t count, size_t size)
{
	const int error = MEMORY_FAULT(KIND_calloc);

	if (error == 0)
		return (note_block(__libc_calloc(count, size), 1));
	errno = error;
	return (NULL);
}

void *
realloc(void *memory, size_t size)
{
	const int error = MEMORY_FAULT(KIND_realloc);

	if (error == 0)
		return (note_block(__libc_realloc(memory, size),
		    memory == NULL));
	errno = error;
	return (NULL);
}

void
free(void *memory)
{
	__libc_free(note_block(memory, -1));
}

/* Calls that return their error */
int
pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
    void *(*function)(void *), void *arg)
{
	static int (*system_call)(pthread_t *, const pthread_attr_t *,
	    void *(*)(void *), void *);
	const int error = shim_fault(KIND_pthread_create);

	if (error != 0)
		return (error);
	if (system_call == NULL)
		shim_next(&system_call, "pthread_create");
	return (system_call(thread, attributes, function, arg));
}

int
getaddrinfo(const char *name, const char *service,
    const struct addrinfo *hints, struct addrinfo **found)
{
	static int (*system_call)(const char *, const char *,
	    const struct addrinfo *, struct addrinfo **);
	const size_t length = name != NULL ? strlen(name) : 0;
	const bool is_numeric = hints != NULL &&
	    (hints->ai_flags & AI_NUMERICHOST) != 0;
	const int error = shim_fault(is_numeric ? KIND_getaddrinfo_numeric :
	    KIND_getaddrinfo);
	int result;

	if (error != 0)
		return (error);
	if (system_call == NULL)
		shim_next(&system_call, "getaddrinfo");
	if (length > 5 && strcmp(name + length - 5, ".test") == 0) {
		if (!shim_knows_names())
			return (EAI_AGAIN);
		name = "127.0.0.1";
	}
	shim_in_names(is_numeric ? 0 : 1);
	result = system_call(name, service, hints, found);
	shim_in_names(is_numeric ? 0 : -1);
	return (result);
}
