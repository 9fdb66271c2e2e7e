/* SPDX-License-Identifier: ISC */

/*
 * wrap.c - the C library and the kernel as the tests want them.
 *
 * The linker turns a call of f into one of __wrap_f and one of __real_f into
 * the function itself.  The latter are weak, so that this links without
 * --wrap too; nobody calls __wrap_f then.
 */

#include <sys/select.h>
#ifdef __linux__
#include <sys/epoll.h>
#endif

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "mux.h"
#include "wrap.h"

#define NS_PER_S	UINT64_C(1000000000)
#define NS_PER_MS	1000000
#define NS_PER_US	1000

static struct {
	bool frozen;
	uint64_t now_ns;
	unsigned allocs, fail_at;
	bool fail_onwards;
	wrap_wait_fn *wait;
	int watch_error;
} state;

/* Calls the test's stand-in for a wait; its result is the system call's. */
static int
stand_in(int64_t timeout_ns)
{
	const int error = state.wait(timeout_ns);

	if (error == 0)
		return (0);
	errno = error;
	return (-1);
}

#ifdef __ELF__

#define REAL	__attribute__((weak))

int __real_clock_gettime(clockid_t, struct timespec *) REAL;
int __wrap_clock_gettime(clockid_t, struct timespec *);
void *__real_malloc(size_t) REAL;
void *__wrap_malloc(size_t);
void *__real_calloc(size_t, size_t) REAL;
void *__wrap_calloc(size_t, size_t);
void *__real_realloc(void *, size_t) REAL;
void *__wrap_realloc(void *, size_t);
int __real_poll(struct pollfd *, nfds_t, int) REAL;
int __wrap_poll(struct pollfd *, nfds_t, int);
int __real_select(int, fd_set *, fd_set *, fd_set *, struct timeval *) REAL;
int __wrap_select(int, fd_set *, fd_set *, fd_set *, struct timeval *);

int
__wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	if (id != CLOCK_MONOTONIC || !state.frozen)
		return (__real_clock_gettime(id, ts));
	ts->tv_sec = (time_t)(state.now_ns / NS_PER_S);
	ts->tv_nsec = (long)(state.now_ns % NS_PER_S);
	return (0);
}

static bool
out_of_memory(void)
{
	if (state.fail_at == 0)
		return (false);
	state.allocs++;
	if (state.allocs != state.fail_at &&
	    !(state.fail_onwards && state.allocs > state.fail_at))
		return (false);
	errno = ENOMEM;
	return (true);
}

void *
__wrap_malloc(size_t size)
{
	return (out_of_memory() ? NULL : __real_malloc(size));
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return (out_of_memory() ? NULL : __real_calloc(count, size));
}

void *
__wrap_realloc(void *old, size_t size)
{
	return (out_of_memory() ? NULL : __real_realloc(old, size));
}

int
__wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	nfds_t i;

	if (state.wait == NULL)
		return (__real_poll(fds, count, timeout_ms));
	for (i = 0; i < count; i++)
		fds[i].revents = 0;
	return (stand_in((int64_t)timeout_ms * NS_PER_MS));
}

int
__wrap_select(int limit, fd_set *reads, fd_set *writes, fd_set *excepts,
    struct timeval *tv)
{
	if (state.wait == NULL)
		return (__real_select(limit, reads, writes, excepts, tv));
	FD_ZERO(reads);
	FD_ZERO(writes);
	return (stand_in(tv == NULL ? -1 : (int64_t)tv->tv_sec *
	    (int64_t)NS_PER_S + (int64_t)tv->tv_usec * NS_PER_US));
}

/* Without sys/event.h, which Linux may not have. */
struct kevent;
int __real_kevent(int, const struct kevent *, int, struct kevent *, int,
    const struct timespec *) REAL;
int __wrap_kevent(int, const struct kevent *, int, struct kevent *, int,
    const struct timespec *);

int
__wrap_kevent(int fd, const struct kevent *changes, int changed,
    struct kevent *events, int room, const struct timespec *ts)
{
	if (changed > 0 && state.watch_error != 0) {
		errno = state.watch_error;
		return (-1);
	}
	if (changed > 0 || state.wait == NULL)
		return (__real_kevent(fd, changes, changed, events, room, ts));
	return (stand_in(ts == NULL ? -1 : (int64_t)ts->tv_sec *
	    (int64_t)NS_PER_S + (int64_t)ts->tv_nsec));
}

#ifdef __linux__
int __real_epoll_wait(int, struct epoll_event *, int, int) REAL;
int __wrap_epoll_wait(int, struct epoll_event *, int, int);
int __real_epoll_ctl(int, int, int, struct epoll_event *) REAL;
int __wrap_epoll_ctl(int, int, int, struct epoll_event *);

int
__wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms)
{
	if (state.wait == NULL)
		return (__real_epoll_wait(fd, events, max, timeout_ms));
	return (stand_in((int64_t)timeout_ms * NS_PER_MS));
}

int
__wrap_epoll_ctl(int fd, int operation, int target, struct epoll_event *event)
{
	if (state.watch_error == 0)
		return (__real_epoll_ctl(fd, operation, target, event));
	errno = state.watch_error;
	return (-1);
}
#endif

#endif

bool
wrap_clock_works(void)
{
	struct timespec ts = { .tv_sec = 0 };

	wrap_clock_freeze(42);
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	wrap_clock_thaw();
	return (ts.tv_sec == 0 && ts.tv_nsec == 42);
}

void
wrap_clock_freeze(uint64_t now_ns)
{
	state.frozen = true;
	state.now_ns = now_ns;
}

void
wrap_clock_advance(uint64_t ns)
{
	state.now_ns += ns;
}

uint64_t
wrap_clock_now(void)
{
	return (state.now_ns);
}

void
wrap_clock_thaw(void)
{
	state.frozen = false;
}

/* By a pointer, because compilers know that plain malloc() never fails. */
bool
wrap_alloc_works(void)
{
	void *(*volatile allocate)(size_t) = malloc;
	void *memory;
	bool works;

	(void)wrap_alloc_fail(1, false);
	memory = allocate(1);
	works = memory == NULL;
	(void)wrap_alloc_fail(0, false);
	free(memory);
	return (works);
}

unsigned
wrap_alloc_fail(unsigned n, bool onwards)
{
	const unsigned allocs = state.allocs;

	state.allocs = 0;
	state.fail_at = n;
	state.fail_onwards = onwards;
	return (allocs);
}

static bool stood_in;

static int
note_wait(int64_t timeout_ns)
{
	(void)timeout_ns;
	stood_in = true;
	return (0);
}

/* Asked of a loop: which function waits is the backend's choice. */
bool
wrap_wait_works(void)
{
	struct mux_loop *loop = mux_loop_create();

	if (loop == NULL)
		return (false);
	stood_in = false;
	wrap_wait(note_wait);
	(void)mux_loop_once(loop, 0);
	wrap_wait(NULL);
	mux_loop_destroy(loop);
	return (stood_in);
}

void
wrap_wait(wrap_wait_fn *fn)
{
	state.wait = fn;
}

/* A loop registers its own pipe when it is made. */
bool
wrap_watch_works(void)
{
	struct mux_loop *loop;

	wrap_watch_fail(ENOSPC);
	loop = mux_loop_create();
	wrap_watch_fail(0);
	mux_loop_destroy(loop);
	return (loop == NULL);
}

void
wrap_watch_fail(int error)
{
	state.watch_error = error;
}
