/* SPDX-License-Identifier: ISC */

/*
 * serve.c - answers requests, takes or sends bytes without end, as the hello
 * of a connection asks for.  It knows what has to arrive, so it keeps nothing
 * of it.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"
#include "ring.h"
#include "serve.h"

#define ACCEPTS_AT_ONCE	64
#define SHARE		64

struct served {
	struct served *next, **link;	/* in the list of all */
	struct server *server;
	int fd;
	unsigned events;
	size_t hello_length;
	struct hello hello;
	size_t receive_at, send_at;
	size_t wanted, unsent;
	uint64_t received, sent;
	unsigned reads;
	uint64_t end;			/* after so many bytes */
	bool ended;			/* only the receipt is left */
	receipt receipt;
};

static void
served_close(struct served *served)
{
	*served->link = served->next;
	if (served->next != NULL)
		served->next->link = served->link;
	mux_fd_unregister(served->server->loop, served->fd);
	(void)close(served->fd);
	free(served);
}

static void
served_failed(struct served *served)
{
	served->server->failures++;
	served_close(served);
}

static void
served_found_wrong(struct served *served)
{
	served->server->wrong++;
	served_close(served);
}

static void
served_watch(struct served *served, unsigned events)
{
	if (served->events == events)
		return;
	if (mux_fd_modify(served->server->loop, served->fd, events) == -1)
		served_failed(served);
	else
		served->events = events;
}

/* Sends the receipt, or what is left of it, and closes. */
static void
served_end(struct served *served)
{
	ssize_t n;

	if (!served->ended) {
		served->ended = true;
		served->receipt = served->hello.kind == KIND_UP ?
		    served->received : served->sent;
		served->unsent = sizeof(receipt);
	}
	n = send(served->fd, (char *)&served->receipt + sizeof(receipt) -
	    served->unsent, served->unsent, MSG_NOSIGNAL);
	if (n == -1 && errno != EAGAIN) {
		served_failed(served);
		return;
	}
	served->unsent -= n > 0 ? (size_t)n : 0;
	if (served->unsent == 0)
		served_close(served);
	else
		served_watch(served, MUX_WRITE);
}

/* The answer has the bytes of the question; it went in one piece, mostly. */
static void
served_answer(struct served *served)
{
	const ssize_t n = send(served->fd, ring_bytes(served->send_at),
	    served->unsent, MSG_NOSIGNAL);

	if (n == -1 && errno != EAGAIN) {
		served_failed(served);
		return;
	}
	if (n > 0) {
		served->send_at = ring_after(served->send_at, (uint64_t)n);
		served->unsent -= (size_t)n;
	}
	if (served->unsent > 0) {
		served_watch(served, MUX_WRITE);
		return;
	}
	if (served->hello.kind == KIND_RUSH) {
		served_close(served);
		return;
	}
	served->wanted = served->hello.size;
	served_watch(served, MUX_READ);
}

static void
served_request(struct served *served, const char *bytes, size_t length)
{
	if (length > served->wanted || !ring_matches(bytes, length,
	    served->receive_at, served->server->verify)) {
		served_found_wrong(served);
		return;
	}
	served->receive_at = ring_after(served->receive_at, length);
	served->wanted -= length;
	if (served->wanted == 0) {
		served->unsent = served->hello.size;
		served_answer(served);
	}
}

static void
served_stream(struct served *served, const char *bytes, size_t length)
{
	if (bytes != NULL && !ring_matches(bytes, length, served->receive_at,
	    true)) {
		served_found_wrong(served);
		return;
	}
	served->receive_at = ring_after(served->receive_at, length);
	served->received += length;
	served->server->received += length;
	if (served->received == served->end)
		served_end(served);
}

/* The hello has come, and after it so many bytes. */
static void
served_greeted(struct served *served, const char *bytes, size_t length)
{
	const struct hello *hello = &served->hello;
	const size_t least = hello->kind == KIND_RUSH ? sizeof(*hello) : 1;

	if (hello->magic != HELLO_MAGIC || hello->kind >= KINDS ||
	    hello->size < least || hello->size > RING_SIZE ||
	    hello->start >= RING_SIZE) {
		served_found_wrong(served);
		return;
	}
	served->receive_at = served->send_at = hello->start;
	served->wanted = hello->size;
	if (hello->kind == KIND_RUSH)
		served->wanted -= sizeof(*hello);
	if (hello->kind == KIND_DOWN)
		served_watch(served, MUX_READ | MUX_WRITE);
	else if (hello->kind == KIND_UP)
		served_stream(served, bytes, length);
	else if (length > 0 || served->wanted == 0)
		served_request(served, bytes, length);
}

static void
served_received(struct served *served, size_t length)
{
	const size_t missing = sizeof(served->hello) - served->hello_length;
	const size_t used = length < missing ? length : missing;

	if (missing > 0) {
		memcpy((char *)&served->hello + served->hello_length,
		    ring_scratch, used);
		served->hello_length += used;
		if (used == missing)
			served_greeted(served, ring_scratch + used,
			    length - used);
	} else if (served->hello.kind == KIND_DOWN)
		served_end(served);		/* it was enough */
	else
		served_request(served, ring_scratch, length);
}

static void
served_receive(struct served *served)
{
	const bool stream = served->hello_length == sizeof(served->hello) &&
	    served->hello.kind == KIND_UP;
	const bool look = !stream || served->server->verify ||
	    served->reads++ % SHARE == 0;
	const ssize_t n = look ? recv(served->fd, ring_scratch, RING_SCRATCH,
	    0) : ring_discard(served->fd, 4 * (size_t)RING_SIZE);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1)
		served_failed(served);
	else if (n > 0 && stream)
		served_stream(served, look ? ring_scratch : NULL, (size_t)n);
	else if (n > 0)
		served_received(served, (size_t)n);
	else if (stream || served->hello.kind == KIND_DOWN)
		served_end(served);
	else
		served_close(served);
}

static void
served_send(struct served *served)
{
	ssize_t n;

	if (served->ended) {
		served_end(served);
		return;
	}
	if (served->hello.kind != KIND_DOWN) {
		served_answer(served);
		return;
	}
	n = ring_send(served->fd, served->send_at, RING_SIZE);
	if (n == -1 && errno != EAGAIN && errno != EINTR)
		served_failed(served);
	else if (n > 0) {
		served->sent += (uint64_t)n;
		served->send_at = ring_after(served->send_at, (uint64_t)n);
	}
}

static void
served_ready(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	struct served *served = arg;

	(void)loop, (void)fd;
	if ((events & served->events & MUX_READ) != 0)
		served_receive(served);
	else
		served_send(served);
}

static void
served_list(struct served *served)
{
	served->link = &served->server->first;
	served->next = *served->link;
	if (served->next != NULL)
		served->next->link = &served->next;
	*served->link = served;
}

static void
server_ready(struct mux_loop *loop, int listener, unsigned events, void *arg)
{
	struct server *server = arg;
	struct served *served;
	int fd, i;

	(void)events;
	for (i = 0; i < ACCEPTS_AT_ONCE; i++) {
		fd = tcp_accept(listener);
		if (fd == -1)
			return;
		served = calloc(1, sizeof(*served));
		if (served == NULL || mux_fd_register(loop, fd, MUX_READ,
		    served_ready, served) == -1) {
			server->failures++;
			free(served);
			(void)close(fd);
			continue;
		}
		served->server = server;
		served->fd = fd;
		served->events = MUX_READ;
		served->end = UINT64_MAX;
		served_list(served);
		served_receive(served);		/* mostly it is there already */
	}
}

/*
 * A relay need not know of half-closed connections to be measured, so an end of
 * input is told here where that can be.
 */
bool
server_expect(struct server *server, uint32_t start, uint64_t end)
{
	struct served *served = server->first;

	while (served != NULL && (served->hello.kind != KIND_UP ||
	    served->hello.start != start))
		served = served->next;
	if (served == NULL)
		return (false);
	served->end = end;
	if (served->received == end)
		served_end(served);
	return (true);
}

int
server_open(struct server *server)
{
	server->listener = tcp_listen(&server->address);
	if (server->listener == -1)
		return (-1);
	return (mux_fd_register(server->loop, server->listener, MUX_READ,
	    server_ready, server));
}

void
server_close(struct server *server)
{
	while (server->first != NULL)
		served_close(server->first);
	mux_fd_unregister(server->loop, server->listener);
	(void)close(server->listener);
}
