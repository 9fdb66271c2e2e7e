/* SPDX-License-Identifier: ISC */

/*
 * backend-poll.c - poll(2), everywhere.
 *
 * The array handed to the kernel has no holes: the last entry moves into
 * the place of one that is removed.
 *
 * Kernel notes:
 * - POLLERR, POLLHUP and POLLNVAL ring whatever the mask; see
 *   mux__backend_watch() for what keeps them from spinning.
 * - POLLNVAL is a descriptor that was closed while it was watched.  It is
 *   reported as ERROR, so that its owner finds out by EBADF.
 * - NetBSD never says POLLERR or POLLHUP of a socket: ERROR alone notices
 *   nothing there, and kqueue, which it has, is the backend to take.
 * - A full batch would always favour the front of the array, so the search
 *   for ready entries goes on where the last one ended.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>

#include "backend.h"
#include "mux.h"

#ifndef POLLRDHUP
#define POLLRDHUP	0	/* a hint that only Linux and illumos give */
#endif

#define NOWHERE		SIZE_MAX
#define ROOM_MIN	64

struct mux__backend {
	struct pollfd *entries;
	size_t used, room;
	size_t *places;		/* fd -> index in entries, or NOWHERE */
	size_t places_count;
	size_t next;		/* where the next search begins */
};

const char mux__backend_name[] = "poll";
const int mux__backend_fd_limit = INT_MAX;

struct mux__backend *
mux__backend_open(void)
{
	return (calloc(1, sizeof(struct mux__backend)));
}

struct mux__backend *
mux__backend_adopt(int fd)
{
	(void)fd;
	errno = ENOTSUP;
	return (NULL);
}

void
mux__backend_release(struct mux__backend *backend)
{
	free(backend->entries);
	free(backend->places);
	free(backend);
}

void
mux__backend_close(struct mux__backend *backend)
{
	mux__backend_release(backend);
}

int
mux__backend_fileno(const struct mux__backend *backend)
{
	(void)backend;
	errno = ENOTSUP;
	return (-1);
}

static int
grow_places(struct mux__backend *backend, int fd)
{
	size_t *places, count, i;

	count = backend->places_count < ROOM_MIN ? ROOM_MIN :
	    backend->places_count;
	while (count <= (size_t)fd)
		count *= 2;
	if (count == backend->places_count)
		return (0);
	places = realloc(backend->places, count * sizeof(*places));
	if (places == NULL)
		return (-1);
	for (i = backend->places_count; i < count; i++)
		places[i] = NOWHERE;
	backend->places = places;
	backend->places_count = count;
	return (0);
}

static int
grow_entries(struct mux__backend *backend)
{
	struct pollfd *entries;
	size_t room;

	if (backend->used < backend->room)
		return (0);
	room = backend->room < ROOM_MIN ? ROOM_MIN : backend->room * 2;
	entries = realloc(backend->entries, room * sizeof(*entries));
	if (entries == NULL)
		return (-1);
	backend->entries = entries;
	backend->room = room;
	return (0);
}

static int
add(struct mux__backend *backend, int fd, short mask)
{
	/* as epoll and kqueue do: tell a bad number from a descriptor */
	if (fcntl(fd, F_GETFD) == -1)
		return (-1);
	if (grow_places(backend, fd) == -1 || grow_entries(backend) == -1)
		return (-1);
	backend->entries[backend->used] = (struct pollfd){ .fd = fd,
	    .events = mask };
	backend->places[fd] = backend->used++;
	return (0);
}

static void
drop(struct mux__backend *backend, int fd)
{
	struct pollfd last;
	size_t place;

	if ((size_t)fd >= backend->places_count ||
	    backend->places[fd] == NOWHERE)
		return;
	place = backend->places[fd];
	last = backend->entries[--backend->used];
	backend->entries[place] = last;
	backend->places[last.fd] = place;
	backend->places[fd] = NOWHERE;
}

int
mux__backend_watch(struct mux__backend *backend, int fd, unsigned before,
    unsigned after)
{
	const int mask = ((after & MUX_READ) != 0 ? POLLIN | POLLRDHUP : 0) |
	    ((after & MUX_WRITE) != 0 ? POLLOUT : 0);

	if (before == 0)
		return (add(backend, fd, (short)mask));
	if (after == 0)
		drop(backend, fd);
	else
		backend->entries[backend->places[fd]].events = (short)mask;
	return (0);
}

static unsigned
events_of(short revents)
{
	return (((revents & POLLIN) != 0 ? MUX_READ : 0U) |
	    ((revents & POLLOUT) != 0 ? MUX_WRITE : 0U) |
	    ((revents & (POLLERR | POLLNVAL)) != 0 ? MUX_ERROR : 0U) |
	    ((revents & POLLHUP) != 0 ? MUX_HANGUP : 0U) |
	    ((revents & POLLRDHUP) != 0 ? MUX_END : 0U));
}

int
mux__backend_wait(struct mux__backend *backend, struct mux__ready *ready,
    int max, int64_t timeout_ns)
{
	const struct pollfd *entry;
	size_t searched;
	int left, count = 0;

	left = poll(backend->entries, (nfds_t)backend->used,
	    mux__timeout_ms(timeout_ns));
	if (left == -1)
		return (-1);
	for (searched = 0; searched < backend->used && left > 0 &&
	    count < max; searched++) {
		if (backend->next >= backend->used)
			backend->next = 0;
		entry = &backend->entries[backend->next++];
		if (entry->revents == 0)
			continue;
		ready[count].fd = entry->fd;
		ready[count].events = events_of(entry->revents);
		count++;
		left--;
	}
	return (count);
}
