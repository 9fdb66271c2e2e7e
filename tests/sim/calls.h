/* SPDX-License-Identifier: ISC */

/* calls.h - what the socket calls share. */

#ifndef SIM_CALLS_H
#define SIM_CALLS_H

#include <sys/socket.h>

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "socks.h"

static inline int
fail(int error)
{
	errno = error;
	return (-1);
}

struct side *side_of(int fd);

/* The socket's part of reading and writing, with all its faults. */
ssize_t side_receive(struct side *side, void *data, size_t count);
ssize_t side_send(struct side *side, const void *data, size_t count);

/* TCP's state CLOSE: not yet, or not any more. */
bool is_unconnected(const struct side *side);

/* A listener has been closed. */
void listener_closed(void);

int take_error(struct side *side);

/* A name is known by its port. */
void set_name(struct sockaddr *sa, socklen_t *length, int family,
    uint16_t port);

#endif
