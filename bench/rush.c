/* SPDX-License-Identifier: ISC */

/*
 * rush.c - connect, request, response, the server's end, close; over and over.
 *
 * The server closes first, as those of old do: the end of a connection that
 * has to be remembered stays with ports that are not needed again.
 */

#include "config.h"

#include <errno.h>

#include "load.h"
#include "ring.h"

/* The hello is a part of the request. */
static void
rush_send(struct client *client)
{
	if (client_greet(client, client->unsent) == 0) {
		if (client->unsent > 0)
			client_failed(client, "the request did not fit");
		else
			(void)client_watch(client, MUX_READ);
	} else if (client->fd != -1)
		(void)client_watch(client, MUX_WRITE);
}

void
rush_start(struct client *client)
{
	client->began_ns = load_now_ns();
	client->unsent = client->load->size - sizeof(struct hello);
	client->wanted = client->load->size;
	if (client_connect(client, MUX_READ) == 0)
		rush_send(client);
}

static void
rush_receive(struct client *client)
{
	const ssize_t n = recv(client->fd, ring_scratch, client->wanted + 1, 0);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1 || (n == 0 && client->wanted > 0)) {
		client_failed(client, n == 0 ? "ended early" : "broke off");
		return;
	}
	if ((size_t)n > client->wanted || !ring_matches(ring_scratch,
	    (size_t)n, client->receive_at, true)) {
		load_found_wrong(client->load, "a response");
		client_failed(client, "received what was not sent");
		return;
	}
	if (n == 0) {
		client_answered(client);
		client_close(client);
		return;
	}
	client->receive_at = ring_after(client->receive_at, (uint64_t)n);
	client->wanted -= (size_t)n;
}

void
rush_ready(struct client *client, unsigned events)
{
	(void)events;
	if (client->greeted)
		rush_receive(client);
	else
		rush_send(client);
}
