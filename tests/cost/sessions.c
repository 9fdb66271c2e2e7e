/* SPDX-License-Identifier: ISC */

/*
 * sessions.c - so many sessions with so many messages each, one after the
 * other, on the simulated kernel without any fault or chance:
 *
 *	sessions SESSIONS MESSAGES
 *
 * A client sends 64 bytes, an upstream sends them back; after the last message
 * the client ends, then the upstream.  What the relay's own code costs for
 * this is always the same number of instructions; tests/cost/cost counts them.
 */

#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/units.h"
#include "dice.h"
#include "relay/worker.h"
#include "socks.h"
#include "world.h"

#define MESSAGE_BYTES	64
#define USAGE_STATUS	2

static struct {
	struct worker *worker;
	struct conn *client, *upstream;	/* of the session that is on */
	unsigned long sessions_left, messages, messages_left;
	bool is_waiting;		/* for an answer */
} run;

int __wrap_bind(int fd, const struct sockaddr *sa, socklen_t length);

/* To a source address, which the route has not. */
int
__wrap_bind(int fd, const struct sockaddr *sa, socklen_t length)
{
	(void)sa;
	(void)length;
	violated("address", "descriptor %d is bound", fd);
	return (-1);
}

static size_t
read_all(struct conn *conn)
{
	char bytes[MESSAGE_BYTES];

	return (side_take(&conn->peer, bytes, sizeof(bytes)));
}

static void
write_message(struct conn *conn)
{
	static const char bytes[MESSAGE_BYTES];

	if (side_put(&conn->peer, bytes, sizeof(bytes)) != sizeof(bytes))
		violated("room", "for no message");
}

static void
serve(struct conn *conn)
{
	if (read_all(conn) > 0)
		write_message(conn);
	if (conn->peer.fin_received && !conn->peer.fin_sent)
		side_close(&conn->peer);
}

static void
ask(struct conn *conn)
{
	if (run.is_waiting && read_all(conn) == 0)
		return;
	run.is_waiting = false;
	if (run.messages_left > 0) {
		run.messages_left--;
		run.is_waiting = true;
		write_message(conn);
	} else if (!conn->peer.fin_sent)
		side_shut(&conn->peer);
}

static void
open_client(void)
{
	struct conn *conn = conn_create(false);

	if (conn == NULL)
		violated("connections", "too many");
	conn->relay.input.limit = conn->relay.output.limit = QUEUE_MAX_BYTES;
	conn->peer.input.limit = conn->peer.output.limit = QUEUE_MAX_BYTES;
	run.client = conn;
	run.upstream = NULL;
	run.messages_left = run.messages;
	run.is_waiting = false;
	conn_accept(conn);
}

void
world_run(void)
{
	network_run();
	if (run.upstream != NULL && run.upstream->state == CONN_OPEN)
		serve(run.upstream);
	if (run.client != NULL)
		ask(run.client);
}

uint64_t
world_next_ns(void)
{
	const uint64_t next_ns = network_next_ns();

	return (next_ns > kernel.now_ns ? next_ns : kernel.now_ns + 1);
}

int
world_connect(struct conn *conn, const struct sockaddr *sa)
{
	(void)sa;
	conn->relay.input.limit = conn->relay.output.limit = QUEUE_MAX_BYTES;
	conn->peer.input.limit = conn->peer.output.limit = QUEUE_MAX_BYTES;
	conn->state = CONN_CONNECTING;
	conn->answer_ns = kernel.now_ns;
	run.upstream = conn;
	return (0);
}

/* One session from its beginning to its end. */
static void
live(struct mux_loop *loop)
{
	open_client();
	do {
		if (mux_loop_once(loop, 1000) == -1)
			violated("loop", "mux_loop_once() failed");
	} while (kernel.backlog_used > 0 || run.worker->sessions != NULL);
	conn_forget(run.client);
	conn_forget(run.upstream);
	run.client = run.upstream = NULL;
}

int
main(int argc, char **argv)
{
	static const struct target upstream = { .kind = TARGET_INET,
	    .port = 80, .host = "127.0.0.1" };
	const struct route route = { .name = "cost", .upstreams = &upstream,
	    .upstreams_count = 1, .connect_timeout_ms = 1000,
	    .idle_timeout_ms = 3600 * 1000, .half_close_timeout_ms = 60 * 1000 };
	struct listening listening = { .fd = -1 };
	struct mux_loop *loop;
	struct log *log;

	if (argc != 3)
		return (USAGE_STATUS);
	run.sessions_left = strtoul(argv[1], NULL, 10);
	run.messages = strtoul(argv[2], NULL, 10);
	dice_seed(1);
	kernel_reset();
	kernel.has_rdhup = true;
	kernel.fd_first = kernel.fd_top = FD_FIRST;
	loop = mux_loop_create();
	log = log_create(SEVERITY_WARNING, -1);
	listening.fd = desc_open(KIND_LISTENER, NULL);
	listening.line = line_create(&route, 1, NULL, NULL);
	run.worker = loop == NULL || log == NULL || listening.line == NULL ?
	    NULL : worker_create(1, loop, log);
	if (run.worker == NULL ||
	    acceptor_serve(&run.worker->acceptor, &listening, 1) == -1 ||
	    worker_start(run.worker, 10) == -1)
		violated("start", "no worker");
	for (; run.sessions_left > 0; run.sessions_left--)
		live(loop);
	worker_destroy(run.worker);
	line_release(listening.line);
	mux_loop_destroy(loop);
	log_destroy(log);
	return (EXIT_SUCCESS);
}
