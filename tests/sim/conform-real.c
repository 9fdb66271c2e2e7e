/* SPDX-License-Identifier: ISC */

/*
 * conform-real.c - scripts on the system's own kernel, over loopback.
 *
 * What is sent there is with its receiver when the call returns, or has been
 * put into a queue of this processor.  So the process stays on one, sends a
 * datagram to itself behind all that, and looks at what is not acknowledged.
 */

#define _GNU_SOURCE

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <linux/sockios.h>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "conform.h"

#define HIGH_FD		100	/* out of the way of those that are compared */
#define LATE_MS		900	/* a SYN is sent again after a second */
#define NS_PER_MS	INT64_C(1000000)
#define PATIENCE	2000	/* looks, a millisecond each */

static int barrier;
static int64_t begin_ns;

static int64_t
now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (ts.tv_sec * 1000 * NS_PER_MS + ts.tv_nsec);
}

void
network_open(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t length = sizeof(sin);
	cpu_set_t cpus;
	int fd;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	barrier = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
	(void)close(fd);
	if (barrier == -1 ||
	    bind(barrier, (struct sockaddr *)&sin, length) == -1 ||
	    getsockname(barrier, (struct sockaddr *)&sin, &length) == -1 ||
	    connect(barrier, (struct sockaddr *)&sin, length) == -1)
		abort();
	CPU_ZERO(&cpus);
	CPU_SET((size_t)sched_getcpu(), &cpus);
	(void)sched_setaffinity(0, sizeof(cpus), &cpus);
}

void
network_begin(void)
{
	begin_ns = now_ns();
}

bool
network_was_late(void)
{
	return (now_ns() - begin_ns > LATE_MS * NS_PER_MS);
}

/* What is acknowledged has arrived; an acknowledgement that waits is sent. */
static bool
is_settled(int fd, bool may_hold)
{
	struct tcp_info info;
	socklen_t length = sizeof(info);
	const int on = 1;
	int left = 0;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == -1)
		return (true);		/* a UNIX socket: nothing is under way */
	if (info.tcpi_state == TCP_CLOSE || info.tcpi_state == TCP_LISTEN ||
	    info.tcpi_state == TCP_SYN_SENT)
		return (true);
	if (may_hold)
		return (info.tcpi_unacked == 0);
	return (ioctl(fd, SIOCOUTQ, &left) == -1 || left == 0);
}

void
network_settle(void)
{
	size_t i, settled = 0;
	char byte = 0;
	int round;

	for (round = 0; round < PATIENCE && settled < SLOTS_COUNT; round++) {
		if (round > 0)
			(void)poll(NULL, 0, 1);
		if (send(barrier, &byte, 1, 0) != 1 ||
		    recv(barrier, &byte, 1, 0) != 1)
			abort();
		settled = 0;
		for (i = 0; i < SLOTS_COUNT; i++)
			settled += fds[i] == -1 || is_settled(fds[i],
			    i < 2 * CLIENTS && is_full[i]);
	}
}
