/* SPDX-License-Identifier: ISC */

/* oracles.h - what must be true of each session, as the peers see it. */

#ifndef SIM_ORACLES_H
#define SIM_ORACLES_H

#include "peers.h"

unsigned char stream_byte(uint64_t key, uint64_t offset);

void oracle_bytes(const struct peer *peer, const unsigned char *data,
    size_t count);
void oracle_fin(const struct peer *peer);
void oracle_reset(const struct peer *peer);

/* One session's line of the log; what its client is, if it had relayed. */
void oracle_log(const char *text, const struct peer *client);

#endif
