/* SPDX-License-Identifier: ISC */

/*
 * shim.c - preloaded into muxproxy: one planned fault.
 *
 * TORTURE is KIND:N:ERROR:MODE. The N-th call of that kind fails with the
 * number ERROR, or moves one byte when that is "short"; MODE is "once", or
 * "on" for this call and all after it. TORTURE_CONTROL is a file of at least
 * sizeof(struct control), mapped by the driver's reads and writes: what was
 * counted is there at any time, also after a crash, and faults can be ended.
 *
 * Host names ending in .test are 127.0.0.1, or not known while the control
 * says so.
 */

#define _GNU_SOURCE
#include <sys/types.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHORT	100000	/* no error: one byte only */

#define KINDS(x) \
	x(socket) x(socketpair) x(bind) x(listen) x(accept4) x(connect) \
	x(recv) x(send) x(shutdown) x(close) x(setsockopt) x(getsockopt) \
	x(getsockname) x(getpeername) x(ioctl) x(fcntl) x(epoll_create1) \
	x(epoll_ctl) x(epoll_wait) x(pipe) x(read) x(write) x(malloc) \
	x(calloc) x(realloc) x(pthread_create) x(open) x(getaddrinfo)

#define KIND(name) KIND_##name,
#define NAME(name) #name,
enum kind { KINDS(KIND) KIND_COUNT };
static const char *const kind_names[] = { KINDS(NAME) };

/* The driver reads and writes it by pack(). */
struct control {
	_Atomic uint32_t is_off;	/* by the driver: no more faults */
	_Atomic uint32_t is_known;	/* by the driver: the names exist */
	_Atomic uint32_t fired;		/* calls that failed */
	uint32_t kinds;
	struct {
		char name[16];
		_Atomic uint32_t calls;
	} counts[KIND_COUNT];
};

static struct control *control;
static enum kind plan_kind = KIND_COUNT;
static uint32_t plan_number;
static int plan_error;
static bool plan_goes_on;

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

/* What the system has under that name; ISO C has no cast for it. */
static void
next_symbol(void *function, const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	memcpy(function, &symbol, sizeof(symbol));
}

static void
read_plan(const char *plan)
{
	char kind[16], error[16], mode[8];
	unsigned int number;
	size_t i;

	if (plan == NULL || sscanf(plan, "%15[^:]:%u:%15[^:]:%7s", kind,
	    &number, error, mode) != 4)
		return;
	plan_number = number;
	plan_error = strcmp(error, "short") == 0 ? SHORT : atoi(error);
	plan_goes_on = strcmp(mode, "on") == 0;
	for (i = 0; i < KIND_COUNT; i++) {
		if (strcmp(kind_names[i], kind) == 0)
			plan_kind = (enum kind)i;
	}
}

/* Its own calls here are not counted: the control is not there yet. */
__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("TORTURE_CONTROL");
	struct control *mapped;
	size_t i;
	int fd;

	if (path == NULL || (fd = open(path, O_RDWR | O_CLOEXEC)) == -1)
		return;
	read_plan(getenv("TORTURE"));
	mapped = mmap(NULL, sizeof(*mapped), PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	(void)close(fd);
	if (mapped == MAP_FAILED)
		return;
	for (i = 0; i < KIND_COUNT; i++)
		(void)snprintf(mapped->counts[i].name,
		    sizeof(mapped->counts[i].name), "%s", kind_names[i]);
	mapped->kinds = KIND_COUNT;
	control = mapped;
}

/* Counts a call; returns how it is to fail, or 0. */
static int
fault(enum kind kind)
{
	uint32_t number;

	if (control == NULL)
		return (0);
	number = atomic_fetch_add(&control->counts[kind].calls, 1) + 1;
	if (kind != plan_kind || atomic_load(&control->is_off) != 0 ||
	    (plan_goes_on ? number < plan_number : number != plan_number))
		return (0);
	(void)atomic_fetch_add(&control->fired, 1);
	return (plan_error);
}

/* A call that returns -1 and sets errno. */
#define CALL(name, parameters, arguments) \
__extension__ int \
name parameters \
{ \
	static int (*system_call) parameters; \
	const int error = fault(KIND_##name); \
\
	if (error != 0) { \
		errno = error; \
		return (-1); \
	} \
	if (system_call == NULL) \
		next_symbol(&system_call, #name); \
	return (system_call arguments); \
}

/* The same for one that moves bytes. */
#define MOVE(name, parameters, arguments) \
ssize_t \
name parameters \
{ \
	static ssize_t (*system_call) parameters; \
	const int error = fault(KIND_##name); \
\
	if (error == SHORT && size > 1) \
		size = 1; \
	else if (error != 0 && error != SHORT) { \
		errno = error; \
		return (-1); \
	} \
	if (system_call == NULL) \
		next_symbol(&system_call, #name); \
	return (system_call arguments); \
}

/* Sockets */
CALL(socket, (int family, int type, int protocol), (family, type, protocol))
CALL(socketpair, (int family, int type, int protocol, int fds[2]),
    (family, type, protocol, fds))
CALL(bind, (int fd, const struct sockaddr *address, socklen_t size),
    (fd, address, size))
CALL(listen, (int fd, int backlog), (fd, backlog))
CALL(accept4, (int fd, struct sockaddr *address, socklen_t *size, int flags),
    (fd, address, size, flags))
CALL(connect, (int fd, const struct sockaddr *address, socklen_t size),
    (fd, address, size))
CALL(shutdown, (int fd, int how), (fd, how))
CALL(setsockopt, (int fd, int level, int option, const void *value,
    socklen_t size), (fd, level, option, value, size))
CALL(getsockopt, (int fd, int level, int option, void *value,
    socklen_t *size), (fd, level, option, value, size))
CALL(getsockname, (int fd, struct sockaddr *address, socklen_t *size),
    (fd, address, size))
CALL(getpeername, (int fd, struct sockaddr *address, socklen_t *size),
    (fd, address, size))

/* Bytes */
MOVE(recv, (int fd, void *bytes, size_t size, int flags),
    (fd, bytes, size, flags))
MOVE(send, (int fd, const void *bytes, size_t size, int flags),
    (fd, bytes, size, flags))
MOVE(read, (int fd, void *bytes, size_t size), (fd, bytes, size))
MOVE(write, (int fd, const void *bytes, size_t size), (fd, bytes, size))

/* Descriptors */
CALL(close, (int fd), (fd))
CALL(pipe, (int fds[2]), (fds))
CALL(epoll_create1, (int flags), (flags))
CALL(epoll_wait, (int fd, struct epoll_event *events, int max, int wait_ms),
    (fd, events, max, wait_ms))

/* Only adding takes memory of the kernel: the others are no faults to plan. */
int
epoll_ctl(int fd, int operation, int watched, struct epoll_event *event)
{
	static int (*system_call)(int, int, int, struct epoll_event *);
	const int error = operation == EPOLL_CTL_ADD ? fault(KIND_epoll_ctl) : 0;

	if (error != 0) {
		errno = error;
		return (-1);
	}
	if (system_call == NULL)
		next_symbol(&system_call, "epoll_ctl");
	return (system_call(fd, operation, watched, event));
}

/* The third argument, there or not, is passed on as a pointer. */
#define VARIADIC(name, type, number) \
__extension__ int \
name(type first, number second, ...) \
{ \
	static int (*system_call)(type, number, ...); \
	const int error = fault(KIND_##name); \
	void *third; \
	va_list ap; \
\
	if (error != 0) { \
		errno = error; \
		return (-1); \
	} \
	if (system_call == NULL) \
		next_symbol(&system_call, #name); \
	va_start(ap, second); \
	third = va_arg(ap, void *); \
	va_end(ap); \
	return (system_call(first, second, third)); \
}

VARIADIC(ioctl, int, unsigned long)
VARIADIC(fcntl, int, int)
VARIADIC(open, const char *, int)

/* Memory; the names of glibc, since dlsym() might want some itself. */
void *
malloc(size_t size)
{
	const int error = fault(KIND_malloc);

	if (error == 0)
		return (__libc_malloc(size));
	errno = error;
	return (NULL);
}

void *
calloc(size_t count, size_t size)
{
	const int error = fault(KIND_calloc);

	if (error == 0)
		return (__libc_calloc(count, size));
	errno = error;
	return (NULL);
}

void *
realloc(void *memory, size_t size)
{
	const int error = fault(KIND_realloc);

	if (error == 0)
		return (__libc_realloc(memory, size));
	errno = error;
	return (NULL);
}

/* Calls that return their error */
int
pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
    void *(*function)(void *), void *arg)
{
	static int (*system_call)(pthread_t *, const pthread_attr_t *,
	    void *(*)(void *), void *);
	const int error = fault(KIND_pthread_create);

	if (error != 0)
		return (error);
	if (system_call == NULL)
		next_symbol(&system_call, "pthread_create");
	return (system_call(thread, attributes, function, arg));
}

int
getaddrinfo(const char *name, const char *service,
    const struct addrinfo *hints, struct addrinfo **found)
{
	static int (*system_call)(const char *, const char *,
	    const struct addrinfo *, struct addrinfo **);
	const size_t length = name != NULL ? strlen(name) : 0;
	const int error = fault(KIND_getaddrinfo);

	if (error != 0)
		return (error);
	if (system_call == NULL)
		next_symbol(&system_call, "getaddrinfo");
	if (length > 5 && strcmp(name + length - 5, ".test") == 0) {
		if (control == NULL || atomic_load(&control->is_known) == 0)
			return (EAI_AGAIN);
		name = "127.0.0.1";
	}
	return (system_call(name, service, hints, found));
}
