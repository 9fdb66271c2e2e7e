/* SPDX-License-Identifier: ISC */

/*
 * waiting.c - what one wait costs, by how many descriptors are watched of
 * which one is ready; linked once with each backend of libmux.
 *
 * usage: waiting-BACKEND MILLISECONDS COUNT...
 *
 * The one that is ready has a byte that nobody reads, so each wait returns at
 * once, and what is counted is processor time alone.  It was registered in the
 * middle of all, for poll(2) and select(2) look through them in order.  The
 * others are datagram sockets that nobody can send to: one descriptor each.
 */

#include "config.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "mux.h"

#define BATCH		16	/* waits between two looks at the clock */
#define TIMEOUT_MS	1000

static void
ready(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	(void)loop, (void)fd, (void)events, (void)arg;
}

static long
number(const char *text)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0 || value < 1 ||
	    value > 1000000)
		errx(2, "%s: not a number from 1 to 1000000", text);
	return (value);
}

static double
cpu_ns(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts) == -1)
		err(1, "cannot read the clock of the process");
	return (1e9 * (double)ts.tv_sec + (double)ts.tv_nsec);
}

static void
wait_once(struct mux_loop *loop)
{
	const int calls = mux_loop_once(loop, TIMEOUT_MS);

	if (calls == -1)
		err(1, "cannot wait");
	if (calls != 1)
		errx(1, "%d descriptors are ready", calls);
}

static void
measure(struct mux_loop *loop, int count, long ms)
{
	double start_ns, end_ns;
	long waits = 0;
	int i;

	for (i = 0; i < BATCH; i++)
		wait_once(loop);
	start_ns = cpu_ns();
	do {
		for (i = 0; i < BATCH; i++)
			wait_once(loop);
		waits += BATCH;
		end_ns = cpu_ns();
	} while (end_ns - start_ns < 1e6 * (double)ms);
	printf("watched=%d waits=%ld ns=%.1f\n", count, waits,
	    (end_ns - start_ns) / (double)waits);
}

/* How many of count could be opened and registered. */
static int
watch(struct mux_loop *loop, int *fds, int count, int readable)
{
	int i;

	for (i = 0; i < count; i++) {
		fds[i] = i == count / 2 ? dup(readable) :
		    socket(AF_INET, SOCK_DGRAM, 0);
		if (fds[i] == -1)
			return (i);
		if (mux_fd_register(loop, fds[i], MUX_READ, ready,
		    NULL) == -1) {
			(void)close(fds[i]);
			return (i);
		}
	}
	return (count);
}

static void
measure_count(int count, int readable, long ms)
{
	struct mux_loop *loop = mux_loop_create();
	int *fds = calloc((size_t)count, sizeof(*fds));
	int i, watched;

	if (loop == NULL || fds == NULL)
		err(1, "cannot begin");
	watched = watch(loop, fds, count, readable);
	if (watched == count)
		measure(loop, count, ms);
	else if (errno == EMFILE || errno == ERANGE)	/* no more than that */
		printf("watched=%d waits=0 ns=-\n", count);
	else
		err(1, "cannot watch %d descriptors", count);
	for (i = 0; i < watched; i++) {
		mux_fd_unregister(loop, fds[i]);
		(void)close(fds[i]);
	}
	free(fds);
	mux_loop_destroy(loop);
}

int
main(int argc, char *argv[])
{
	struct rlimit limit;
	int i, ends[2];
	long ms;

	if (argc < 3)
		errx(2, "usage: waiting-BACKEND MILLISECONDS COUNT...");
	ms = number(argv[1]);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (pipe(ends) == -1 || write(ends[1], "", 1) != 1)
		err(1, "cannot begin");
	for (i = 2; i < argc; i++)
		measure_count((int)number(argv[i]), ends[0], ms);
	return (0);
}
