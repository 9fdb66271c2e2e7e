/* SPDX-License-Identifier: ISC */

/* refuse.c - calls of the system that fail when a test wants them to. */

#include "config.h"

#include <sys/types.h>
#include <sys/file.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "refuse.h"
#include "tap.h"

#define FDS_SEARCHED	256
#define CALLS_MAX	200	/* more of one kind are an endless loop */
#define MOMENTS	5000

#define NAME(name) #name,
static const char *const names[] = { REFUSE_CALLS(NAME) };

/* Threads of the relay come through here too. */
static struct {
	bool is_refused, is_pretended;
	unsigned at;
	atomic_uint calls;
	int value;
} plans[CALL_COUNT];
static atomic_uint refusals;
static FILE *stderr_file;
static int stderr_fd = -1;

const char *
call_name(enum call call)
{
	return (names[call]);
}

void
refuse(enum call call, unsigned n, int error)
{
	atomic_store(&plans[call].calls, 0);
	plans[call].at = n;
	plans[call].value = error;
	plans[call].is_refused = true;
}

void
pretend(enum call call, int result)
{
	plans[call].value = result;
	plans[call].is_pretended = true;
}

unsigned
refuse_end(void)
{
	size_t i;

	for (i = 0; i < CALL_COUNT; i++)
		plans[i].is_refused = plans[i].is_pretended = false;
	return (atomic_exchange(&refusals, 0));
}

/* The error that this call is to fail with, or 0. */
static int
refusal(enum call call)
{
	unsigned n;

	if (!plans[call].is_refused)
		return (0);
	n = atomic_fetch_add(&plans[call].calls, 1) + 1;
	if (plans[call].at != 0 && plans[call].at != n)
		return (0);
	(void)atomic_fetch_add(&refusals, 1);
	errno = plans[call].value;
	return (plans[call].value);
}

/* One that fails with `failed', and errno. */
#define CALL(type, name, parameters, arguments, failed) \
type __real_##name parameters; \
type __wrap_##name parameters; \
type \
__wrap_##name parameters \
{ \
	return (refusal(CALL_##name) != 0 ? failed : \
	    __real_##name arguments); \
}

/* One that can be pretended too. */
#define FEIGNED(type, name, parameters, arguments) \
type __real_##name parameters; \
type __wrap_##name parameters; \
type \
__wrap_##name parameters \
{ \
	if (plans[CALL_##name].is_pretended) \
		return ((type)plans[CALL_##name].value); \
	return (refusal(CALL_##name) != 0 ? (type)-1 : \
	    __real_##name arguments); \
}

/* One that tells of three ids, all of them the same when it is pretended. */
#define THRICE(name, type) \
int __real_##name(type *, type *, type *); \
int __wrap_##name(type *, type *, type *); \
int \
__wrap_##name(type *id, type *effective, type *saved) \
{ \
	if (!plans[CALL_##name].is_pretended) \
		return (refusal(CALL_##name) != 0 ? -1 : \
		    __real_##name(id, effective, saved)); \
	*id = *effective = *saved = (type)plans[CALL_##name].value; \
	return (0); \
}

/* One that returns its error. */
#define CODED(name, parameters, arguments) \
int __real_##name parameters; \
int __wrap_##name parameters; \
int \
__wrap_##name parameters \
{ \
	const int error = refusal(CALL_##name); \
\
	return (error != 0 ? error : __real_##name arguments); \
}

/* One with an argument more or less, which is passed on as a pointer. */
#define VARIED(name, type, number) \
int __real_##name(type, number, ...); \
int __wrap_##name(type, number, ...); \
int \
__wrap_##name(type first, number second, ...) \
{ \
	void *third; \
	va_list ap; \
\
	va_start(ap, second); \
	third = va_arg(ap, void *); \
	va_end(ap); \
	return (refusal(CALL_##name) != 0 ? -1 : \
	    __real_##name(first, second, third)); \
}

CALL(int, accept4, (int fd, struct sockaddr *sa, socklen_t *length, int flags),
    (fd, sa, length, flags), -1)
CALL(int, bind, (int fd, const struct sockaddr *sa, socklen_t length),
    (fd, sa, length), -1)
CALL(void *, calloc, (size_t count, size_t size), (count, size), NULL)
CALL(int, connect, (int fd, const struct sockaddr *sa, socklen_t length),
    (fd, sa, length), -1)
CALL(int, epoll_create1, (int flags), (flags), -1)
CALL(int, epoll_ctl, (int fd, int operation, int watched,
    struct epoll_event *event), (fd, operation, watched, event), -1)
CALL(int, epoll_wait, (int fd, struct epoll_event *events, int most,
    int timeout_ms), (fd, events, most, timeout_ms), -1)
VARIED(fcntl, int, int)
CALL(int, flock, (int fd, int operation), (fd, operation), -1)
CALL(pid_t, fork, (void), (), -1)
CALL(int, fstat, (int fd, struct stat *st), (fd, st), -1)
CALL(int, ftruncate, (int fd, off_t size), (fd, size), -1)
CODED(getaddrinfo, (const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **found),
    (host, service, hints, found))
FEIGNED(gid_t, getegid, (void), ())
FEIGNED(uid_t, geteuid, (void), ())
FEIGNED(int, getgroups, (int count, gid_t *groups), (count, groups))
CALL(int, getpeername, (int fd, struct sockaddr *sa, socklen_t *length),
    (fd, sa, length), -1)
THRICE(getresgid, gid_t)
THRICE(getresuid, uid_t)
CALL(int, getrlimit, (int which, struct rlimit *limit),
    (which, limit), -1)
CALL(int, getsockname, (int fd, struct sockaddr *sa, socklen_t *length),
    (fd, sa, length), -1)
CALL(int, getsockopt, (int fd, int level, int name, void *value,
    socklen_t *length), (fd, level, name, value, length), -1)
FEIGNED(int, initgroups, (const char *user, gid_t group), (user, group))
VARIED(ioctl, int, unsigned long)
CALL(int, listen, (int fd, int backlog), (fd, backlog), -1)
CALL(int, lstat, (const char *path, struct stat *st), (path, st), -1)
CALL(void *, malloc, (size_t size), (size), NULL)
VARIED(open, const char *, int)
CALL(int, pipe, (int fds[2]), (fds), -1)
CALL(ssize_t, pread, (int fd, void *bytes, size_t size, off_t at),
    (fd, bytes, size, at), -1)
CODED(pthread_create, (pthread_t *thread, const pthread_attr_t *attributes,
    void *(*function)(void *), void *arg),
    (thread, attributes, function, arg))
CALL(ssize_t, pwrite, (int fd, const void *bytes, size_t size, off_t at),
    (fd, bytes, size, at), -1)
CALL(ssize_t, read, (int fd, void *bytes, size_t size), (fd, bytes, size), -1)
CALL(void *, realloc, (void *memory, size_t size), (memory, size), NULL)
CALL(ssize_t, recv, (int fd, void *bytes, size_t size, int flags),
    (fd, bytes, size, flags), -1)
CALL(ssize_t, send, (int fd, const void *bytes, size_t size, int flags),
    (fd, bytes, size, flags), -1)
FEIGNED(int, seteuid, (uid_t uid), (uid))
FEIGNED(int, setgid, (gid_t gid), (gid))
CALL(int, setrlimit, (int which, const struct rlimit *limit),
    (which, limit), -1)
CALL(int, setsockopt, (int fd, int level, int name, const void *value,
    socklen_t length), (fd, level, name, value, length), -1)
FEIGNED(int, setuid, (uid_t uid), (uid))
CALL(int, sigaction, (int signo, const struct sigaction *action,
    struct sigaction *before), (signo, action, before), -1)
CALL(int, socket, (int family, int type, int protocol),
    (family, type, protocol), -1)
CALL(int, socketpair, (int family, int type, int protocol, int fds[2]),
    (family, type, protocol, fds), -1)
CALL(int, stat, (const char *path, struct stat *st), (path, st), -1)
CALL(char *, strdup, (const char *text), (text), NULL)
CALL(int, unlink, (const char *path), (path), -1)
CALL(pid_t, waitpid, (pid_t pid, int *status, int options),
    (pid, status, options), -1)
CALL(ssize_t, write, (int fd, const void *bytes, size_t size),
    (fd, bytes, size), -1)

/* The relay's own way to leave would lose what the copy has counted. */
void __wrap__exit(int status) __attribute__((noreturn));

void
__wrap__exit(int status)
{
	leave(status);
}

void
leave(int status)
{
	(void)refuse_end();
	exit(status);
}

static unsigned
open_fds(void)
{
	unsigned count = 0;
	int fd;

	for (fd = 0; fd < FDS_SEARCHED; fd++)
		count += fcntl(fd, F_GETFD) != -1;
	return (count);
}

/* Threads that are left alone close what they have when they end. */
static bool
open_at_most(unsigned most)
{
	const struct timespec moment = { .tv_nsec = 1000 * 1000 };
	unsigned left = MOMENTS;

	while (open_fds() > most && left-- > 0)
		(void)nanosleep(&moment, NULL);
	return (open_fds() <= most);
}

void
refuse_each(const char *what, const struct refusal *list, size_t count,
    void (*attempt)(void))
{
	const unsigned before = open_fds();
	unsigned n;
	size_t i;

	for (i = 0; i < count; i++) {
		for (n = 1; n < CALLS_MAX; n++) {
			refuse(list[i].call, n, list[i].error);
			catch_stderr();
			attempt();
			(void)caught();
			if (refuse_end() == 0)
				break;
			if (!open_at_most(before))
				break;
		}
		ok(open_at_most(before) && n < CALLS_MAX, "%s: %s fails with %d, "
		    "%u times: no descriptor is lost", what,
		    call_name(list[i].call), list[i].error, n - 1);
	}
}

void
catch_stderr(void)
{
	stderr_file = tmpfile();
	stderr_fd = dup(STDERR_FILENO);
	if (stderr_file == NULL || stderr_fd == -1 ||
	    dup2(fileno(stderr_file), STDERR_FILENO) == -1)
		bail_out("cannot catch standard error");
}

const char *
caught(void)
{
	static char text[4096];
	ssize_t n;

	n = __real_pread(fileno(stderr_file), text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	(void)dup2(stderr_fd, STDERR_FILENO);
	(void)close(stderr_fd);
	(void)fclose(stderr_file);
	return (text);
}
