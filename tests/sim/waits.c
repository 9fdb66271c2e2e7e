/* SPDX-License-Identifier: ISC */

/*
 * waits.c - epoll, poll and select by the rules of Linux, and the clock.
 *
 * In half of the lives nobody reports POLLRDHUP, though the backends ask for
 * it: not every system that has epoll does.
 */

#include "config.h"

#include <sys/epoll.h>
#include <sys/select.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "dice.h"
#include "socks.h"
#include "unix.h"
#include "waits.h"
#include "world.h"

/* Reports in a row to a relay that does nothing with them. */
#define SPIN_MAX	100

/* Waits that time alone ends, in so long. */
#define WAITS_MAX	500
#define WAITS_NS	(50 * NS_PER_MS)

int __wrap_clock_gettime(clockid_t id, struct timespec *ts);
int __wrap_epoll_create1(int flags);
int __wrap_epoll_ctl(int epfd, int op, int fd, struct epoll_event *event);
int __wrap_epoll_wait(int epfd, struct epoll_event *events, int max, int ms);
int __wrap_poll(struct pollfd *fds, nfds_t count, int ms);
int __wrap_select(int count, fd_set *reads, fd_set *writes, fd_set *others,
    struct timeval *tv);

static unsigned
side_events(const struct side *side)
{
	const struct conn *conn = side->conn;
	unsigned events = 0;

	if (conn->state == CONN_CONNECTING)
		return (0);
	if (side->error != 0)
		events |= POLLERR;
	if (conn->state == CONN_FRESH)
		return (events | POLLOUT | POLLHUP);
	if (kernel.has_rdhup && (side->fin_received || side->is_reset ||
	    conn->state == CONN_REFUSED))
		events |= POLLRDHUP;
	if (conn->state == CONN_REFUSED || side->is_reset)
		return (events | POLLIN | POLLOUT | POLLHUP);
	if (side->fin_received && side->is_shut)
		events |= POLLHUP;
	if (side->input.used > 0 || side->fin_received)
		events |= POLLIN;
	if (side_room(side) > 0 || (side->is_shut && !side_is_unix(side)))
		events |= POLLOUT;
	return (events);
}

static unsigned
events_of(int fd, unsigned mask)
{
	const struct desc *desc = desc_of(fd);
	unsigned events = 0;

	if (desc == NULL)
		return (POLLNVAL);
	if (desc->kind == KIND_CONN)
		events = side_events(desc->side);
	else if (desc->kind == KIND_LISTENER && kernel.backlog_used > 0)
		events = POLLIN;
	else if (desc->kind == KIND_PIPE && fd == kernel.pipe_fd &&
	    kernel.pipe_used > 0)
		events = POLLIN;
	if (fault(FAULT_SPURIOUS)) {
		events |= POLLIN | POLLOUT;
		if (desc->kind == KIND_CONN && dice_one_in(4) &&
		    desc->conn->state == CONN_CONNECTING) {
			events |= POLLERR;	/* final, though nobody says why */
			kernel.refusals++;
		}
		kernel.moves++;		/* then it is not the relay that spins */
	}
	return (events & (mask | POLLERR | POLLHUP));
}

/* Reports or waits in a row without a call that achieves anything. */
static void
watch_for_spinning(int count)
{
	static unsigned long moves, reports, waits;
	static uint64_t since_ns;

	if (kernel.moves != moves || since_ns > kernel.now_ns) {
		moves = kernel.moves;
		since_ns = kernel.now_ns;
		reports = waits = 0;
	}
	if (count <= 0)
		reports = 0;
	else if (++reports > SPIN_MAX)
		violated("spin", "%lu reports and nothing done", reports);
	if (++waits > WAITS_MAX && kernel.now_ns < since_ns + WAITS_NS)
		violated("spin", "%lu waits and nothing done", waits);
	if (kernel.now_ns >= since_ns + WAITS_NS) {
		since_ns = kernel.now_ns;
		waits = 0;
	}
}

int
wait_for(int (*look)(void *), void *arg, uint64_t limit_ns)
{
	const uint64_t end_ns = limit_ns == NEVER_NS ? NEVER_NS :
	    kernel.now_ns + limit_ns;
	uint64_t next_ns;
	int count;

	if (kernel.wait_error != 0) {
		errno = kernel.wait_error;
		kernel.wait_error = 0;
		return (-1);
	}
	if (fault(FAULT_EINTR)) {
		errno = EINTR;
		return (-1);
	}
	kernel.now_ns += dice_below(30) * NS_PER_US;
	world_run();
	while ((count = look(arg)) == 0 && kernel.now_ns < end_ns) {
		next_ns = world_next_ns();
		if (next_ns == NEVER_NS && end_ns == NEVER_NS)
			violated("end", "waits for ever");
		if (next_ns > end_ns)
			next_ns = end_ns;
		if (next_ns > kernel.now_ns)
			kernel.now_ns = next_ns;
		world_run();
	}
	trace("wait = %d", count);
	watch_for_spinning(count);
	return (count);
}

static uint64_t
ns_of(int ms)
{
	return (ms < 0 ? NEVER_NS : (uint64_t)ms * NS_PER_MS);
}

int
__wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	(void)id;
	ts->tv_sec = (time_t)(kernel.now_ns / (1000 * NS_PER_MS));
	ts->tv_nsec = (long)(kernel.now_ns % (1000 * NS_PER_MS));
	return (0);
}

int
__wrap_epoll_create1(int flags)
{
	(void)flags;
	if (fault(FAULT_EMFILE)) {
		errno = EMFILE;
		return (-1);
	}
	return (desc_open(KIND_EPOLL, NULL));
}

int
__wrap_epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	struct desc *desc = desc_of(fd);

	(void)epfd;
	trace("epoll_ctl(%d, %d, %#x)", op, fd, event->events);
	if (desc == NULL) {
		errno = EBADF;
		return (-1);
	}
	if (op == EPOLL_CTL_ADD && fault(FAULT_WATCH)) {
		errno = dice_one_in(2) ? ENOMEM : ENOSPC;
		return (-1);
	}
	if (desc->is_watched != (op != EPOLL_CTL_ADD)) {
		errno = op == EPOLL_CTL_ADD ? EEXIST : ENOENT;
		return (-1);
	}
	desc->is_watched = op != EPOLL_CTL_DEL;
	desc->mask = event->events;
	return (0);
}

struct epoll_call {
	struct epoll_event *events;
	int max;
};

static int
look_epoll(void *arg)
{
	struct epoll_call *call = arg;
	const int span = kernel.fd_top - kernel.fd_first;
	const int first = (int)dice_below((size_t)span);
	unsigned events;
	int i, fd, count = 0;

	for (i = 0; i < span && count < call->max; i++) {
		fd = first + i;
		fd = kernel.fd_first + (fd < span ? fd : fd - span);
		if (!kernel.descs[fd].is_watched)
			continue;
		events = events_of(fd, kernel.descs[fd].mask);
		if (events == 0)
			continue;
		call->events[count].events = events;
		call->events[count++].data.fd = fd;
	}
	return (count);
}

int
__wrap_epoll_wait(int epfd, struct epoll_event *events, int max, int ms)
{
	const int batch = 1 + (int)dice_below(8);
	struct epoll_call call = { events, max < batch ? max : batch };

	if (desc_of(epfd) == NULL) {
		errno = EBADF;
		return (-1);
	}
	return (wait_for(look_epoll, &call, ns_of(ms)));
}

struct poll_call {
	struct pollfd *fds;
	nfds_t count;
};

static int
look_poll(void *arg)
{
	struct poll_call *call = arg;
	struct pollfd *entry;
	int count = 0;
	nfds_t i;

	for (i = 0; i < call->count; i++) {
		entry = &call->fds[i];
		entry->revents = (short)events_of(entry->fd,
		    (unsigned short)entry->events);
		if (entry->revents != 0)
			count++;
	}
	return (count);
}

/* A look at one listener takes no time: it is no wait of the loop. */
static bool
is_look(const struct pollfd *fds, nfds_t count, int ms)
{
	return (count == 1 && ms == 0 && desc_of(fds->fd) != NULL &&
	    desc_of(fds->fd)->kind == KIND_LISTENER);
}

int
__wrap_poll(struct pollfd *fds, nfds_t count, int ms)
{
	struct poll_call call = { fds, count };

	if (is_look(fds, count, ms)) {
		if (fault(FAULT_EINTR)) {
			errno = EINTR;
			return (-1);
		}
		kernel.was_empty = look_poll(&call) == 0;
		return (!kernel.was_empty);
	}
	return (wait_for(look_poll, &call, ns_of(ms)));
}

struct select_call {
	int count;
	fd_set asked[2], *sets[2];
};

static int
look_select(void *arg)
{
	static const unsigned rings[2] = { POLLIN | POLLHUP | POLLERR,
	    POLLOUT | POLLERR };
	struct select_call *call = arg;
	int fd, i, count = 0;

	for (i = 0; i < 2; i++) {
		FD_ZERO(call->sets[i]);
		for (fd = 0; fd < call->count; fd++) {
			if (!FD_ISSET(fd, &call->asked[i]))
				continue;
			if ((events_of(fd, rings[i]) & rings[i]) == 0)
				continue;
			FD_SET(fd, call->sets[i]);
			count++;
		}
	}
	return (count);
}

int
__wrap_select(int count, fd_set *reads, fd_set *writes, fd_set *others,
    struct timeval *tv)
{
	struct select_call call = { .count = count,
	    .asked = { *reads, *writes }, .sets = { reads, writes } };
	int fd;

	(void)others;
	for (fd = 0; fd < count; fd++) {
		if ((FD_ISSET(fd, reads) || FD_ISSET(fd, writes)) &&
		    desc_of(fd) == NULL) {
			errno = EBADF;
			return (-1);
		}
	}
	return (wait_for(look_select, &call, tv == NULL ? NEVER_NS :
	    (uint64_t)tv->tv_sec * 1000 * NS_PER_MS +
	    (uint64_t)tv->tv_usec * NS_PER_US));
}
