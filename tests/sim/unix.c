/* SPDX-License-Identifier: ISC */

/*
 * unix.c - UNIX-domain sockets: no network between the two sides, and no
 * reset.  Who closes leaves behind what it had written; the other one learns
 * of bytes that were not read by ECONNRESET, and else of an end of input.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>

#include "dice.h"
#include "socks.h"
#include "unix.h"

int __wrap_socketpair(int family, int type, int protocol, int fds[2]);

bool
side_is_unix(const struct side *side)
{
	return (side->conn->family == AF_UNIX);
}

void
unix_shut(struct side *side)
{
	if (side->conn->state != CONN_OPEN)
		return;
	side->fin_sent = side->fin_taken = side->fin_acked = true;
	side->other->fin_received = true;
	side->conn->is_stirred = true;
}

void
unix_close(struct side *side)
{
	struct side *other = side->other;

	side->fin_sent = true;
	other->is_shut = true;
	other->is_reset = true;
	other->reset_ns = kernel.now_ns;
	if (side->input.used > 0)
		other->error = ECONNRESET;
	else
		other->fin_received = true;
	side->conn->is_stirred = true;
}

/* 0, or why there is no connection. */
int
unix_connect(struct conn *conn)
{
	static const int errors[] = { ECONNREFUSED, ENOENT, EACCES };

	if (dice_one_in(8))	/* its accept queue is full for a while */
		kernel.full_ns = kernel.now_ns + dice_below(2000) * NS_PER_MS;
	if (kernel.now_ns < kernel.full_ns) {
		kernel.refusals++;
		return (EAGAIN);
	}
	if (dice_one_in(8)) {
		kernel.refusals++;
		return (errors[dice_below(3)]);
	}
	conn_open(conn);
	return (0);
}

int
__wrap_socketpair(int family, int type, int protocol, int fds[2])
{
	struct conn *conn;

	(void)type;
	(void)protocol;
	errno = EMFILE;
	if (fault(FAULT_EMFILE) || (conn = conn_create(true)) == NULL)
		return (-1);
	conn->family = family;
	conn->is_pair = true;
	conn_open(conn);
	fds[0] = desc_open(KIND_CONN, conn);
	fds[1] = desc_open(KIND_CONN, conn);
	if (fds[1] == -1) {
		if (fds[0] != -1)
			kernel.descs[fds[0]].kind = KIND_NONE;
		errno = EMFILE;
		return (-1);
	}
	kernel.descs[fds[1]].side = &conn->peer;
	trace("socketpair = %d, %d", fds[0], fds[1]);
	return (0);
}
