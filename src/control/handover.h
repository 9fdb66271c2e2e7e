/* SPDX-License-Identifier: ISC */

/*
 * handover.h - what a process says to the one that succeeds it.
 *
 * Records over a stream, each a text that ends in a NUL, since a path may have
 * any other byte.  The old one sends, and shuts its end down:
 *
 *	listen FD TARGET	a socket that listens, open in the new process
 *	file DEVICE INODE	of the UNIX-domain socket before it, to know it by
 *	passed FD NAME		a socket of the service manager, listened on or not
 *	pidfile FD		the pid file, with its lock
 *
 * The new one answers when it serves:
 *
 *	kept FD			of these it accepts what waits
 *	pidfile			is its own now
 *	ready
 *
 * What comes is not trusted: numbers have bounds, and descriptors are looked at.
 */

#ifndef CONTROL_HANDOVER_H
#define CONTROL_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/target.h"
#include "control/activation.h"

#define HANDOVER_MAX	65536	/* listeners */

struct handover_listener {
	int fd;
	struct target target;	/* of a range of ports, this one */
	bool has_file;
	uint64_t device, inode;
};

struct handover {
	struct handover_listener *listeners;
	size_t count;
	struct activation_passed *passed;
	size_t passed_count;
	int pidfile_fd;		/* -1: none */
};

/*
 * Reads all records of the old process.  NULL, or what is wrong with them; then
 * there is nothing to be freed.  Opens and looks at nothing.
 */
const char *handover_parse(struct handover *handover, const char *bytes,
    size_t length);
void handover_free(struct handover *handover);

struct handover_answer {
	int *kept;
	size_t count;
	bool has_pidfile;
	bool is_ready;
};

/* The same for the answer. */
const char *handover_parse_answer(struct handover_answer *answer,
    const char *bytes, size_t length);
void handover_free_answer(struct handover_answer *answer);

#endif
