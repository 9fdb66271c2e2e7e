/* SPDX-License-Identifier: ISC */

/* client.c - what all kinds of clients share: to open, to watch, to end. */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "load.h"
#include "ring.h"

static void
client_ready(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	struct client *client = arg;

	(void)loop, (void)fd;
	switch (client->kind) {
	case KIND_PING:
	case KIND_IDLE:
		ping_ready(client, events);
		break;
	case KIND_RUSH:
		rush_ready(client, events);
		break;
	case KIND_UP:
		up_ready(client, events);
		break;
	case KIND_DOWN:
		down_ready(client, events);
		break;
	case KINDS:
		break;
	}
}

int
client_watch(struct client *client, unsigned events)
{
	if (client->events == events)
		return (0);
	if (mux_fd_modify(client->load->loop, client->fd, events) == -1) {
		client_failed(client, "cannot be watched");
		return (-1);
	}
	client->events = events;
	return (0);
}

int
client_connect(struct client *client, unsigned events)
{
	struct load *load = client->load;

	client->greeted = false;
	client->send_at = client->receive_at = client->start;
	client->fd = tcp_connect(&load->address);
	if (client->fd == -1 || mux_fd_register(load->loop, client->fd, events,
	    client_ready, client) == -1) {
		client_failed(client, "cannot connect");
		return (-1);
	}
	client->events = events;
	return (0);
}

void
client_open(struct client *client)
{
	client->fd = -1;
	if (client->kind == KIND_RUSH)
		rush_start(client);
	else if (client_connect(client, MUX_WRITE) == 0)
		tcp_nodelay(client->fd);
}

/*
 * Sends the hello and as much of the ring, in one piece: the send buffer is
 * empty.  Returns -1 while the connection is not there, or has failed.
 */
int
client_greet(struct client *client, size_t length)
{
	const struct hello hello = { .magic = HELLO_MAGIC,
	    .kind = (uint32_t)client->kind,
	    .size = (uint32_t)client->load->size, .start = client->start };
	ssize_t n;

	if (length > RING_SCRATCH - sizeof(hello))
		length = RING_SCRATCH - sizeof(hello);
	memcpy(ring_scratch, &hello, sizeof(hello));
	memcpy(ring_scratch + sizeof(hello), ring_bytes(client->send_at),
	    length);
	n = send(client->fd, ring_scratch, sizeof(hello) + length,
	    MSG_NOSIGNAL);
	if (n == -1 && errno == EAGAIN)
		return (-1);
	if (n < (ssize_t)sizeof(hello)) {
		client_failed(client, "cannot be greeted");
		return (-1);
	}
	client->greeted = true;
	n -= (ssize_t)sizeof(hello);
	client->send_at = ring_after(client->send_at, (uint64_t)n);
	client->unsent -= (size_t)n;
	return (0);
}

void
client_is_open(struct client *client)
{
	struct load *load = client->load;

	if (client->is_open)
		return;
	client->is_open = true;
	load->open++;
	load->opening--;
	load_open_more(load);
}

void
client_answered(struct client *client)
{
	struct load *load = client->load;

	load->total_operations++;
	if (load->phase == PHASE_MEASURING && client->began_ns != 0) {
		load->tally.operations++;
		histogram_add(&load->tally.latency,
		    load_now_ns() - client->began_ns);
	}
	client_is_open(client);
}

void
client_end(struct client *client)
{
	if (client->fd == -1)
		return;
	client->ending = true;
	if (client->kind == KIND_PING || client->kind == KIND_IDLE)
		ping_end(client);
	else if (client->kind != KIND_RUSH)
		bulk_end(client);
}

void
client_disconnect(struct client *client)
{
	if (client->fd == -1)
		return;
	mux_fd_unregister(client->load->loop, client->fd);
	(void)close(client->fd);
	client->fd = -1;
}

/* A rush goes on with its next connection. */
void
client_close(struct client *client)
{
	client_disconnect(client);
	if (client->kind == KIND_RUSH && !client->ending &&
	    client->load->phase != PHASE_ENDING)
		rush_start(client);
	else
		load_client_gone(client->load);
}

/* It does no more work; when it was not open yet, it never will be. */
void
client_failed(struct client *client, const char *what)
{
	struct load *load = client->load;

	load_failed(load, what);
	client_disconnect(client);
	if (!client->is_open)
		load->opening--;
	load_client_gone(load);
}
