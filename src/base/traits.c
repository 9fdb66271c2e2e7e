/* SPDX-License-Identifier: ISC */

/*
 * traits.c - how the TCP of this system differs from that of others.
 *
 * The simulation of another system has a file of its own in the place of this.
 */

#include "base/socket.h"

#if defined(__linux__)
const bool socket_counts_end = true;
const bool socket_counts_lost = true;
const bool socket_tells_failure = true;
#elif defined(__FreeBSD__)
const bool socket_counts_end = false;
const bool socket_counts_lost = false;
const bool socket_tells_failure = true;
#else
const bool socket_counts_end = false;
const bool socket_counts_lost = false;
const bool socket_tells_failure = false;
#endif
