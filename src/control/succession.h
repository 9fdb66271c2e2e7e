/* SPDX-License-Identifier: ISC */

/*
 * succession.h - starting in the place of a process that goes on until we
 * serve, see upgrade.h for its side and handover.h for what is said.
 */

#ifndef CONTROL_SUCCESSION_H
#define CONTROL_SUCCESSION_H

#include <stdbool.h>

#include "control/deployment.h"
#include "control/failure.h"
#include "control/handover.h"
#include "control/pidfile.h"

/* The environment's variable with the descriptor to talk through. */
#define SUCCESSION_VARIABLE	"MUXPROXY_UPGRADE"

struct succession {
	int fd;				/* -1: we succeed nobody */
	struct handover handover;
	struct listen_sockets sockets;	/* that we were given */
};

/*
 * Once, at the start, before there are threads: takes over what the other
 * process gives, if there is one.  On failure the error has been told.
 */
enum exit_status succession_open(struct succession *succession);

/*
 * The sockets of the service manager, from the other process or the
 * environment, as activation_open().
 */
const char *succession_activate(const struct succession *succession,
    struct activation *activation);

/* The pid file's descriptor, with the lock; -1: there is none. */
int succession_pidfile(const struct succession *succession);

/*
 * We serve: tells what of it, closes what we do not, and the other process
 * ends.
 */
void succession_tell_ready(struct succession *succession,
    const struct deployment *deployment, const struct pidfile *pidfile);

/* Before we serve: the other process goes on.  May be called at any time. */
void succession_close(struct succession *succession);

#endif
