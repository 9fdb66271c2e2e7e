/* SPDX-License-Identifier: ISC */

/*
 * pipes.c - pipes for splice(2).
 *
 * SPLICE_F_MORE is never set: it would hold back the end of what was sent for
 * up to 200 ms.  SPLICE_F_NONBLOCK concerns the pipe; sockets are non-blocking
 * by themselves.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/socket.h"
#include "relay/pipes.h"

#ifdef HAVE_SPLICE

/* What a pipe should hold; fewer bytes are no failure. */
#define PIPE_BYTES	(1024 * 1024)

/* So many are kept open while no flow wants them. */
#define IDLE_MAX	16

static void
pipe_close(struct pipes *pipes, struct pipe *pipe)
{
	socket_close(pipe->read_fd);
	socket_close(pipe->write_fd);
	free(pipe);
	pipes->open--;
}

static struct pipe *
pipe_open(struct pipes *pipes)
{
	struct pipe *pipe = malloc(sizeof(*pipe));
	int fds[2];

	if (pipe == NULL)
		return (NULL);
	if (pipe2(fds, O_NONBLOCK | O_CLOEXEC) == -1) {
		free(pipe);
		return (NULL);
	}
	pipe->read_fd = fds[0];
	pipe->write_fd = fds[1];
	/* refused to a user who has many: then it is as large as it is */
	(void)fcntl(fds[1], F_SETPIPE_SZ, PIPE_BYTES);
	pipes->open++;
	return (pipe);
}

struct pipe *
pipes_take(struct pipes *pipes)
{
	const int saved_errno = errno;
	struct pipe *pipe = pipes->idle;

	if (pipes->are_refused)
		return (NULL);
	if (pipe != NULL) {
		pipes->idle = pipe->next;
		pipes->idle_count--;
	} else if (pipes->open < pipes->open_max)
		pipe = pipe_open(pipes);
	errno = saved_errno;
	return (pipe);
}

void
pipes_give(struct pipes *pipes, struct pipe *pipe, bool is_empty)
{
	if (!is_empty || pipes->idle_count == IDLE_MAX) {
		pipe_close(pipes, pipe);
		return;
	}
	pipe->next = pipes->idle;
	pipes->idle = pipe;
	pipes->idle_count++;
}

void
pipes_free(struct pipes *pipes)
{
	struct pipe *pipe;

	while ((pipe = pipes->idle) != NULL) {
		pipes->idle = pipe->next;
		pipes->idle_count--;
		pipe_close(pipes, pipe);
	}
}

/* A system call filter or a kernel that only looks like Linux may refuse. */
static ssize_t
splice_once(struct pipes *pipes, int from, int to, size_t size_bytes)
{
	ssize_t n;

	n = splice(from, NULL, to, NULL, size_bytes, SPLICE_F_NONBLOCK);
	if (n == -1 && (errno == ENOSYS || errno == EPERM)) {
		pipes->are_refused = true;
		errno = EINVAL;
	}
	return (n);
}

ssize_t
pipe_fill(struct pipes *pipes, struct pipe *pipe, int fd, size_t size_bytes)
{
	return (splice_once(pipes, fd, pipe->write_fd, size_bytes));
}

ssize_t
pipe_drain(struct pipes *pipes, struct pipe *pipe, int fd, size_t size_bytes)
{
	return (splice_once(pipes, pipe->read_fd, fd, size_bytes));
}

ssize_t
pipe_read(struct pipe *pipe, void *bytes, size_t size_bytes)
{
	return (read(pipe->read_fd, bytes, size_bytes));
}

#else

struct pipe *
pipes_take(struct pipes *pipes)
{
	(void)pipes;
	return (NULL);
}

void
pipes_give(struct pipes *pipes, struct pipe *pipe, bool is_empty)
{
	(void)pipes;
	(void)pipe;
	(void)is_empty;
}

void
pipes_free(struct pipes *pipes)
{
	(void)pipes;
}

static ssize_t
unsupported(void)
{
	errno = ENOTSUP;
	return (-1);
}

ssize_t
pipe_fill(struct pipes *pipes, struct pipe *pipe, int fd, size_t size_bytes)
{
	(void)pipes;
	(void)pipe;
	(void)fd;
	(void)size_bytes;
	return (unsupported());
}

ssize_t
pipe_drain(struct pipes *pipes, struct pipe *pipe, int fd, size_t size_bytes)
{
	return (pipe_fill(pipes, pipe, fd, size_bytes));
}

ssize_t
pipe_read(struct pipe *pipe, void *bytes, size_t size_bytes)
{
	(void)pipe;
	(void)bytes;
	(void)size_bytes;
	return (unsupported());
}

#endif
