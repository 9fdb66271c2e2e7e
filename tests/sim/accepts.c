/* SPDX-License-Identifier: ISC */

/* accepts.c - the accept queue of a listener, by the rules of Linux. */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "calls.h"
#include "dice.h"
#include "socks.h"
#include "unix.h"

int __wrap_accept4(int fd, struct sockaddr *sa, socklen_t *length, int flags);

/* What accept(2) says of a connection, or of the network, that is gone. */
static const int accept_errors[] = { ECONNABORTED, EPROTO, EPERM, ENETDOWN,
    ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENOPROTOOPT, EOPNOTSUPP, ETIMEDOUT };
#define ACCEPT_ERRORS	(sizeof(accept_errors) / sizeof(accept_errors[0]))

int
__wrap_accept4(int fd, struct sockaddr *sa, socklen_t *length, int flags)
{
	struct conn *conn;
	int accepted;

	(void)flags;
	kernel.was_empty = kernel.backlog_used == 0;
	if (kernel.was_empty)
		return (fail(EAGAIN));
	conn = kernel.backlog[0];
	if (fault(FAULT_ACCEPT))
		return (fail(accept_errors[dice_below(ACCEPT_ERRORS)]));
	if (fault(FAULT_EMFILE))
		return (fail(EMFILE));
	if (fault(FAULT_EINTR))
		return (fail(EINTR));
	accepted = desc_open(KIND_CONN, conn);
	if (accepted == -1)
		return (-1);
	if (conn->is_upstream)		/* both of its ends are ours */
		kernel.descs[accepted].side = &conn->peer;
	memmove(&kernel.backlog[0], &kernel.backlog[1],
	    --kernel.backlog_used * sizeof(kernel.backlog[0]));
	set_name(sa, length, conn->family, 40000);
	conn->relay.reset_ns = kernel.now_ns;
	kernel.accepted++;
	kernel.moves++;
	trace("accept4(%d) = %d", fd, accepted);
	return (accepted);
}

static bool
has_listener(void)
{
	int fd;

	for (fd = FD_FIRST; fd < FD_END; fd++) {
		if (kernel.descs[fd].kind == KIND_LISTENER)
			return (true);
	}
	return (false);
}

/*
 * Connections that were not accepted are reset with their listener.  Here all
 * have one queue, and it is the last of them; but who goes on has served it
 * before any is closed.
 */
void
listener_closed(void)
{
	struct conn *conn;
	struct side *side;
	size_t i;

	if (kernel.is_relay && !kernel.is_stopped && kernel.backlog_used > 0 && !kernel.was_empty)
		violated("reload", "a listener is closed while %zu wait",
		    kernel.backlog_used);
	if (has_listener())
		return;
	for (i = 0; i < kernel.backlog_used; i++) {
		conn = kernel.backlog[i];
		side = conn->is_upstream ? &conn->peer : &conn->relay;
		if (side_is_unix(side)) {
			side_close(side);
			side->other->error = ECONNRESET;
		} else
			side_reset_other(side);
	}
	kernel.backlog_used = 0;
}
