/* SPDX-License-Identifier: ISC */

/*
 * joins.c - sockets that the kernel joins, by the rules of OpenBSD and FreeBSD,
 * in the place of src/relay/joins.c.
 */

#include "relay/joins.h"
#include "splices.h"

const bool joins_exist = true;

static struct side *
side_at(int fd)
{
	const struct desc *desc = desc_of(fd);

	if (desc == NULL || desc->side == NULL)
		violated("descriptor", "%d is no connection", fd);
	return (desc->side);
}

bool
join_begin(int source_fd, int sink_fd)
{
	struct side *source = side_at(source_fd), *sink = side_at(sink_fd);
	const bool can = kernel.splice_refused != source->conn->family &&
	    kernel.unsplice_refused != sink->conn->family &&
	    source->conn->state == CONN_OPEN && source->error == 0 &&
	    sink->conn->state == CONN_OPEN && sink->error == 0 &&
	    !sink->is_shut;

	trace("join(%d, %d)%s", source_fd, sink_fd, can ? "" : " refused");
	if (source->sink != NULL)
		violated("join", "descriptor %d is joined", source_fd);
	if (can) {
		source->sink = sink;
		source->joined_bytes = 0;
		side_move(source);
	}
	return (can);
}

uint64_t
join_moved_bytes(int source_fd)
{
	return (side_at(source_fd)->joined_bytes);
}

void
join_end(int source_fd)
{
	trace("part(%d)", source_fd);
	side_at(source_fd)->sink = NULL;
	kernel.moves++;
}
