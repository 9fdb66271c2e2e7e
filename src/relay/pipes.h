/* SPDX-License-Identifier: ISC */

/*
 * pipes.h - pipes through which the system moves bytes from socket to socket
 * by splice(2), without their coming to the program.
 *
 * A pipe holds what a large read would have taken, is the queue of its flow,
 * and goes back to the pool only when it is empty.  Where there is no
 * splice(2), or no pipe to be had, flows copy.
 */

#ifndef RELAY_PIPES_H
#define RELAY_PIPES_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

struct pipe {
	int read_fd, write_fd;
	struct pipe *next;	/* in the pool */
};

/* Of one worker.  All zero is a pool that never has a pipe. */
struct pipes {
	struct pipe *idle;
	size_t idle_count;
	size_t open, open_max;	/* pipes: in use or idle, of so many */
	bool are_refused;	/* the system has refused to splice at all */
};

/* An empty pipe, or NULL: the flow copies.  Keeps errno. */
struct pipe *pipes_take(struct pipes *pipes);

/* Takes a pipe back; one that is not empty is closed. */
void pipes_give(struct pipes *pipes, struct pipe *pipe, bool is_empty);

void pipes_free(struct pipes *pipes);

/*
 * One splice(2) of at most size_bytes into an empty pipe, or out of it: what
 * that returns.  EINVAL where a socket's family cannot, or where nobody may:
 * then there are no more pipes to be taken either.
 */
ssize_t pipe_fill(struct pipes *pipes, struct pipe *pipe, int fd,
    size_t size_bytes);
ssize_t pipe_drain(struct pipes *pipes, struct pipe *pipe, int fd,
    size_t size_bytes);

/* One read(2) from the pipe, where draining it is refused. */
ssize_t pipe_read(struct pipe *pipe, void *bytes, size_t size_bytes);

#endif
