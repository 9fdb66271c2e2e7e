/* SPDX-License-Identifier: ISC */

/*
 * builtin.c - echo, discard and chargen.
 *
 * A server reads until its buffer is full, writes until it is empty, and
 * goes away when its peer has ended and everything is written, or on an
 * error.  A shortage in the kernel is waited out.  Interest is computed from
 * that in one place.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/socket.h"
#include "upstream/builtin.h"

#define BUFFER_BYTES	(64 * 1024)
#define CHARGEN_LINE	72	/* characters; RFC 864 */
#define CHARGEN_FIRST	' '
#define CHARGEN_SET	95	/* printing characters of ASCII */
#define SHORT_MS	50	/* a socket that lacks memory rests so long */

struct builtin {
	struct builtins *owner;
	struct builtin *previous, *next;
	struct mux_timer *timer;	/* of a rest */
	enum target_service service;
	int fd;
	bool ended;		/* the peer sends no more */
	bool is_short;		/* rests */
	unsigned line;		/* chargen: number of the next line */
	size_t used, sent;	/* bytes in the buffer, and of them written */
	unsigned char buffer[BUFFER_BYTES];
};

static void
builtin_close(struct builtin *builtin)
{
	struct builtins *owner = builtin->owner;

	mux_fd_unregister(owner->loop, builtin->fd);
	mux_timer_destroy(builtin->timer);
	socket_close(builtin->fd);
	if (builtin->previous != NULL)
		builtin->previous->next = builtin->next;
	else
		owner->first = builtin->next;
	if (builtin->next != NULL)
		builtin->next->previous = builtin->previous;
	free(builtin);
}

static unsigned
interest(const struct builtin *builtin)
{
	const bool pending = builtin->sent < builtin->used;

	if (builtin->is_short)
		return (0);
	if (builtin->service == SERVICE_CHARGEN)
		return ((builtin->ended ? 0U : MUX_READ) | MUX_WRITE);
	return ((builtin->ended || pending ? 0U : MUX_READ) |
	    (pending ? MUX_WRITE : 0U));
}

/* Lines of 72 characters, each beginning one character further on. */
static void
fill_chargen(struct builtin *builtin)
{
	unsigned i;

	builtin->used = builtin->sent = 0;
	while (builtin->used + CHARGEN_LINE + 2 <= BUFFER_BYTES) {
		for (i = 0; i < CHARGEN_LINE; i++)
			builtin->buffer[builtin->used++] = (unsigned char)
			    (CHARGEN_FIRST + (builtin->line + i) % CHARGEN_SET);
		builtin->buffer[builtin->used++] = '\r';
		builtin->buffer[builtin->used++] = '\n';
		builtin->line++;
	}
}

static void
rest(struct builtin *builtin)
{
	builtin->is_short = true;
	mux_timer_start(builtin->timer, SHORT_MS);
}

/* After an error of a read or a write: whether another try may help. */
static bool
may_retry(struct builtin *builtin)
{
	if (socket_is_short(errno)) {
		rest(builtin);
		return (true);
	}
	return (errno == EAGAIN || errno == EINTR);
}

/* What cannot be watched for want of memory is tried again, not given up. */
static void
watch(struct builtin *builtin)
{
	struct mux_loop *loop = builtin->owner->loop;

	if (mux_fd_modify(loop, builtin->fd, interest(builtin)) == 0)
		return;
	rest(builtin);
	(void)mux_fd_modify(loop, builtin->fd, 0);	/* cannot fail */
}

/* False when the connection is of no more use. */
static bool
read_some(struct builtin *builtin)
{
	/* what chargen has to send stays in the buffer */
	unsigned char ignored[4096];
	const bool keep = builtin->service != SERVICE_CHARGEN;
	ssize_t n;

	n = recv(builtin->fd, keep ? builtin->buffer : ignored,
	    keep ? sizeof(builtin->buffer) : sizeof(ignored), 0);
	if (n == -1)
		return (may_retry(builtin));
	if (n == 0)
		builtin->ended = true;
	else if (builtin->service == SERVICE_ECHO) {
		builtin->used = (size_t)n;
		builtin->sent = 0;
	}
	return (true);
}

static bool
write_some(struct builtin *builtin)
{
	ssize_t n;

	if (builtin->service == SERVICE_CHARGEN &&
	    builtin->sent == builtin->used)
		fill_chargen(builtin);
	if (builtin->sent == builtin->used)
		return (true);
	n = send(builtin->fd, builtin->buffer + builtin->sent,
	    builtin->used - builtin->sent, MSG_NOSIGNAL);
	if (n == -1)
		return (may_retry(builtin));
	builtin->sent += (size_t)n;
	return (true);
}

static void
on_ready(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	struct builtin *builtin = arg;
	bool alive = true;

	(void)loop;
	(void)fd;
	if ((events & MUX_READ) != 0)
		alive = read_some(builtin);
	if (alive && !builtin->is_short)
		alive = write_some(builtin);
	if (alive && builtin->ended && (builtin->sent == builtin->used ||
	    builtin->service == SERVICE_CHARGEN))
		alive = false;
	if (alive)
		watch(builtin);
	else
		builtin_close(builtin);
}

static void
on_rested(struct mux_timer *timer, void *arg)
{
	struct builtin *builtin = arg;

	(void)timer;
	builtin->is_short = false;
	watch(builtin);
}

static void
builtin_free(struct builtin *builtin)
{
	mux_timer_destroy(builtin->timer);
	free(builtin);
}

int
builtin_open(struct builtins *builtins, enum target_service service)
{
	struct builtin *builtin;
	int fds[2];

	builtin = malloc(sizeof(*builtin));
	if (builtin == NULL)
		return (-1);
	builtin->owner = builtins;
	builtin->service = service;
	builtin->ended = builtin->is_short = false;
	builtin->line = 0;
	builtin->used = builtin->sent = 0;
	builtin->timer = mux_timer_create(builtins->loop, on_rested, builtin);
	if (builtin->timer == NULL || socket_pair(fds) == -1) {
		builtin_free(builtin);
		return (-1);
	}
	builtin->fd = fds[1];
	if (mux_fd_register(builtins->loop, fds[1], interest(builtin),
	    on_ready, builtin) == -1) {
		socket_close(fds[0]);
		socket_close(fds[1]);
		builtin_free(builtin);
		return (-1);
	}
	builtin->previous = NULL;
	builtin->next = builtins->first;
	if (builtins->first != NULL)
		builtins->first->previous = builtin;
	builtins->first = builtin;
	return (fds[0]);
}

void
builtins_close(struct builtins *builtins)
{
	struct builtin *builtin, *next;

	for (builtin = builtins->first; builtin != NULL; builtin = next) {
		next = builtin->next;
		builtin_close(builtin);
	}
}
