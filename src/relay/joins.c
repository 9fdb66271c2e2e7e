/* SPDX-License-Identifier: ISC */

/*
 * joins.c - sockets that the system joins, where it can and --enable-so-splice
 * asks for it.
 *
 * Kernel notes, setsockopt(2) of OpenBSD, SO_SPLICE in FreeBSD 14.3:
 * - No maximum is set: reaching one is told as an error of the source.
 * - Nor is an idle time, which would be ETIMEDOUT as a lost peer is.
 * - A failure of the sink may be told as one of the source.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include "relay/joins.h"

#ifdef USE_SO_SPLICE

const bool joins_exist = true;

bool
join_begin(int source_fd, int sink_fd)
{
	const struct splice splice = { .sp_fd = sink_fd };

	return (setsockopt(source_fd, SOL_SOCKET, SO_SPLICE, &splice,
	    sizeof(splice)) == 0);
}

uint64_t
join_moved_bytes(int source_fd)
{
	off_t moved = 0;
	socklen_t length = sizeof(moved);

	if (getsockopt(source_fd, SOL_SOCKET, SO_SPLICE, &moved,
	    &length) == -1)
		return (0);
	return ((uint64_t)moved);
}

void
join_end(int source_fd)
{
	const struct splice splice = { .sp_fd = -1 };

	(void)setsockopt(source_fd, SOL_SOCKET, SO_SPLICE, &splice,
	    sizeof(splice));
}

#else

const bool joins_exist = false;

bool
join_begin(int source_fd, int sink_fd)
{
	(void)source_fd;
	(void)sink_fd;
	return (false);
}

uint64_t
join_moved_bytes(int source_fd)
{
	(void)source_fd;
	return (0);
}

void
join_end(int source_fd)
{
	(void)source_fd;
}

#endif
