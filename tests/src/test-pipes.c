/* SPDX-License-Identifier: ISC */

/* test-pipes.c - pipes for splicing, and blocks for queues. */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "relay/queue.h"
#include "tap.h"
#include "units.h"

#define COUNT	5000

static void
test_blocks(void)
{
	struct blocks blocks = { .idle_bytes = 0 };
	void *list[10];
	void *small, *large;
	size_t i;

	small = blocks_take(&blocks, 1);
	large = blocks_take(&blocks, BLOCK_MAX_BYTES);
	ok(small != NULL && large != NULL, "blocks of both ends");
	memset(small, 1, BLOCK_MIN_BYTES);
	memset(large, 2, BLOCK_MAX_BYTES);
	blocks_give(&blocks, small, 1);
	blocks_give(&blocks, large, BLOCK_MAX_BYTES);
	ok(blocks.idle_bytes == BLOCK_MIN_BYTES + BLOCK_MAX_BYTES,
	    "that are given back are kept");
	ok(blocks_take(&blocks, BLOCK_MIN_BYTES) == small,
	    "one that was given back is taken again");
	ok(blocks_take(&blocks, BLOCK_MAX_BYTES - 1) == large,
	    "also for a little less");
	ok(blocks.idle_bytes == 0, "then nothing is idle");
	blocks_give(&blocks, small, 1);
	blocks_give(&blocks, large, BLOCK_MAX_BYTES);
	for (i = 0; i < 10; i++)
		list[i] = blocks_take(&blocks, BLOCK_MAX_BYTES);
	for (i = 0; i < 10; i++)
		blocks_give(&blocks, list[i], BLOCK_MAX_BYTES);
	ok(blocks.idle_bytes <= 4 * BLOCK_MAX_BYTES, "not all is kept");
	blocks_free(&blocks);
	for (i = 0; i < BLOCK_KINDS && blocks.idle[i] == NULL; i++)
		continue;
	ok(blocks.idle_bytes == 0 && i == BLOCK_KINDS,
	    "and all is given back when asked");
}

#ifdef HAVE_SPLICE

static bool
is_open(int fd)
{
	return (fcntl(fd, F_GETFD) != -1);
}

static void
test_pool(void)
{
	struct pipes pipes = { .open_max = 2 };
	struct pipe *one, *two;
	int fd;

	one = pipes_take(&pipes);
	two = pipes_take(&pipes);
	ok(one != NULL && two != NULL, "as many as are allowed");
	ok((fcntl(one->read_fd, F_GETFL) & fcntl(one->write_fd, F_GETFL) &
	    O_NONBLOCK) != 0, "neither end blocks");
	ok((fcntl(one->read_fd, F_GETFD) & fcntl(one->write_fd, F_GETFD) &
	    FD_CLOEXEC) != 0, "nor is one inherited");
	ok(fcntl(one->write_fd, F_GETPIPE_SZ) > 64 * 1024,
	    "it holds more than a pipe does of itself");
	errno = EDOM;
	ok(pipes_take(&pipes) == NULL && errno == EDOM,
	    "no more, and errno is kept");
	pipes_give(&pipes, one, true);
	ok(pipes_take(&pipes) == one, "an empty one is used again");
	fd = two->read_fd;
	pipes_give(&pipes, two, false);
	ok(!is_open(fd) && pipes.idle == NULL && pipes.open == 1,
	    "one that is not empty is closed");
	fd = one->write_fd;
	pipes_give(&pipes, one, true);
	ok(is_open(fd), "an idle one stays open");
	pipes_free(&pipes);
	ok(!is_open(fd) && pipes.open == 0, "until all are freed");
}

/* From one socket pair through a queue's pipe to another one. */
static void
test_way(void)
{
	struct supplies supplies;
	struct queue queue = { .bytes = NULL };
	char in[COUNT], out[COUNT];
	int from[2], to[2];
	size_t i;

	if (supplies_open(&supplies) == -1 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, from) == -1 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, to) == -1)
		bail_out("sockets");
	supplies.pipes.open_max = 1;
	for (i = 0; i < COUNT; i++)
		in[i] = (char)(i * 7);
	is(write(from[0], in, COUNT), COUNT, "bytes");
	is(queue_splice(&queue, from[1], &supplies), COUNT, "into the pipe");
	ok(!queue_is_empty(&queue), "are queued");
	is(queue_drain(&queue, to[0], &supplies), COUNT, "out of the pipe");
	ok(queue_is_empty(&queue) && queue.pipe == NULL &&
	    supplies.pipes.idle_count == 1, "the pipe is there for others");
	is(read(to[1], out, COUNT), COUNT, "they arrive");
	ok(memcmp(in, out, COUNT) == 0, "as they were");

	is(write(from[0], in, COUNT), COUNT, "bytes");
	is(queue_splice(&queue, from[1], &supplies), COUNT, "into the pipe");
	queue_discard(&queue, &supplies);
	ok(queue_is_empty(&queue) && supplies.pipes.open == 0,
	    "a pipe with bytes goes with them");
	is(queue_splice(&queue, from[1], &supplies), -1, "nothing");
	ok(errno == EAGAIN && queue.pipe == NULL &&
	    supplies.pipes.idle_count == 1, "takes no pipe");
	supplies.pipes.are_refused = true;
	is(queue_splice(&queue, from[1], &supplies), -1, "where it is refused");
	is(errno, EMFILE, "there is no pipe");
	supplies_close(&supplies);
	(void)close(from[0]);
	(void)close(from[1]);
	(void)close(to[0]);
	(void)close(to[1]);
}

/* A regular file that appends cannot be spliced to: the bytes come out. */
static void
test_refusal(void)
{
	FILE *file = tmpfile();
	char in[COUNT];
	struct supplies supplies;
	struct queue queue = { .bytes = NULL };
	int from[2], fd;

	if (file == NULL)
		bail_out("no file");
	fd = fileno(file);
	if (fcntl(fd, F_SETFL, O_APPEND) == -1 ||
	    supplies_open(&supplies) == -1 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, from) == -1)
		bail_out("a file");
	supplies.pipes.open_max = 1;
	memset(in, 'x', COUNT);
	ok(write(from[0], in, COUNT) == COUNT &&
	    queue_splice(&queue, from[1], &supplies) == COUNT, "a full pipe");
	is(queue_drain(&queue, fd, &supplies), -1, "is not drained there");
	is(errno, ENOTSOCK, "nor is memory");
	ok(queue.pipe == NULL && queue.used == COUNT &&
	    memcmp(queue.bytes, in, COUNT) == 0, "but all is in memory");
	ok(supplies.pipes.idle_count == 1, "and the pipe is empty");
	queue_discard(&queue, &supplies);
	supplies_close(&supplies);
	(void)close(from[0]);
	(void)close(from[1]);
	(void)fclose(file);
}

void
test_pipes(void)
{
	test_blocks();
	test_pool();
	test_way();
	test_refusal();
}

#else

void
test_pipes(void)
{
	struct pipes pipes = { .open_max = 2 };

	test_blocks();
	ok(pipes_take(&pipes) == NULL, "no pipe where there is no splice");
}

#endif
