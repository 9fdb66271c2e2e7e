/* SPDX-License-Identifier: ISC */

/* world.h - one relay among its peers, from a seed to the end of all. */

#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <sys/socket.h>

#include <stdint.h>

#include "socks.h"

/* Lives one seed; returns how many sessions it had. */
unsigned long world_live(uint64_t seed);

/* For the waits: what is due happens; when the next is due. */
void world_run(void);
uint64_t world_next_ns(void);

/* For connect(2): decides where it leads, and when; 0, or why not. */
int world_connect(struct conn *conn, const struct sockaddr *sa);

#endif
