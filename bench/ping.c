/* SPDX-License-Identifier: ISC */

/*
 * ping.c - a request, its response, the next request.  An idle client makes
 * one to see that it is connected, and another when it is to end.
 */

#include "config.h"

#include <errno.h>

#include "load.h"
#include "ring.h"

static int
ping_send(struct client *client)
{
	ssize_t n;

	if (!client->greeted)
		return (client_greet(client, client->unsent));
	n = send(client->fd, ring_bytes(client->send_at), client->unsent,
	    MSG_NOSIGNAL);
	if (n == -1 && errno != EAGAIN) {
		client_failed(client, "a request cannot be sent");
		return (-1);
	}
	if (n > 0) {
		client->unsent -= (size_t)n;
		client->send_at = ring_after(client->send_at, (uint64_t)n);
	}
	return (0);
}

void
ping_start(struct client *client)
{
	client->began_ns = load_now_ns();
	client->unsent = client->wanted = client->load->size;
	if (ping_send(client) == 0)
		(void)client_watch(client, client->unsent == 0 ? MUX_READ :
		    MUX_READ | MUX_WRITE);
}

static void
ping_answered(struct client *client)
{
	client_answered(client);
	if (client->ending)
		client_close(client);
	else if (client->kind == KIND_PING)
		ping_start(client);
}

static void
ping_receive(struct client *client)
{
	const size_t room = client->wanted > 0 ? client->wanted : 1;
	const ssize_t n = recv(client->fd, ring_scratch, room, 0);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_failed(client, n == 0 ? "ended early" : "broke off");
		return;
	}
	if (client->wanted == 0 || !ring_matches(ring_scratch, (size_t)n,
	    client->receive_at, client->load->verify)) {
		load_found_wrong(client->load, "a response");
		client_failed(client, "received what was not sent");
		return;
	}
	client->receive_at = ring_after(client->receive_at, (uint64_t)n);
	client->wanted -= (size_t)n;
	if (client->wanted == 0)
		ping_answered(client);
}

void
ping_ready(struct client *client, unsigned events)
{
	if (!client->greeted) {
		ping_start(client);
		return;
	}
	if (client->unsent > 0 && (events & MUX_WRITE) != 0) {
		if (ping_send(client) == -1)
			return;
		if (client->unsent == 0 && client_watch(client, MUX_READ) == -1)
			return;
	}
	if ((events & (MUX_READ | MUX_ERROR | MUX_HANGUP)) != 0)
		ping_receive(client);
}

/* What is under way is completed first. */
void
ping_end(struct client *client)
{
	if (client->kind == KIND_IDLE && client->wanted == 0)
		ping_start(client);
}
