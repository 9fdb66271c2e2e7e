/* SPDX-License-Identifier: ISC */

/* test-worker.c - a worker and one session from its start to its end. */

#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/socket.h"
#include "mux.h"
#include "refusals.h"
#include "refuse.h"
#include "relay/worker.h"
#include "tap.h"

#define TURNS_MAX	200
#define TURN_MS		50

static const struct refusal refusals[] = {
	{ CALL_calloc, ENOMEM }, { CALL_malloc, ENOMEM },
	{ CALL_realloc, ENOMEM }, { CALL_strdup, ENOMEM },
	{ CALL_pipe, EMFILE }, { CALL_fcntl, EINVAL },
	{ CALL_pthread_create, EAGAIN }, { CALL_getaddrinfo, EAI_MEMORY },
	{ CALL_epoll_create1, EMFILE }, { CALL_epoll_ctl, ENOMEM },
	{ CALL_socket, EMFILE }, { CALL_socket, EACCES },
	{ CALL_socketpair, EMFILE }, { CALL_socketpair, EPERM },
	{ CALL_connect, ENETUNREACH }, { CALL_connect, EINTR },
	{ CALL_connect, EAGAIN }, { CALL_getsockopt, ENOBUFS },
	{ CALL_getsockname, ENOBUFS }, { CALL_getpeername, ENOTCONN },
	{ CALL_getpeername, ENOBUFS }, { CALL_setsockopt, ENOBUFS },
	{ CALL_ioctl, EINVAL }, { CALL_recv, ECONNRESET },
	{ CALL_recv, ENOMEM }, { CALL_recv, EINTR }, { CALL_recv, EAGAIN },
	{ CALL_send, ECONNRESET }, { CALL_send, ENOBUFS },
	{ CALL_send, EINTR }, { CALL_send, EAGAIN }, { CALL_send, EPIPE },
};

/* A name, a port where nobody listens, a missing path, and one that works. */
static struct target upstreams[] = {
	{ .kind = TARGET_INET, .host = "localhost", .port = 1 },
	{ .kind = TARGET_INET, .host = "127.0.0.1", .port = 1 },
	{ .kind = TARGET_UNIX, .path = "/nonexistent/socket" },
	{ .kind = TARGET_BUILTIN, .service = SERVICE_ECHO },
};

static struct {
	struct mux_loop *loop;
	struct log *log;
	struct line *line;
	struct worker *worker;
	int listener_fd, client_fd;
	size_t came;
	bool has_ended, is_drained;
} world;

static void
on_drained(void *arg)
{
	(void)arg;
	world.is_drained = true;
}

/* A socket that listens on a port of its own, and a client of it. */
static int
open_sockets(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(in);

	world.listener_fd = socket_open(AF_INET);
	world.client_fd = -1;
	if (world.listener_fd == -1 || bind(world.listener_fd,
	    (struct sockaddr *)&in, sizeof(in)) == -1 ||
	    listen(world.listener_fd, 5) == -1 || getsockname(world.listener_fd,
	    (struct sockaddr *)&in, &length) == -1)
		return (-1);
	world.client_fd = socket_open(AF_INET);
	if (world.client_fd == -1)
		return (-1);
	return (connect(world.client_fd, (struct sockaddr *)&in, length) == -1 &&
	    errno != EINPROGRESS ? -1 : 0);
}

/* By read(2) and write(2), which the relay does not use for sockets. */
static void
read_echo(void)
{
	char bytes[64];
	ssize_t n;

	n = read(world.client_fd, bytes, sizeof(bytes));
	if (n > 0)
		world.came += (size_t)n;
	world.has_ended = n == 0 || (n == -1 && errno != EAGAIN &&
	    errno != EINTR);
}

static void
exchange(void)
{
	unsigned turns = TURNS_MAX;
	bool is_sent = false;

	while (!world.has_ended && turns-- > 0) {
		if (mux_loop_once(world.loop, TURN_MS) == -1)
			break;
		if (!is_sent)
			is_sent = write(world.client_fd, "hello", 5) == 5 &&
			    shutdown(world.client_fd, SHUT_WR) == 0;
		read_echo();
	}
}

/* Without a worker, or when it cannot listen, the listener is ours. */
static void
serve(void)
{
	const struct listening listening = { .fd = world.listener_fd,
	    .line = world.line };

	if (world.worker == NULL ||
	    acceptor_serve(&world.worker->acceptor, &listening, 1) == -1) {
		if (world.listener_fd != -1)
			socket_close(world.listener_fd);
	} else if (worker_start(world.worker, 4) == 0)
		exchange();
	if (world.worker == NULL)
		return;
	worker_drain(world.worker, true, on_drained, NULL);
	worker_cut(world.worker, REASON_SHUTDOWN);
	worker_destroy(world.worker);
}

static void
relay_one(void)
{
	static const struct route defaults = { .name = "a", .upstreams = upstreams,
	    .upstreams_count = sizeof(upstreams) / sizeof(upstreams[0]),
	    .connect_timeout_ms = 300, .idle_timeout_ms = 300,
	    .half_close_timeout_ms = 300 };

	world.came = 0;
	world.has_ended = world.is_drained = false;
	world.log = log_create(SEVERITY_DEBUG, -1);
	world.loop = mux_loop_create();
	world.worker = NULL;
	world.line = line_create(&defaults, 1, NULL, NULL);
	if (world.log != NULL && world.loop != NULL && world.line != NULL &&
	    open_sockets() == 0)
		world.worker = worker_create(1, world.loop, world.log);
	serve();
	if (world.client_fd != -1)
		socket_close(world.client_fd);
	world.listener_fd = world.client_fd = -1;
	line_release(world.line);
	mux_loop_destroy(world.loop);
	log_destroy(world.log);
}

static void
renew(void)
{
	struct supplies supplies = { .reserve = NULL };

	refuse(CALL_malloc, 1, ENOMEM);
	ok(supplies_renew(&supplies) == -1 && supplies.was_short,
	    "no memory for a reserve, which is told");
	(void)refuse_end();
	ok(supplies_renew(&supplies) == 0 && supplies.reserve != NULL,
	    "and asked for again");
	free(supplies.reserve);
}

void
test_worker(void)
{
	renew();
	world.listener_fd = world.client_fd = -1;
	relay_one();
	is((long long)world.came, 5, "an echo comes back");
	ok(world.has_ended && world.is_drained, "and its end");
	refuse_each("a session", refusals,
	    sizeof(refusals) / sizeof(refusals[0]), relay_one);
}
