/* SPDX-License-Identifier: ISC */

/*
 * splices.c - splice(2) and its pipes, by the rules of Linux, and what the
 * kernel moves by itself between sockets that are joined.
 *
 * A pipe has slots and not bytes, so it can be full with few of them.  Nothing
 * spliced is no end of input: an urgent byte is there, or it just happens.
 * Some sockets cannot be spliced from, or to.
 *
 * Held against the relay: a flow that could not be spliced is copied for some
 * reads, one whose socket refused for ever; and where splice(2) itself is
 * refused, it is not called again.
 */

#include "config.h"

#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include "calls.h"
#include "dice.h"
#include "memory.h"
#include "socks.h"
#include "splices.h"
#include "unix.h"

/* Large ones, before a flow is spliced again; more may be needed. */
#define READS_BETWEEN	4

int __wrap_pipe2(int fds[2], int flags);
ssize_t __wrap_splice(int from, off64_t *from_offset, int to,
    off64_t *to_offset, size_t count, unsigned flags);

int
__wrap_pipe2(int fds[2], int flags)
{
	struct bytes *bytes;

	(void)flags;
	if (fault(FAULT_EMFILE))
		return (fail(EMFILE));
	fds[0] = desc_open(KIND_SPLICE, NULL);
	fds[1] = desc_open(KIND_SPLICE, NULL);
	if (fds[1] == -1) {
		if (fds[0] != -1)
			kernel.descs[fds[0]].kind = KIND_NONE;
		return (fail(EMFILE));
	}
	bytes = memory_take(sizeof(*bytes));
	bytes->limit = dice_size();
	kernel.descs[fds[0]].pipe = kernel.descs[fds[1]].pipe = bytes;
	trace("pipe2 = %d, %d", fds[0], fds[1]);
	return (0);
}

/* The other end may be open still. */
void
splice_pipe_close(int fd)
{
	struct desc *desc = desc_of(fd), *other;
	int i;

	for (i = kernel.fd_first; i < kernel.fd_top; i++) {
		other = desc_of(i);
		if (i == fd || other == NULL || other->pipe != desc->pipe)
			continue;
		return;
	}
	memory_give(desc->pipe);
}

ssize_t
splice_pipe_read(struct bytes *pipe, void *data, size_t count)
{
	if (fault(FAULT_EINTR))
		return (fail(EINTR));
	if (pipe->used == 0)
		return (fail(EAGAIN));
	return ((ssize_t)bytes_take(pipe, data, fault(FAULT_SHORT) ? 1 :
	    count));
}

static ssize_t
refused(void)
{
	kernel.splice_is_refused = kernel.splice_error != EINVAL;
	return (fail(kernel.splice_error));
}

static ssize_t
splice_in(struct side *side, struct bytes *pipe, size_t count)
{
	unsigned char data[QUEUE_MAX_BYTES];
	ssize_t n;

	if (kernel.splice_refused == side->conn->family)
		return (refused());
	if (fault(FAULT_SPLICE))
		return (0);
	if (count > pipe->limit)
		count = pipe->limit;
	n = side_receive(side, data, count);
	if (n > 0)
		(void)bytes_put(pipe, data, (size_t)n);
	return (n);
}

static ssize_t
splice_in_due(struct side *side, struct bytes *pipe, size_t count)
{
	ssize_t n;

	if (pipe->used != 0)
		violated("splice", "into a pipe that is not empty");
	if (kernel.splice_is_refused || side->reads_due > 0)
		violated("splice", "again, too soon after a failure");
	n = splice_in(side, pipe, count);
	if (n == -1 && errno == kernel.splice_error)
		side->reads_due = UINT_MAX;
	else if (n == 0 || (n == -1 && (errno == EAGAIN || errno == EINTR)))
		side->reads_due = READS_BETWEEN;
	return (n);
}

static ssize_t
splice_out(struct bytes *pipe, struct side *side, size_t count)
{
	unsigned char data[QUEUE_MAX_BYTES];
	struct bytes copy = *pipe;
	ssize_t n;

	if (count != pipe->used)
		violated("splice", "%zu bytes of %zu", count, pipe->used);
	if (kernel.unsplice_refused == side->conn->family)
		return (refused());
	count = bytes_take(&copy, data, count);
	n = side_send(side, data, count);
	if (n > 0)
		(void)bytes_take(pipe, data, (size_t)n);
	return (n);
}

ssize_t
__wrap_splice(int from, off64_t *from_offset, int to, off64_t *to_offset,
    size_t count, unsigned flags)
{
	struct desc *source = desc_of(from), *sink = desc_of(to);
	ssize_t n;

	(void)from_offset;
	(void)to_offset;
	if ((flags & SPLICE_F_MORE) != 0)
		violated("splice", "the end of it may be held back");
	if (source == NULL || sink == NULL)
		violated("descriptor", "splice(%d, %d)", from, to);
	n = sink->kind == KIND_SPLICE ?
	    splice_in_due(source->side, sink->pipe, count) :
	    splice_out(source->pipe, sink->side, count);
	if (n > 0 || (n == -1 && errno != EAGAIN))
		kernel.moves++;
	trace("splice(%d, %d, %zu) = %zd", from, to, count, n);
	return (n);
}

/* Whatever it is that ends a join, the source is then there to be read. */
void
side_move(struct side *side)
{
	unsigned char data[QUEUE_MAX_BYTES];
	struct side *sink = side->sink;
	size_t count = side->input.used;

	if (sink == NULL)
		return;
	if (count > side_room(sink))
		count = side_room(sink);
	if (side->error == 0 && sink->error == 0 && !sink->is_reset &&
	    count > 0) {
		count = side_take(side, data, 1 + dice_below(count));
		(void)side_put(sink, data, count);
		side->joined_bytes += count;
		kernel.moves++;
	}
	if (side->error != 0 || sink->error != 0 || sink->is_reset ||
	    side->is_reset || (side->fin_received && side->input.used == 0))
		side->sink = NULL;
}

void
joins_run(void)
{
	size_t i;

	for (i = 0; i < kernel.conns_count; i++) {
		side_move(&kernel.conns[i]->relay);
		side_move(&kernel.conns[i]->peer);
	}
}
