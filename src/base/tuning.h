/* SPDX-License-Identifier: ISC */

/*
 * tuning.h - what a route sets on its sockets beside what all have.
 *
 * A listener is tuned before it listens and an upstream socket before it
 * connects, because the receive buffer decides on the window scale, which is
 * told in the first segment (RFC 7323).  On Linux accepted sockets of TCP have
 * what their listener has, so that accepting takes no further call;
 * tuning_concerns_accepted() says where it does.
 *
 * Fast open is for listeners alone.  A connect with it would succeed before
 * anything was sent, and take bytes that a failure then cannot give to the
 * next upstream (contract C5, C6); and a server that speaks first would wait
 * for ever.
 */

#ifndef BASE_TUNING_H
#define BASE_TUNING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

/* 0 and NULL: as the system has it, unless it says otherwise. */
struct tuning {
	bool keepalive_off;
	uint32_t keepalive_idle_s, keepalive_interval_s, keepalive_count;
	uint32_t user_timeout_ms;	/* TCP_USER_TIMEOUT, RFC 5482 */
	uint32_t send_buffer_bytes, receive_buffer_bytes;
	bool fast_open;			/* RFC 7413 */
	bool mptcp;			/* RFC 8684, where the system has it */
	bool has_dscp, has_mark;
	uint8_t dscp;			/* 0 to 63, RFC 2474 */
	uint32_t mark;			/* SO_MARK, of Linux */
	const char *congestion;		/* TCP_CONGESTION: its algorithm */
	const char *interface;		/* SO_BINDTODEVICE and the like */
};

enum tuning_side {
	TUNING_LISTENER,	/* before it listens */
	TUNING_ACCEPTED,	/* what a listener does not hand on */
	TUNING_UPSTREAM		/* before it connects */
};

/* Whether nothing is to be set at all. */
bool tuning_is_plain(const struct tuning *tuning);

/* Whether accepted sockets of AF_INET, AF_INET6 or AF_UNIX are to be tuned. */
bool tuning_concerns_accepted(const struct tuning *tuning, int family);

/*
 * What cannot be done with it: what this system does not have, or values that
 * it would refuse.  A constant string, or NULL; asks nothing of the system.
 */
const char *tuning_check(const struct tuning *tuning, enum tuning_side side);

/*
 * A new socket as socket_open() has it, of MPTCP if that is asked for; if the
 * running system has none, it is of TCP, as it is where the peer has none.
 * The caller tunes it.  -1 with errno.
 */
int tuning_open(const struct tuning *tuning, int family);

/*
 * Sets what there is for a socket of this family.  Returns 0; or 1 when
 * something could not be set, with its errno and name, a constant string, at
 * *what: all else is set, and the socket is as good as others; or -1, likewise,
 * when it would send elsewhere than it is to (SO_MARK, SO_BINDTODEVICE) and
 * must not be used.  Any thread may call it.
 *
 * Usual errors: EPERM, a mark needs CAP_NET_ADMIN; ENOENT, there is no such
 * congestion control, or the kernel may not load it now; ENODEV, no such
 * interface; ENOPROTOOPT, MPTCP has no such thing.  Buffers are cut to what the
 * system allows without a word (net.core.wmem_max and rmem_max).
 */
int tuning_apply(const struct tuning *tuning, int fd, int family,
    enum tuning_side side, const char **what);

/*
 * Gives an upstream socket of this family its source address, AF_UNSPEC for
 * any; sockets of AF_UNIX need none.  The port is chosen when it connects, so
 * that it is free for that peer alone.  Returns 0, or -1 with errno:
 * EADDRNOTAVAIL, this host has no such address (from connect(2) it says that
 * no port is left for this peer); EAFNOSUPPORT, the source is of the other
 * family, and such an upstream cannot be reached from it.
 */
int source_bind(int fd, int family, const struct address *source);

#endif
