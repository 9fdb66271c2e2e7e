/* SPDX-License-Identifier: ISC */

/*
 * peers.c - a script is carried out, then everything is read to its end.
 *
 * No step waits without an end, so two peers that both wait for the other
 * are no deadlock.
 */

#include "dice.h"
#include "oracles.h"
#include "peers.h"
#include "unix.h"

#define SOON_MAX_US	2000

void
peer_init(struct peer *peer, struct conn *conn, uint64_t key)
{
	static const enum verb verbs[] = { VERB_SEND, VERB_SEND, VERB_SEND,
	    VERB_RECEIVE, VERB_RECEIVE, VERB_PAUSE, VERB_SHRINK, VERB_FIN,
	    VERB_CLOSE, VERB_RESET };
	size_t i;

	*peer = (struct peer){ .conn = conn, .key = key, .service = -1,
	    .wake_ns = kernel.now_ns };
	peer->length = dice_below(SCRIPT_MAX + 1);
	for (i = 0; i < peer->length; i++)
		peer->script[i] = (struct step){
		    .verb = verbs[dice_below(sizeof(verbs) / sizeof(verbs[0]))],
		    .left = dice_size(),
		    .patience_ns = (1 + dice_below(100)) * NS_PER_MS };
	conn->user = peer;
}

static size_t
send_some(struct peer *peer, size_t most)
{
	struct side *side = &peer->conn->peer;
	unsigned char data[QUEUE_MAX_BYTES];
	size_t i;

	if (side->fin_sent || side->is_reset)
		return (0);
	if (most > side_room(side))
		most = side_room(side);
	for (i = 0; i < most; i++)
		data[i] = stream_byte(peer->key, peer->sent_bytes + i);
	most = side_put(side, data, most);
	peer->sent_bytes += most;
	return (most);
}

static size_t
receive_some(struct peer *peer, size_t most)
{
	struct side *side = &peer->conn->peer;
	unsigned char data[QUEUE_MAX_BYTES];
	size_t count;

	count = side_take(side, data, most);
	oracle_bytes(peer, data, count);
	peer->received_bytes += count;
	return (count);
}

static void
leave(struct peer *peer, bool by_reset)
{
	struct side *side = &peer->conn->peer;

	by_reset = by_reset && !side_is_unix(side);	/* there is none */
	peer->has_finished = peer->has_finished ||
	    (!by_reset && side->input.used == 0 && !side->is_reset);
	peer->has_left = true;
	side->resets_on_close = by_reset;
	side_close(side);
	trace("%s leaves%s", peer->conn->is_upstream ? "upstream" : "client",
	    by_reset ? " by a reset" : "");
}

static void
finish(struct peer *peer)
{
	struct side *side = &peer->conn->peer;

	if (side->is_reset || side->fin_sent)
		return;
	trace("%s sends FIN", peer->conn->is_upstream ? "upstream" : "client");
	peer->has_finished = true;
	side_shut(side);
}

/* Whether the step is done; what it did is taken from step->left. */
static bool
step_run(struct peer *peer, struct step *step)
{
	switch (step->verb) {
	case VERB_SEND:
		step->left -= send_some(peer, step->left);
		return (step->left == 0);
	case VERB_RECEIVE:
		step->left -= receive_some(peer, step->left);
		return (step->left == 0);
	case VERB_PAUSE:
		return (false);
	case VERB_SHRINK:
		peer->conn->peer.input.limit = 1;
		peer->conn->relay.output.limit = 1;
		return (true);
	case VERB_FIN:
		finish(peer);
		return (true);
	case VERB_CLOSE:
	case VERB_RESET:
		leave(peer, step->verb == VERB_RESET);
		return (true);
	}
	return (true);
}

/* When a peer does the next thing that it can do. */
static uint64_t
soon_ns(void)
{
	return (kernel.now_ns + (1 + dice_below(SOON_MAX_US)) * NS_PER_US);
}

/* Reads on, as soon as there is something. */
static void
read_to_the_end(struct peer *peer)
{
	struct side *side = &peer->conn->peer;

	if (receive_some(peer, 1 + dice_below(QUEUE_MAX_BYTES)) > 0)
		return;
	peer->wake_ns = NEVER_NS;
	if (side->fin_received && !peer->saw_fin) {
		peer->saw_fin = true;
		peer->wake_ns = soon_ns();	/* its own end may follow */
		trace("%s sees FIN", peer->conn->is_upstream ? "upstream" :
		    "client");
		oracle_fin(peer);
	} else if (side->is_reset && !peer->saw_fin && !peer->saw_reset) {
		peer->saw_reset = true;
		trace("%s sees a reset", peer->conn->is_upstream ? "upstream" :
		    "client");
		oracle_reset(peer);
	}
	if (side->is_reset || (side->fin_received && side->fin_acked))
		peer->has_left = true;
	if (peer->has_left)
		side_close(side);
}

static void
script_run(struct peer *peer)
{
	struct step *step = &peer->script[peer->at];
	const size_t left = step->left;

	if (peer->limit_ns == 0)
		peer->limit_ns = kernel.now_ns + step->patience_ns;
	if (step_run(peer, step) || kernel.now_ns >= peer->limit_ns) {
		peer->at++;
		peer->limit_ns = 0;
	} else if (step->left == left)
		peer->wake_ns = peer->limit_ns;
}

void
peer_run(struct peer *peer)
{
	if (peer->has_left)
		return;
	if (peer->conn->is_stirred) {
		peer->conn->is_stirred = false;
		if (peer->wake_ns > kernel.now_ns + SOON_MAX_US * NS_PER_US)
			peer->wake_ns = soon_ns();
	}
	if (peer->wake_ns > kernel.now_ns)
		return;
	peer->wake_ns = soon_ns();
	/* what would happen there cannot be judged yet */
	if (peer->conn->is_upstream && peer->partner == NULL &&
	    !peer->conn->peer.is_reset)
		return;
	if (peer->at == peer->length) {
		/* of two that wait for each other, none would end */
		if (kernel.waiters != 1 + peer->conn->is_upstream ||
		    peer->service != -1 || peer->saw_fin || peer->saw_reset)
			finish(peer);
		read_to_the_end(peer);
		return;
	}
	script_run(peer);
}

bool
peer_is_done(const struct peer *peer)
{
	return (peer->has_left);
}
