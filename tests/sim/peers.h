/* SPDX-License-Identifier: ISC */

/* peers.h - those who talk through the relay, each by a script of its own. */

#ifndef SIM_PEERS_H
#define SIM_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "socks.h"

#define SCRIPT_MAX	8

enum verb { VERB_SEND, VERB_RECEIVE, VERB_PAUSE, VERB_SHRINK, VERB_FIN, VERB_CLOSE,
	VERB_RESET };

struct step {
	enum verb verb;
	size_t left;		/* bytes */
	uint64_t patience_ns;	/* how long it may take */
};

struct peer {
	struct conn *conn;
	struct peer *partner;	/* at the other end of the session */
	int service;		/* of the built-in that is there instead; or -1 */
	uint64_t key;		/* of the stream that it sends */
	struct step script[SCRIPT_MAX];
	size_t length, at;
	uint64_t wake_ns, limit_ns;
	uint64_t sent_bytes, received_bytes;
	bool has_finished;	/* sent its FIN */
	bool has_left;		/* closed or reset: it sees nothing more */
	bool saw_fin, saw_reset;
	bool is_relayed;	/* the relay knows that it has connected */
};

void peer_init(struct peer *peer, struct conn *conn, uint64_t key);
void peer_run(struct peer *peer);
bool peer_is_done(const struct peer *peer);

#endif
