/* SPDX-License-Identifier: ISC */

/* test-queue.c - the queue of a flow, against what was put in. */

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "relay/queue.h"
#include "tap.h"
#include "units.h"

#define COUNT	(256 * 1024)
#define MUCH	(64 * COUNT)	/* more than an allocator has in store */

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif

static unsigned char in[COUNT], out[COUNT];

/* Drains through a pair of sockets that take less than there is. */
static size_t
drain_all(struct queue *queue, struct supplies *supplies, int write_fd,
    int read_fd)
{
	size_t received = 0;
	ssize_t n;

	while (received < sizeof(out)) {
		if (!queue_is_empty(queue))
			(void)queue_drain(queue, write_fd, supplies);
		n = read(read_fd, out + received, 1000);
		if (n > 0)
			received += (size_t)n;
		else if (queue_is_empty(queue))
			break;
	}
	return (received);
}

/*
 * With no memory to be had the reserve is taken.  A sanitizer's allocator
 * would end the program instead.
 */
static void
test_reserve(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    defined(SANITIZED)
	skip("the allocator is a sanitizer's", "the reserve");
#else
	struct queue queue = { .bytes = NULL };
	struct rlimit before, none;
	void *const spare = malloc(COUNT);
	void *volatile more = NULL;
	struct supplies supplies = { .reserve = spare };

	if (spare == NULL || getrlimit(RLIMIT_AS, &before) == -1)
		bail_out("getrlimit");
	none = before;
	none.rlim_cur = 0;
	/* valgrind would die of the limit itself, and emulators know none */
	if (getenv("MUX_TEST_WRAPPER") != NULL ||
	    setrlimit(RLIMIT_AS, &none) == -1 || (more = malloc(MUCH)) != NULL) {
		(void)setrlimit(RLIMIT_AS, &before);
		skip("memory cannot be limited", "the reserve");
		free(more);
		free(spare);
		return;
	}
	queue_fill(&queue, in, COUNT, &supplies);
	(void)setrlimit(RLIMIT_AS, &before);
	ok(supplies.reserve == NULL && queue.bytes == spare,
	    "without memory the reserve is taken");
	ok(supplies.was_short, "which is told");
	ok(memcmp(queue.bytes, in, COUNT) == 0, "and holds what is queued");
	queue_discard(&queue, &supplies);	/* a leak would show in a sanitizer */
	ok(queue_is_empty(&queue) && queue.bytes == NULL, "until it is empty");
	supplies_close(&supplies);
#endif
}

void
test_queue(void)
{
	struct queue queue = { .bytes = NULL };
	struct supplies supplies;
	void *reserve;
	int fds[2];
	size_t i;

	if (supplies_open(&supplies) == -1)
		bail_out("supplies");
	reserve = supplies.reserve;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1 ||
	    fcntl(fds[0], F_SETFL, O_NONBLOCK) == -1 ||
	    fcntl(fds[1], F_SETFL, O_NONBLOCK) == -1)
		bail_out("socketpair");
	for (i = 0; i < COUNT; i++)
		in[i] = (unsigned char)(i * 2654435761U >> 13);

	ok(queue_is_empty(&queue), "all zero is empty");
	queue_discard(&queue, &supplies);
	queue_fill(&queue, in, COUNT, &supplies);
	ok(!queue_is_empty(&queue) && supplies.reserve == reserve,
	    "takes what it is given, and no reserve for it");
	is((long long)drain_all(&queue, &supplies, fds[0], fds[1]), COUNT,
	    "gives all of it, in pieces");
	ok(memcmp(in, out, COUNT) == 0, "in order");
	ok(queue_is_empty(&queue) && queue.bytes == NULL,
	    "and has no memory when it is empty");
	queue_fill(&queue, in, 10, &supplies);
	is((long long)queue_drain(&queue, fds[0], &supplies), 10, "and again");
	queue_fill(&queue, in, 10, &supplies);
	queue_discard(&queue, &supplies);
	ok(queue_is_empty(&queue), "empty when it is discarded");
	(void)close(fds[0]);
	(void)close(fds[1]);
	supplies_close(&supplies);
	test_reserve();
}
