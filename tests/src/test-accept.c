/* SPDX-License-Identifier: ISC */

/* test-accept.c - a worker: how much it accepts, and what errors do to it. */

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/socket.h"
#include "mux.h"
#include "refusals.h"
#include "refuse.h"
#include "relay/worker.h"
#include "tap.h"

#define LISTENERS	2
#define CLIENTS		80
#define TURNS_MAX	200
#define TURN_MS		50
#define IDLE_MS		1000
#define FDS_LOOKED_AT	64
#define TURN_ACCEPTS	64	/* at the most, in one turn of a listener */
#define FAILURES	64	/* in a row, before accepting pauses */

static struct target upstreams[] = {
	{ .kind = TARGET_BUILTIN, .service = SERVICE_DISCARD },
};
static struct route route = { .name = "a", .upstreams = upstreams,
    .upstreams_count = 1, .connect_timeout_ms = 1000,
    .idle_timeout_ms = 60000, .half_close_timeout_ms = 60000 };

static struct mux_loop *loop;
static struct log *log_of_it;
static struct line *line;
static struct worker *worker;
static struct sockaddr_in places[LISTENERS];
static int clients[CLIENTS];
static size_t clients_count;

static void
on_drained(void *arg)
{
	(void)arg;
}

static int
listen_at(struct sockaddr_in *in)
{
	socklen_t length = sizeof(*in);
	int fd;

	*in = (struct sockaddr_in){ .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	fd = socket_open(AF_INET);
	if (fd == -1 || bind(fd, (struct sockaddr *)in, length) == -1 ||
	    listen(fd, CLIENTS) == -1 ||
	    getsockname(fd, (struct sockaddr *)in, &length) == -1)
		bail_out("listen");
	return (fd);
}

static void
begin(size_t listeners)
{
	struct listening list[LISTENERS];
	size_t i;

	line = line_create(&route, 1, NULL, NULL);
	for (i = 0; i < listeners; i++)
		list[i] = (struct listening){ .fd = listen_at(&places[i]),
		    .line = line };
	listening_sort(list, listeners);
	log_of_it = log_create(SEVERITY_INFO, -1);
	loop = mux_loop_create();
	if (log_of_it == NULL || loop == NULL || line == NULL ||
	    (worker = worker_create(1, loop, log_of_it)) == NULL ||
	    acceptor_serve(&worker->acceptor, list, listeners) == -1)
		bail_out("worker_create");
	clients_count = 0;
}

static void
end(void)
{
	worker_drain(worker, true, on_drained, NULL);
	worker_cut(worker, REASON_SHUTDOWN);
	worker_destroy(worker);
	line_release(line);
	mux_loop_destroy(loop);
	log_destroy(log_of_it);
	while (clients_count > 0)
		socket_close(clients[--clients_count]);
}

/* On the loopback a connection is made before connect(2) returns. */
static void
come(size_t listener, size_t count)
{
	struct sockaddr *sa = (struct sockaddr *)&places[listener];

	while (count-- > 0) {
		clients[clients_count] = socket_open(AF_INET);
		if (clients[clients_count] == -1 ||
		    (connect(clients[clients_count++], sa,
		    sizeof(places[listener])) == -1 && errno != EINPROGRESS))
			bail_out("connect");
	}
}

static long long
accepted_in_a_turn(void)
{
	const uint64_t before = worker->counters.sessions;

	if (mux_loop_once(loop, 0) == -1)
		bail_out("mux_loop_once");
	return ((long long)(worker->counters.sessions - before));
}

static void
test_share(void)
{
	begin(LISTENERS);
	is(worker_start(worker, CLIENTS), 0, "a start");
	come(0, CLIENTS - 1);
	is(accepted_in_a_turn(), TURN_ACCEPTS, "so many in one turn");
	is(accepted_in_a_turn(), CLIENTS - 1 - TURN_ACCEPTS,
	    "the others in the next");
	come(1, 1);
	is(accepted_in_a_turn(), 1, "one of the other listener");
	ok(!acceptor_accepts(&worker->acceptor) && !worker->acceptor.is_short, "then it is enough");
	end();
}

static void
test_limit(void)
{
	begin(1);
	is(worker_start(worker, 2), 0, "a start with a limit");
	come(0, 3);
	is(accepted_in_a_turn(), 2, "no more than the limit");
	worker_cut(worker, REASON_SHUTDOWN);
	is(accepted_in_a_turn(), 1, "more when there is room");
	end();
}

/* One error at the second of three connections. */
static void
meet(int error, bool is_shortage)
{
	begin(1);
	is(worker_start(worker, CLIENTS), 0, "a start before %s",
	    strerror(error));
	come(0, 3);
	refuse(CALL_accept4, 2, error);
	is(accepted_in_a_turn(), is_shortage ? 1 : 3, "%s",
	    is_shortage ? "accepting pauses" : "the others are accepted");
	ok(worker->acceptor.is_short == is_shortage, "%s",
	    is_shortage ? "for a while" : "nothing pauses");
	is((long long)refuse_end(), 1, "one failed");
	end();
}

static void
test_errors(void)
{
	static const int passing[] = { EINTR, ECONNABORTED, EPROTO, EPERM,
	    ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENOPROTOOPT,
	    EOPNOTSUPP, ETIMEDOUT };
	static const int shortages[] = { EMFILE, ENFILE, ENOBUFS, ENOMEM };
	size_t i;

	for (i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		meet(passing[i], false);
	for (i = 0; i < sizeof(shortages) / sizeof(shortages[0]); i++)
		meet(shortages[i], true);
}

static void
test_nothing_but_errors(void)
{
	begin(1);
	is(worker_start(worker, CLIENTS), 0, "a start before many errors");
	come(0, 1);
	refuse(CALL_accept4, 0, ECONNABORTED);
	is(accepted_in_a_turn(), 0, "none comes");
	ok(worker->acceptor.is_short, "accepting pauses");
	is((long long)refuse_end(), FAILURES, "after so many");
	end();
}

static void
on_fd(struct mux_loop *other, int fd, unsigned events, void *arg)
{
	(void)other;
	(void)fd;
	(void)events;
	(void)arg;
}

/* What was registered before the one that cannot be is not any more. */
static void
test_open(void)
{
	static const struct taker taker;
	struct listening list[3];
	struct acceptor acceptor;
	int fds[4], i;

	loop = mux_loop_create();
	if (loop == NULL || pipe(fds) == -1 || pipe(fds + 2) == -1)
		bail_out("pipes");
	socket_close(fds[2]);
	line = line_create(&route, 1, NULL, NULL);
	if (line == NULL ||
	    acceptor_open(&acceptor, loop, NULL, &taker, NULL) == -1)
		bail_out("acceptor_open");
	for (i = 0; i < 3; i++)
		list[i] = (struct listening){ .fd = fds[i], .line = line };
	listening_sort(list, 3);
	is(acceptor_serve(&acceptor, list, 3), -1, "a listener that is closed");
	ok(mux_fd_register(loop, fds[0], MUX_READ, on_fd, NULL) == 0 &&
	    mux_fd_register(loop, fds[1], MUX_READ, on_fd, NULL) == 0,
	    "leaves the others to whoever has them");
	mux_fd_unregister(loop, fds[0]);
	mux_fd_unregister(loop, fds[1]);
	acceptor_free(&acceptor);
	line_release(line);
	mux_loop_destroy(loop);
	socket_close(fds[0]);
	socket_close(fds[1]);
	socket_close(fds[3]);
}

static void
test_start(void)
{
	begin(1);
	refuse(CALL_epoll_ctl, 1, ENOMEM);
	is(worker_start(worker, CLIENTS), -1, "a start that fails");
	is((long long)refuse_end(), 1, "for the listener");
	end();
}

/*
 * What a session waits for cannot be changed when its client has finished,
 * for want of memory: it is tried again, and all ends as it should.
 */
static void
test_rest(void)
{
	const uint64_t *reasons;
	int turns;

	begin(1);
	reasons = worker->counters.reasons;
	is(worker_start(worker, CLIENTS), 0, "a start before a session rests");
	come(0, 1);
	for (turns = 0; turns < 5; turns++)
		(void)accepted_in_a_turn();
	is((long long)worker->acceptor.sessions_count, 1, "a session");
	refuse(CALL_epoll_ctl, 1, ENOMEM);
	if (shutdown(clients[0], SHUT_WR) == -1)
		bail_out("shutdown");
	for (turns = 0; !worker->acceptor.is_short && turns < TURNS_MAX; turns++)
		(void)mux_loop_once(loop, TURN_MS);
	is((long long)refuse_end(), 1, "it cannot be watched");
	is((long long)worker->acceptor.sessions_count, 1, "it rests");
	for (turns = 0; worker->acceptor.sessions_count > 0 && turns < TURNS_MAX;
	    turns++)
		(void)mux_loop_once(loop, TURN_MS);
	is((long long)(reasons[REASON_CLIENT_FIN] +
	    reasons[REASON_UPSTREAM_FIN]), 1, "and ends well");
	end();
}

/* Any other reason not to be watched would not pass. */
static void
test_unwatchable(void)
{
	int turns;

	begin(1);
	is(worker_start(worker, CLIENTS), 0, "a start before one must end");
	come(0, 1);
	for (turns = 0; turns < 5; turns++)
		(void)accepted_in_a_turn();
	refuse(CALL_epoll_ctl, 1, EPERM);
	if (shutdown(clients[0], SHUT_WR) == -1)
		bail_out("shutdown");
	for (turns = 0; worker->acceptor.sessions_count > 0 && turns < TURNS_MAX;
	    turns++)
		(void)mux_loop_once(loop, TURN_MS);
	is((long long)refuse_end(), 1, "it cannot be watched at all");
	is((long long)worker->counters.reasons[REASON_SYSTEM_ERROR], 1,
	    "and has to end");
	end();
}

/* A shortage is over when nothing is left that could accept. */
static void
test_drained(void)
{
	begin(1);
	is(worker_start(worker, CLIENTS), 0, "a start before a drain");
	come(0, 1);
	refuse(CALL_accept4, 1, EMFILE);
	is(accepted_in_a_turn(), 0, "a shortage");
	(void)refuse_end();
	worker_drain(worker, true, on_drained, NULL);
	is(mux_loop_once(loop, -1), 1, "its time is up");
	ok(!worker->acceptor.is_short && !acceptor_accepts(&worker->acceptor),
	    "and it does not begin anew");
	end();
}

static int
open_fds(void)
{
	int fd, count = 0;

	for (fd = 0; fd < FDS_LOOKED_AT; fd++)
		count += fcntl(fd, F_GETFD) != -1;
	return (count);
}

static void
on_ended(void *arg)
{
	int *count = arg;

	*count = open_fds();
}

/* Who is told of an end may accept at once: it needs the descriptors. */
static void
test_ended(void)
{
	struct arrival arrival = { .client = { .sa = { .sa_family = AF_INET } } };
	int at_the_end = 0;

	begin(1);
	worker_tell_ends(worker, on_ended, &at_the_end);
	is(worker_start(worker, CLIENTS), 0, "a start before an early end");
	come(0, 1);
	is(accepted_in_a_turn(), 1, "a session that is not connected yet");
	worker_cut(worker, REASON_SHUTDOWN);
	is(at_the_end, open_fds(), "has closed all when its end is told");
	at_the_end = 0;
	arrival.fd = socket_open(AF_INET);
	arrival.line = line;
	line_enter(line, 0);
	worker_refuse(worker, &arrival, REASON_SHUTDOWN);
	is(at_the_end, open_fds(), "and so has one that never began");
	end();
}

/* Of a limit, not a multiple of it. */
static void
test_idle(void)
{
	uint64_t start_ms;

	route.idle_timeout_ms = IDLE_MS;
	begin(1);
	is(worker_start(worker, CLIENTS), 0, "a start before silence");
	come(0, 1);
	start_ms = mux_loop_now_ms(loop);
	is(accepted_in_a_turn(), 1, "a session");
	while (worker->acceptor.sessions_count > 0)
		(void)mux_loop_once(loop, -1);
	is((long long)worker->counters.reasons[REASON_IDLE], 1,
	    "it ends when it was idle");
	ok(mux_loop_now_ms(loop) - start_ms < IDLE_MS * 3, "in time");
	end();
}

void
test_accept(void)
{
	test_open();
	test_share();
	test_limit();
	test_errors();
	test_nothing_but_errors();
	test_start();
	test_rest();
	test_unwatchable();
	test_drained();
	test_ended();
	test_idle();
}
