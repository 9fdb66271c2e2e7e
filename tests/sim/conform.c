/* SPDX-License-Identifier: ISC */

/*
 * conform.c - short scripts of calls, written down with what they returned.
 *
 *	conform-real FIRST COUNT
 *	conform-sim FIRST COUNT
 *
 * The same file, once on the system's own kernel and once on the simulated
 * one: what they print is to be the same.  One process has both ends of each
 * connection, and after every call the network comes to rest.
 *
 * Left out, because it cannot be the same or the relay never asks:
 * - how much fits into a buffer: a kernel counts more than the bytes;
 * - whatever takes time: retransmissions, time-outs, TIME_WAIT;
 * - names, but that there is one;
 * - urgent bytes of UNIX-domain sockets: kernels differ among themselves;
 * - POLLRDHUP and POLLPRI, edge triggering, a second connect(2) on one
 *   socket, and shutdown(2) of reading.
 */

#include <sys/socket.h>

#include <netinet/in.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conform.h"

#define STEPS_MAX	14
#define FLOODS_IN	8	/* so many scripts, one fills its queues */

int fds[SLOTS_COUNT];
bool has_connected[CLIENTS];
unsigned char next_byte;
unsigned long calls;
static uint64_t state;
int family;

/* A script must not depend on the dice that the simulated kernel throws. */
size_t
choose(size_t count)
{
	uint64_t z = (state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return ((size_t)((z ^ (z >> 31)) % count));
}

const char *
name_of(size_t slot)
{
	static const char *const names[SLOTS_COUNT] = { "client0", "client1",
	    "client2", "server0", "server1", "server2", "listener",
	    "refuser" };

	return (names[slot]);
}

static int
bound_socket(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct sockaddr sa = { .sa_family = AF_UNIX };
	const int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int result;

	if (family == AF_UNIX)		/* any name will do */
		result = bind(fd, &sa, sizeof(sa.sa_family));
	else
		result = bind(fd, (const struct sockaddr *)&sin, sizeof(sin));
	if (result == -1)
		abort();
	return (fd);
}

static void
begin(uint64_t seed)
{
	const int backlog = (int)choose(4);
	size_t slot;

	(void)printf("script %" PRIu64 "\n", seed);
	network_begin();
	family = choose(3) == 0 ? AF_UNIX : AF_INET;
	for (slot = 0; slot < SLOTS_COUNT; slot++)
		fds[slot] = -1;
	memset(is_full, 0, sizeof(is_full));
	next_byte = 0;
	fds[LISTENER] = bound_socket();
	fds[REFUSER] = bound_socket();
	if (listen(fds[LISTENER], backlog) == -1)
		abort();
	(void)printf("listen %s %d\n", family == AF_UNIX ? "UNIX" : "TCP",
	    backlog);
	if (choose(8) == 0)
		return;
	step_socket();
	step_connect();
	step_accept();
}

static void
end(void)
{
	size_t slot;

	for (slot = 0; slot < SLOTS_COUNT; slot++) {
		if (fds[slot] == -1)
			continue;
		if (slot < LISTENER)
			set_linger(fds[slot]);
		(void)close(fds[slot]);
	}
	(void)printf("end%s\n", network_was_late() ? " late" : "");
}

/* One that has something to do. */
static void
step(bool is_flood)
{
	static void (*const steps[])(void) = { step_socket, step_connect,
	    step_connect, step_accept, step_accept, step_send, step_send,
	    step_send, step_send, step_recv, step_recv, step_recv, step_recv,
	    step_shutdown, step_shutdown, step_close, step_close, step_reset,
	    step_option, step_option, step_name, step_unacked };
	static void (*const flood_steps[])(void) = { step_fill, step_fill,
	    step_drain, step_drain, step_send, step_recv, step_shutdown,
	    step_close, step_reset, step_option, step_name, step_unacked };
	const unsigned long before = calls;

	while (calls == before) {
		if (is_flood)
			flood_steps[choose(sizeof(flood_steps) /
			    sizeof(flood_steps[0]))]();
		else
			steps[choose(sizeof(steps) / sizeof(steps[0]))]();
	}
}

static void
run(uint64_t seed)
{
	bool is_flood;
	size_t count;

	state = seed;
	begin(seed);
	is_flood = choose(FLOODS_IN) == 0;
	for (count = 1 + choose(STEPS_MAX); count > 0; count--) {
		if (is_flood && choose_open(2 * CLIENTS) == -1)
			break;
		step(is_flood);
		look();
	}
	end();
}

int
main(int argc, char **argv)
{
	uint64_t seed, count;

	if (argc != 3) {
		(void)fprintf(stderr, "usage: %s FIRST COUNT\n", argv[0]);
		return (2);
	}
	seed = strtoull(argv[1], NULL, 10);
	network_open();
	for (count = strtoull(argv[2], NULL, 10); count > 0; count--)
		run(seed++);
	return (EXIT_SUCCESS);
}
