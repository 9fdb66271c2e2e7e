/* SPDX-License-Identifier: ISC */

/* test-flow.c - how a flow adapts its reads, and when it is spliced. */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "relay/flow.h"
#include "tap.h"
#include "units.h"

#define KIB		1024
#define LARGE		((size_t)12 * KIB)	/* worth splicing */
#define MIDDLING	((size_t)3 * KIB)	/* worth to go on with it */

static struct supplies supplies;
static struct flow flow;
static int from[2], to[2];
static char bytes[64 * KIB];

static void
begin(size_t pipes_max)
{
	flow = (struct flow){ .state = FLOW_OPEN };
	if (supplies_open(&supplies) == -1 || socket_pair(from) == -1 ||
	    socket_pair(to) == -1)
		bail_out("sockets");
	supplies.pipes.open_max = pipes_max;
}

static void
end(void)
{
	flow_abandon(&flow, &supplies);
	supplies_close(&supplies);
	socket_close(from[0]);
	socket_close(from[1]);
	socket_close(to[0]);
	socket_close(to[1]);
}

static size_t
drain(int fd)
{
	static char taken[64 * KIB];
	size_t sum = 0;
	ssize_t n;

	while ((n = read(fd, taken, sizeof(taken))) > 0)
		sum += (size_t)n;
	return (sum);
}

static void
fill(int fd)
{
	while (write(fd, bytes, 100) > 0)
		continue;
}

/* So many bytes come; the step that they make. */
static enum flow_step
come(size_t count)
{
	if (write(from[0], bytes, count) != (ssize_t)count)
		bail_out("write");
	return (flow_fill(&flow, from[1], to[0], &supplies, false));
}

/* So many bytes come and arrive, a number of times. */
static bool
pass(size_t count, unsigned times)
{
	while (times-- > 0) {
		if (come(count) != STEP_MOVED || drain(to[1]) != count)
			return (false);
	}
	return (true);
}

static void
test_growth(void)
{
	begin(0);
	ok(pass(16 * KIB - 1, 3) && flow.read_bytes <= 16 * KIB,
	    "reads that are not filled take no more");
	ok(pass(16 * KIB, 1), "one is filled");
	is(flow.read_bytes, 32 * KIB, "the next takes twice as much");
	ok(pass(32 * KIB, 1), "that too");
	is(flow.read_bytes, 64 * KIB, "twice as much again");
	ok(pass(64 * KIB, 1), "and that");
	is(flow.read_bytes, 64 * KIB, "that is the most");
	ok(pass(100, 9), "small messages");
	is(flow.read_bytes, 64 * KIB, "take nothing away");
	end();
}

static void
test_slow_reader(void)
{
	static const size_t want[] = { 32 * KIB, 16 * KIB, 16 * KIB };
	size_t i;

	begin(0);
	flow.read_bytes = 64 * KIB;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		fill(to[0]);
		is(come(100), STEP_MOVED, "nothing of it can be sent");
		ok(flow_wants_output(&flow) && !flow_wants_input(&flow),
		    "it is queued");
		is(flow.read_bytes, (long long)want[i],
		    "the next read takes less, but not too little");
		(void)drain(to[1]);
		is(flow_drain(&flow, to[0], &supplies), STEP_MOVED,
		    "the reader has taken it");
		ok(flow_wants_input(&flow), "and reading goes on");
		(void)drain(to[1]);
	}
	end();
}

static void
test_ways(void)
{
#ifdef HAVE_SPLICE
	begin(1);
	ok(pass(LARGE, 3) && !flow.is_spliced, "three large reads are few");
	ok(pass(LARGE - 1, 1) && pass(LARGE, 3) && !flow.is_spliced,
	    "also after one that is not large");
	ok(pass(LARGE, 1) && flow.is_spliced, "four in a row are enough");
	ok(pass(MIDDLING - 1, 7) && flow.is_spliced, "seven small ones are few");
	ok(pass(MIDDLING, 1) && pass(MIDDLING - 1, 7) && flow.is_spliced,
	    "also after one that is not small");
	ok(pass(MIDDLING - 1, 1) && !flow.is_spliced, "eight are enough");
	ok(pass(LARGE, 3) && !flow.is_spliced && pass(LARGE, 1) &&
	    flow.is_spliced, "and again");
	is(flow_fill(&flow, from[1], to[0], &supplies, false), STEP_IDLE,
	    "nothing comes");
	ok(!flow.is_spliced && pass(LARGE, 3) && !flow.is_spliced &&
	    pass(LARGE, 1) && flow.is_spliced, "then it is copied for a while");
	supplies.pipes.are_refused = true;
	ok(pass(LARGE, 9), "without a pipe it is copied too");
	is((long long)flow_lost_bytes(&flow), 0, "nothing was lost");
	end();
#else
	skip("there is no splice(2)", "ways");
#endif
}

#ifdef MSG_MORE
/*
 * Whether the last bytes go out with the end of input: they are held back until
 * then, but by the kernel not for long.
 */
static bool
is_held_back(void)
{
	bool is_held = false;
	int tries;

	for (tries = 0; tries < 5 && !is_held; tries++) {
		begin(0);
		socket_close(to[0]);
		socket_close(to[1]);
		tcp_pair(to);
		if (write(from[0], bytes, 10) != 10 ||
		    shutdown(from[0], SHUT_WR) == -1 ||
		    flow_fill(&flow, from[1], to[0], &supplies, true) !=
		    STEP_ENDED)
			bail_out("an end");
		is_held = recv(to[1], bytes, 10, MSG_DONTWAIT) == -1;
		if (is_held && (shutdown(to[0], SHUT_WR) == -1 ||
		    recv(to[1], bytes, 10, 0) != 10 ||
		    recv(to[1], bytes, 10, 0) != 0))
			bail_out("what was held back is gone");
		end();
	}
	return (is_held);
}
#endif

static void
test_ends(void)
{
	begin(0);
	if (write(from[0], bytes, 10) != 10 ||
	    shutdown(from[0], SHUT_WR) == -1)
		bail_out("write");
	is(flow_fill(&flow, from[1], to[0], &supplies, true), STEP_ENDED,
	    "bytes and the end behind them, in one step");
	is(flow.state, FLOW_DRAINING, "to be passed on");
	ok(flow.received_bytes == 10 && flow.sent_bytes == 10, "are counted");
	end();

#ifdef MSG_MORE
	ok(is_held_back(), "over TCP they wait for each other");
#endif

	begin(0);
	socket_close(to[1]);
	is(come(10), STEP_SINK_FAILED, "a sink that is gone");
	is(errno, EPIPE, "says so");
	is((long long)flow_lost_bytes(&flow), 10, "and the bytes are lost");
	to[1] = dup(to[0]);
	end();
}

void
test_flow(void)
{
	test_growth();
	test_slow_reader();
	test_ways();
	test_ends();
}
