/* SPDX-License-Identifier: ISC */

/*
 * fds.c - descriptors: who waits for what, and calling them.
 *
 * Interest reaches the kernel at once, so an error of it surfaces in the
 * call that caused it, and the kernel cannot report a registration that has
 * ended.  Reports of the batch in hand are kept in the slots, and looked at
 * one by one through what the slot says by then.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "loop.h"

#define INTEREST	(MUX_READ | MUX_WRITE | MUX_ERROR)
#define SLOTS_MIN	64

static struct mux__slot *
slot_of(const struct mux_loop *loop, int fd)
{
	if (fd < 0 || (size_t)fd >= loop->fds.count ||
	    loop->fds.slots[fd].fn == NULL)
		return (NULL);
	return (&loop->fds.slots[fd]);
}

static int
fds_grow(struct mux__fds *fds, int fd)
{
	struct mux__slot *slots;
	size_t count, i;

	count = fds->count < SLOTS_MIN ? SLOTS_MIN : fds->count;
	while (count <= (size_t)fd)
		count *= 2;
	if (count == fds->count)
		return (0);
	slots = mux__resize(fds->slots, count, sizeof(*slots));
	if (slots == NULL)
		return (-1);
	for (i = fds->count; i < count; i++)
		slots[i] = (struct mux__slot){ .fn = NULL };
	fds->slots = slots;
	fds->count = count;
	return (0);
}

/* Moves the kernel and the slot from one interest to another, or neither. */
static int
slot_watch(struct mux_loop *loop, int fd, struct mux__slot *slot,
    unsigned events)
{
	if (slot->interest == events)
		return (0);
	if (mux__backend_watch(loop->backend, fd, slot->interest,
	    events) == -1)
		return (-1);
	slot->interest = (uint8_t)events;
	return (0);
}

int
mux_fd_register(struct mux_loop *loop, int fd, unsigned events, mux_fd_fn *fn,
    void *arg)
{
	struct mux__slot *slot;

	if ((events & ~(unsigned)INTEREST) != 0 || fn == NULL) {
		errno = EINVAL;
		return (-1);
	}
	if (fd < 0) {
		errno = EBADF;
		return (-1);
	}
	if (fd >= mux__backend_fd_limit) {
		errno = ERANGE;
		return (-1);
	}
	if (slot_of(loop, fd) != NULL) {
		errno = EEXIST;
		return (-1);
	}
	/* nobody else looks at rest; a wild number is no reason to grow */
	if ((events == 0 || (size_t)fd >= loop->fds.count) &&
	    fcntl(fd, F_GETFD) == -1)
		return (-1);
	if (fds_grow(&loop->fds, fd) == -1)
		return (-1);
	slot = &loop->fds.slots[fd];
	*slot = (struct mux__slot){ .fn = NULL };
	if (slot_watch(loop, fd, slot, events) == -1)
		return (-1);
	slot->fn = fn;
	slot->arg = arg;
	return (0);
}

/* The registration that there is, or NULL with ENOENT. */
static struct mux__slot *
slot_registered(const struct mux_loop *loop, int fd)
{
	struct mux__slot *slot = slot_of(loop, fd);

	if (slot == NULL)
		errno = ENOENT;
	return (slot);
}

int
mux_fd_modify(struct mux_loop *loop, int fd, unsigned events)
{
	struct mux__slot *slot;

	if ((events & ~(unsigned)INTEREST) != 0) {
		errno = EINVAL;
		return (-1);
	}
	slot = slot_registered(loop, fd);
	return (slot == NULL ? -1 : slot_watch(loop, fd, slot, events));
}

int
mux_fd_rebind(struct mux_loop *loop, int fd, mux_fd_fn *fn, void *arg)
{
	struct mux__slot *slot;

	if (fn == NULL) {
		errno = EINVAL;
		return (-1);
	}
	slot = slot_registered(loop, fd);
	if (slot == NULL)
		return (-1);
	slot->fn = fn;
	slot->arg = arg;
	return (0);
}

void
mux_fd_unregister(struct mux_loop *loop, int fd)
{
	struct mux__slot *slot;

	slot = slot_of(loop, fd);
	if (slot == NULL)
		return;
	(void)slot_watch(loop, fd, slot, 0);
	*slot = (struct mux__slot){ .fn = NULL };
}

/*
 * What of a report concerns this registration now.  A failure or a hang-up
 * counts as everything that was asked for: one road for all errors, the
 * return value of the next read or write.
 */
static unsigned
slot_events(const struct mux__slot *slot)
{
	const unsigned ended = slot->fired & (MUX_ERROR | MUX_HANGUP);
	const unsigned asked = slot->interest & (MUX_READ | MUX_WRITE);
	unsigned events;

	if (slot->interest == 0)
		return (0);
	events = ended | (ended != 0 ? asked : asked & slot->fired);
	return ((events & MUX_READ) != 0 ? events | (slot->fired & MUX_END) :
	    events);
}

static void
dispatch_one(struct mux_loop *loop, int fd)
{
	struct mux__slot *slot;
	unsigned events;

	slot = slot_of(loop, fd);
	if (slot == NULL)
		return;
	events = slot_events(slot);
	slot->fired = 0;
	if (events == 0)
		return;
	if (slot->interest == MUX_ERROR)	/* reported once */
		(void)slot_watch(loop, fd, slot, 0);
	if (slot->fn != mux__wakeups_ready)
		loop->calls++;
	slot->fn(loop, fd, events, slot->arg);	/* the table may move here */
}

/*
 * The kernel reports what is not registered: the descriptor was closed too
 * early while another process held it, or the loop was adopted with
 * something in it.  It would be reported again and again.
 */
static void
forget(struct mux_loop *loop, int fd)
{
	(void)mux__backend_watch(loop->backend, fd, MUX_READ | MUX_WRITE, 0);
}

/* Calls for the first `count' entries of loop->ready. */
void
mux__fds_dispatch(struct mux_loop *loop, int count)
{
	struct mux__slot *slot;
	int i, fd;

	for (i = 0; i < count; i++) {
		fd = loop->ready[i].fd;
		slot = slot_of(loop, fd);
		if (slot == NULL || slot->interest == 0)
			forget(loop, fd);
		else
			slot->fired |= (uint8_t)loop->ready[i].events;
	}
	for (i = 0; i < count; i++)
		dispatch_one(loop, loop->ready[i].fd);
}

void
mux__fds_free(struct mux__fds *fds)
{
	free(fds->slots);
	fds->slots = NULL;
	fds->count = 0;
}
