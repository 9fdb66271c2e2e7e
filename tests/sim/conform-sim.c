/* SPDX-License-Identifier: ISC */

/* conform-sim.c - scripts on the simulated kernel, without any fault. */

#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "conform.h"
#include "dice.h"
#include "socks.h"
#include "world.h"

#define FIRST_PORT	50000	/* descriptor 0 has it: see getsockname */
#define REST_MS		400	/* shorter than the first retransmission */

int __wrap_bind(int fd, const struct sockaddr *sa, socklen_t length);
int __wrap_listen(int fd, int backlog);

void
world_run(void)
{
	network_run();
}

uint64_t
world_next_ns(void)
{
	return (network_next_ns());
}

/* Decided at once. */
static int
connect_unix(struct conn *conn, const struct desc *desc)
{
	if (desc == NULL || desc->kind != KIND_LISTENER)
		return (ECONNREFUSED);
	if (kernel.backlog_used > kernel.backlog_limit)
		return (EAGAIN);
	conn_open(conn);
	kernel.backlog[kernel.backlog_used++] = conn;
	return (0);
}

/* As many as the backlog says wait, and one more; others stay unheard. */
int
world_connect(struct conn *conn, const struct sockaddr *sa)
{
	const struct sockaddr_in *sin = (const void *)sa;
	const struct desc *desc = desc_of(ntohs(sin->sin_port) - FIRST_PORT);

	conn->relay.input.limit = conn->relay.output.limit = QUEUE_MAX_BYTES;
	conn->peer.input.limit = conn->peer.output.limit = QUEUE_MAX_BYTES;
	if (conn->family == AF_UNIX)
		return (connect_unix(conn, desc));
	conn->state = CONN_CONNECTING;
	conn->is_refused = desc == NULL || desc->kind != KIND_LISTENER;
	if (!conn->is_refused && kernel.backlog_used > kernel.backlog_limit)
		return (0);
	conn->answer_ns = kernel.now_ns;
	if (!conn->is_refused)
		kernel.backlog[kernel.backlog_used++] = conn;
	return (0);
}

int
__wrap_bind(int fd, const struct sockaddr *sa, socklen_t length)
{
	(void)fd;
	(void)sa;
	(void)length;
	return (0);
}

int
__wrap_listen(int fd, int backlog)
{
	struct desc *desc = desc_of(fd);

	if (desc == NULL)
		return (-1);
	desc->kind = KIND_LISTENER;
	kernel.backlog_limit = (size_t)backlog;
	return (0);
}

void
network_open(void)
{
	dice_seed(1);
}

void
network_begin(void)
{
	kernel_reset();
	kernel.has_rdhup = true;
	kernel.fd_first = kernel.fd_top = FD_FIRST;	/* as the real one */
}

bool
network_was_late(void)
{
	return (false);
}

void
network_settle(void)
{
	const uint64_t end_ns = kernel.now_ns + REST_MS * NS_PER_MS;
	uint64_t next_ns;

	while ((next_ns = network_next_ns()) < end_ns) {
		if (next_ns > kernel.now_ns)
			kernel.now_ns = next_ns;
		network_run();
	}
}
