/* SPDX-License-Identifier: ISC */

/*
 * conform-flood.c - a pair whose queues are full, or full until just now.
 *
 * How much fits is the kernel's own affair.  So whoever has filled his side
 * sends nothing until the other one has taken all of it, and the other one
 * takes either nothing or all.
 */

#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "conform.h"

#define CHUNK		(64 * 1024)
#define ROUNDS_MAX	1000

bool is_full[2 * CLIENTS];

size_t
partner_of(size_t slot)
{
	return (slot < CLIENTS ? slot + CLIENTS : slot - CLIENTS);
}

/* What travels on makes room behind it: until there is none at all. */
void
step_fill(void)
{
	static const unsigned char nothing[CHUNK];
	const int slot = choose_open(2 * CLIENTS);
	bool has_sent = true;
	int error = EAGAIN, rounds;

	if (slot == -1 || is_full[slot])
		return;
	is_full[slot] = true;
	for (rounds = 0; has_sent && error == EAGAIN && rounds < ROUNDS_MAX;
	    rounds++) {
		has_sent = false;
		while (send(fds[slot], nothing, CHUNK, MSG_NOSIGNAL) > 0)
			has_sent = true;
		error = errno;
		is_full[slot] = error == EAGAIN;
		network_settle();
	}
	errno = error;
	said(-1, "fill %s", name_of((size_t)slot));
}

void
step_drain(void)
{
	static unsigned char data[CHUNK];
	const int slot = choose_open(2 * CLIENTS);
	bool has_taken = true;
	int error = 0;
	ssize_t n;

	if (slot == -1)
		return;
	while (has_taken) {
		has_taken = false;
		while ((n = recv(fds[slot], data, CHUNK, 0)) > 0)
			has_taken = true;
		error = errno;
		if (n == -1 && error != EAGAIN)
			break;
		network_settle();
	}
	is_full[partner_of((size_t)slot)] = false;
	errno = error;
	said(n, "drain %s", name_of((size_t)slot));
}
