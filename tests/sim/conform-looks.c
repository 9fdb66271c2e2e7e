/* SPDX-License-Identifier: ISC */

/* conform-looks.c - what poll, select and epoll say of all sockets. */

#include "config.h"

#include <sys/epoll.h>
#include <sys/select.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "conform.h"

#define EVENTS		(POLLIN | POLLOUT | POLLRDHUP)

static void
show(size_t slot, unsigned asked, unsigned events)
{
	(void)printf("  %s of %s%s%s:%s%s%s%s%s%s\n", name_of(slot),
	    (asked & POLLIN) != 0 ? "in" : "", (asked & POLLOUT) != 0 ? "out" : "",
	    (asked & POLLRDHUP) != 0 ? "end" : "",
	    (events & POLLIN) != 0 ? " in" : "",
	    (events & POLLOUT) != 0 ? " out" : "",
	    (events & POLLERR) != 0 ? " err" : "",
	    (events & POLLHUP) != 0 ? " hup" : "",
	    (events & POLLRDHUP) != 0 ? " end" : "",
	    (events & ~(unsigned)(EVENTS | POLLERR | POLLHUP)) != 0 ? " odd" : "");
}

static void
look_by_poll(const unsigned *asked)
{
	struct pollfd entries[SLOTS_COUNT];
	size_t slots[SLOTS_COUNT], slot, i;
	nfds_t count = 0;

	for (slot = 0; slot < SLOTS_COUNT; slot++) {
		if (fds[slot] == -1)
			continue;
		slots[count] = slot;
		entries[count++] = (struct pollfd){ .fd = fds[slot],
		    .events = (short)asked[slot] };
	}
	(void)printf("poll = %d\n", poll(entries, count, 0));
	for (i = 0; i < count; i++)
		show(slots[i], asked[slots[i]],
		    (unsigned short)entries[i].revents);
}

static void
look_by_select(const unsigned *asked)
{
	fd_set reads, writes;
	struct timeval tv = { .tv_sec = 0 };
	int highest = -1, result;
	size_t slot;

	FD_ZERO(&reads);
	FD_ZERO(&writes);
	for (slot = 0; slot < SLOTS_COUNT; slot++) {
		if (fds[slot] == -1)
			continue;
		if ((asked[slot] & POLLIN) != 0)
			FD_SET(fds[slot], &reads);
		if ((asked[slot] & POLLOUT) != 0)
			FD_SET(fds[slot], &writes);
		highest = fds[slot] > highest ? fds[slot] : highest;
	}
	result = select(highest + 1, &reads, &writes, NULL, &tv);
	(void)printf("select = %d\n", result);
	for (slot = 0; slot < SLOTS_COUNT; slot++) {
		if (fds[slot] != -1)
			show(slot, asked[slot],
			    (FD_ISSET(fds[slot], &reads) ? POLLIN : 0U) |
			    (FD_ISSET(fds[slot], &writes) ? POLLOUT : 0U));
	}
}

/* One by one: in which order many are reported is left to the kernel. */
static void
look_by_epoll(const unsigned *asked)
{
	struct epoll_event event;
	size_t slot;
	int epfd;

	epfd = epoll_create1(EPOLL_CLOEXEC);
	(void)printf("epoll_create1 = %d\n", epfd);
	for (slot = 0; slot < SLOTS_COUNT; slot++) {
		if (fds[slot] == -1)
			continue;
		event.events = asked[slot];
		event.data.fd = fds[slot];
		if (epoll_ctl(epfd, EPOLL_CTL_ADD, fds[slot], &event) == -1)
			abort();
		if (epoll_wait(epfd, &event, 1, 0) != 1)
			event.events = 0;
		show(slot, asked[slot], event.events);
		if (epoll_ctl(epfd, EPOLL_CTL_DEL, fds[slot], &event) == -1)
			abort();
	}
	(void)close(epfd);
}

void
look(void)
{
	static void (*const ways[])(const unsigned *) = { look_by_poll,
	    look_by_select, look_by_epoll };
	static const unsigned masks[] = { 0, POLLIN, POLLOUT,
	    POLLIN | POLLRDHUP, EVENTS };
	unsigned asked[SLOTS_COUNT];
	size_t slot;

	for (slot = 0; slot < SLOTS_COUNT; slot++)
		asked[slot] = masks[choose(5)];
	ways[choose(3)](asked);
}
