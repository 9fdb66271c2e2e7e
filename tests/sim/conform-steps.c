/* SPDX-License-Identifier: ISC */

/* conform-steps.c - what a script may do, on sockets picked by chance. */

#define _GNU_SOURCE	/* accept4 */

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/sockios.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conform.h"

#define SEND_MAX	100

/* Says what a call returned, and lets the network come to rest. */
void
said(ssize_t result, const char *format, ...)
{
	const int error = errno;
	va_list ap;

	va_start(ap, format);
	(void)vprintf(format, ap);
	va_end(ap);
	if (result == -1)
		(void)printf(" = %s\n", strerror(error));
	else
		(void)printf(" = %zd\n", result);
	network_settle();
	calls++;
}

/* Any slot that is open, of the first `count'; -1: none is. */
int
choose_open(size_t count)
{
	size_t open[SLOTS_COUNT], used = 0, slot;

	for (slot = 0; slot < count; slot++) {
		if (fds[slot] != -1)
			open[used++] = slot;
	}
	return (used == 0 ? -1 : (int)open[choose(used)]);
}

static int
free_slot(size_t first)
{
	size_t slot;

	for (slot = first; slot < first + CLIENTS; slot++) {
		if (fds[slot] == -1)
			return ((int)slot);
	}
	return (-1);
}

/* As the relay has them all. */
static void
keep_urgent(int fd)
{
	const int on = 1;

	if (fd != -1)
		(void)setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on));
}

void
step_socket(void)
{
	const int slot = free_slot(0);

	if (slot == -1)
		return;
	fds[slot] = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	has_connected[slot] = false;
	keep_urgent(fds[slot]);
	said(fds[slot], "socket %s", name_of((size_t)slot));
}

void
step_connect(void)
{
	const size_t target = choose(6) == 0 ? REFUSER : LISTENER;
	struct sockaddr_storage ss;
	socklen_t length = sizeof(ss);
	int slot = choose_open(CLIENTS);

	if (slot == -1 || has_connected[slot] || fds[target] == -1)
		return;
	if (getsockname(fds[target], (struct sockaddr *)&ss, &length) == -1)
		abort();
	has_connected[slot] = true;
	said(connect(fds[slot], (struct sockaddr *)&ss, length),
	    "connect %s %s", name_of((size_t)slot), name_of(target));
}

void
step_accept(void)
{
	struct sockaddr_storage ss;
	socklen_t length = sizeof(ss);
	const int slot = free_slot(CLIENTS);

	if (slot == -1 || fds[LISTENER] == -1)
		return;
	fds[slot] = accept4(fds[LISTENER], (struct sockaddr *)&ss, &length,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	said(fds[slot], "accept4 %s", name_of((size_t)slot));
	keep_urgent(fds[slot]);
}

void
step_send(void)
{
	const int slot = choose_open(2 * CLIENTS);
	const size_t count = 1 + choose(SEND_MAX);
	const int urgent = family != AF_UNIX && choose(8) == 0 ? MSG_OOB : 0;
	unsigned char data[SEND_MAX];
	size_t i;

	if (slot == -1 || is_full[slot])
		return;
	for (i = 0; i < count; i++)
		data[i] = next_byte++;
	said(send(fds[slot], data, count, MSG_NOSIGNAL | urgent),
	    "send %s %zu%s", name_of((size_t)slot), count,
	    urgent != 0 ? " urgent" : "");
}

void
step_recv(void)
{
	const int slot = choose_open(2 * CLIENTS);
	const size_t count = 1 + choose(choose(2) == 0 ? 2 * SEND_MAX : 8);
	unsigned char data[2 * SEND_MAX];
	unsigned sum = 0;
	ssize_t i, n;

	if (slot == -1 || is_full[partner_of((size_t)slot)])
		return;
	n = recv(fds[slot], data, count, 0);
	for (i = 0; i < n; i++)
		sum = sum * 31 + data[i];
	said(n, "recv %s %zu (%u)", name_of((size_t)slot), count, sum);
}

void
step_shutdown(void)
{
	const int slot = choose_open(2 * CLIENTS);

	if (slot != -1)
		said(shutdown(fds[slot], SHUT_WR), "shutdown %s",
		    name_of((size_t)slot));
}

static void
close_slot(size_t slot, const char *verb)
{
	const int fd = fds[slot];

	fds[slot] = -1;
	if (slot < 2 * CLIENTS)		/* there is nobody to take it */
		is_full[partner_of(slot)] = false;
	said(close(fd), "%s %s", verb, name_of(slot));
}

void
step_close(void)
{
	const int slot = choose_open(choose(8) == 0 ? SLOTS_COUNT :
	    2 * CLIENTS);

	if (slot != -1)
		close_slot((size_t)slot, "close");
}

void
set_linger(int fd)
{
	const struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

void
step_reset(void)
{
	const int slot = choose_open(2 * CLIENTS);

	if (slot == -1)
		return;
	set_linger(fds[slot]);
	close_slot((size_t)slot, "reset");
}

void
step_option(void)
{
	const bool wants_error = choose(4) != 0;
	const int slot = choose_open(wants_error ? 2 * CLIENTS : REFUSER);
	int value = -1, result;
	socklen_t length = sizeof(value);

	if (slot == -1)
		return;
	result = getsockopt(fds[slot], SOL_SOCKET, wants_error ? SO_ERROR :
	    SO_ACCEPTCONN, &value, &length);
	said(result, "%s %s: %s", wants_error ? "SO_ERROR" : "SO_ACCEPTCONN",
	    name_of((size_t)slot), wants_error ? strerror(value) :
	    value != 0 ? "yes" : "no");
}

void
step_name(void)
{
	struct sockaddr_storage ss;
	socklen_t length = sizeof(ss);
	const int slot = choose_open(2 * CLIENTS);

	if (slot != -1)
		said(getpeername(fds[slot], (struct sockaddr *)&ss, &length),
		    "getpeername %s", name_of((size_t)slot));
}

void
step_unacked(void)
{
	const int slot = choose_open(2 * CLIENTS);
	int left = 0, result;

	if (slot == -1)
		return;
	result = ioctl(fds[slot], SIOCOUTQ, &left);
	said(result, "SIOCOUTQ %s: %s", name_of((size_t)slot),
	    left == 0 ? "nothing" : "something");
}
