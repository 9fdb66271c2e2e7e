/* SPDX-License-Identifier: ISC */

/*
 * bulk.c - bytes without end, in one direction each.
 *
 * Most of what is received is dropped unseen, since a copy would cost as much
 * as relaying it; one piece in 64 is compared, or all when asked.  At the end
 * the number of all is.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "load.h"
#include "ring.h"
#include "serve.h"

#define SHARE	64

/* The server is told that it was enough, or how much it will have been. */
static int
bulk_say_end(struct client *client)
{
	struct server *server = client->load->server;

	if (client->kind == KIND_DOWN)
		return (send(client->fd, "", 1, MSG_NOSIGNAL) == 1 ? 0 : -1);
	if (server != NULL &&
	    server_expect(server, client->start, client->sent))
		return (0);
	return (shutdown(client->fd, SHUT_WR));
}

void
bulk_end(struct client *client)
{
	if (!client->greeted) {
		client_failed(client, "was not connected");
		return;
	}
	if (bulk_say_end(client) == -1) {
		client_failed(client, "cannot end");
		return;
	}
	client->receive_at = ring_after(client->start, client->received);
	(void)client_watch(client, MUX_READ);
}

static void
bulk_ended(struct client *client)
{
	const uint64_t moved = client->kind == KIND_UP ? client->sent :
	    client->received;
	receipt total;

	if (!client->ending || client->held_length != sizeof(total)) {
		client_failed(client, "ended early");
		return;
	}
	memcpy(&total, client->held, sizeof(total));
	if (total != moved) {
		load_found_wrong(client->load, "a stream's length");
		client_failed(client, "lost bytes");
		return;
	}
	client_close(client);
}

/* What comes last is the receipt, and what is before it is compared. */
static void
bulk_drain(struct client *client)
{
	const size_t held = client->held_length;
	size_t length, kept;
	ssize_t n;

	memcpy(ring_scratch, client->held, held);
	n = recv(client->fd, ring_scratch + held, RING_SCRATCH - held, 0);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1) {
		client_failed(client, "broke off");
		return;
	}
	if (n == 0) {
		bulk_ended(client);
		return;
	}
	length = held + (size_t)n;
	kept = length < sizeof(receipt) ? length : sizeof(receipt);
	length -= kept;
	if (length > 0 && !ring_matches(ring_scratch, length,
	    client->receive_at, client->load->verify)) {
		load_found_wrong(client->load, "the end of a stream");
		client_failed(client, "received what was not sent");
		return;
	}
	client->received += length;
	client->receive_at = ring_after(client->receive_at, length);
	memcpy(client->held, ring_scratch + length, kept);
	client->held_length = kept;
}

void
up_ready(struct client *client, unsigned events)
{
	ssize_t n;

	(void)events;
	if (client->ending) {
		bulk_drain(client);
		return;
	}
	if (!client->greeted) {
		client->unsent = 0;
		if (client_greet(client, 0) == 0)
			client_is_open(client);
		return;
	}
	n = ring_send(client->fd, client->send_at, RING_SIZE);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1) {
		client_failed(client, "bytes cannot be sent");
		return;
	}
	client->sent += (uint64_t)n;
	client->send_at = ring_after(client->send_at, (uint64_t)n);
	client->load->tally.up_sent += (uint64_t)n;
}

static ssize_t
down_receive(struct client *client)
{
	const bool look = client->load->verify || client->reads++ % SHARE == 0;
	ssize_t n;

	if (!look)
		return (ring_discard(client->fd, 4 * (size_t)RING_SIZE));
	n = recv(client->fd, ring_scratch, RING_SCRATCH, 0);
	if (n > 0 && !ring_matches(ring_scratch, (size_t)n,
	    client->receive_at, true)) {
		load_found_wrong(client->load, "a stream");
		errno = EBADMSG;
		return (-1);
	}
	return (n);
}

void
down_ready(struct client *client, unsigned events)
{
	ssize_t n;

	(void)events;
	if (client->ending) {
		bulk_drain(client);
		return;
	}
	if (!client->greeted) {
		client->unsent = 0;
		if (client_greet(client, 0) == 0)
			(void)client_watch(client, MUX_READ);
		return;
	}
	n = down_receive(client);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_failed(client, n == 0 ? "ended early" : "broke off");
		return;
	}
	client->received += (uint64_t)n;
	client->receive_at = ring_after(client->receive_at, (uint64_t)n);
	client->load->tally.down_received += (uint64_t)n;
	client_is_open(client);
}
