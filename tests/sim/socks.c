/* SPDX-License-Identifier: ISC */

/* socks.c - descriptors, connections, and the network between two sides. */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dice.h"
#include "memory.h"
#include "socks.h"
#include "unix.h"

struct kernel kernel;

/* Where clocks wrap that count in too few bits. */
static const uint64_t starts_ns[] = { 1000 * NS_PER_MS,
    ((UINT64_C(1) << 31) - 100) * NS_PER_MS,
    ((UINT64_C(1) << 32) - 100) * NS_PER_MS,
    (UINT64_C(1) << 63) - 3600 * 1000 * NS_PER_MS };

void
kernel_reset(void)
{
	size_t i;

	for (i = 0; i < kernel.conns_count; i++)
		memory_give(kernel.conns[i]);
	memset(&kernel, 0, sizeof(kernel));
	kernel.fd_first = kernel.fd_top = dice_one_in(2) ? FD_FIRST :
	    FD_FIRST_HIGH;
	kernel.start_ns = kernel.now_ns = starts_ns[dice_below(4)];
}

bool
fault(enum fault kind)
{
	return (kernel.now_ns < kernel.faults_end_ns &&
	    dice_one_in(kernel.rates[kind]));
}

int
desc_open(enum kind kind, struct conn *conn)
{
	int fd;

	for (fd = kernel.fd_first; fd < kernel.fd_first + FD_SPAN; fd++) {
		if (kernel.descs[fd].kind == KIND_NONE) {
			kernel.descs[fd] = (struct desc){ .kind = kind,
			    .conn = conn,
			    .side = conn == NULL ? NULL : &conn->relay };
			if (fd >= kernel.fd_top)
				kernel.fd_top = fd + 1;
			return (fd);
		}
	}
	errno = EMFILE;
	return (-1);
}

static void
side_init(struct side *side, struct side *other, struct conn *conn)
{
	side->other = other;
	side->conn = conn;
	side->input.limit = dice_size();
	side->output.limit = dice_size();
	side->step_ns = NEVER_NS;
}

struct conn *
conn_create(bool is_upstream)
{
	struct conn *conn;

	if (kernel.conns_count == CONNS_MAX)
		return (NULL);
	conn = memory_take(sizeof(*conn));
	conn->is_upstream = is_upstream;
	conn->family = AF_INET;
	side_init(&conn->relay, &conn->peer, conn);
	side_init(&conn->peer, &conn->relay, conn);
	conn->answer_ns = NEVER_NS;
	kernel.conns[kernel.conns_count++] = conn;
	return (conn);
}

void
conn_forget(struct conn *conn)
{
	size_t i = 0;

	while (kernel.conns[i] != conn)
		i++;
	kernel.conns[i] = kernel.conns[--kernel.conns_count];
	memory_give(conn);
}

void
conn_open(struct conn *conn)
{
	conn->state = CONN_OPEN;
	conn->moved_ns = kernel.now_ns;
	conn->answer_ns = NEVER_NS;
	conn->is_stirred = true;
}

void
conn_accept(struct conn *conn)
{
	conn_open(conn);
	kernel.backlog[kernel.backlog_used++] = conn;
}

void
conn_connect(struct conn *conn)
{
	const size_t chance = dice_below(16);

	conn->state = CONN_CONNECTING;
	if (chance == 0) {
		conn_open(conn);
		return;
	}
	conn->is_self = chance == 3 && dice_one_in(4);
	if (chance < 3 || conn->is_self)
		kernel.refusals++;
	conn->is_refused = chance == 1;
	if (chance != 2)	/* else nobody ever answers */
		conn->answer_ns = kernel.now_ns + dice_below(20) * NS_PER_MS;
}

size_t
bytes_put(struct bytes *bytes, const void *data, size_t count)
{
	const unsigned char *from = data;
	size_t i;

	if (bytes->used >= bytes->limit)
		return (0);
	if (count > bytes->limit - bytes->used)
		count = bytes->limit - bytes->used;
	for (i = 0; i < count; i++)
		bytes->data[(bytes->head + bytes->used + i) %
		    QUEUE_MAX_BYTES] = from[i];
	bytes->used += count;
	return (count);
}

size_t
bytes_take(struct bytes *bytes, void *data, size_t count)
{
	unsigned char *to = data;
	size_t i;

	if (count > bytes->used)
		count = bytes->used;
	for (i = 0; i < count; i++)
		to[i] = bytes->data[(bytes->head + i) % QUEUE_MAX_BYTES];
	bytes->head = (bytes->head + count) % QUEUE_MAX_BYTES;
	bytes->used -= count;
	return (count);
}

/* The network carries what the side has to say, soon. */
static void
side_stir(struct side *side)
{
	const uint64_t soon_ns = kernel.now_ns +
	    (1 + dice_below(500)) * NS_PER_US;

	if (!side->is_reset && soon_ns < side->step_ns)
		side->step_ns = soon_ns;
}

size_t
side_room(const struct side *side)
{
	const struct bytes *sink = side_is_unix(side) ? &side->other->input :
	    &side->output;

	return (sink->used < sink->limit ? sink->limit - sink->used : 0);
}

size_t
side_put(struct side *side, const void *data, size_t count)
{
	count = bytes_put(side_is_unix(side) ? &side->other->input :
	    &side->output, data, count);
	if (count == 0)
		return (0);
	if (side_is_unix(side)) {
		side->other->arrived_bytes += count;
		if (side == &side->conn->relay)
			side->conn->moved_ns = kernel.now_ns;
		side->conn->is_stirred = true;
	} else
		side_stir(side);
	return (count);
}

/* An older one is urgent no more. */
void
side_urge(struct side *side)
{
	side->other->urgent_end = side->other->arrived_bytes + side->output.used;
}

/* Nothing is read across the beginning of an urgent byte. */
size_t
side_take(struct side *side, void *data, size_t count)
{
	const uint64_t taken = side->arrived_bytes - side->input.used;

	if (side->urgent_end > taken + 1 && count > side->urgent_end - taken - 1)
		count = (size_t)(side->urgent_end - taken - 1);
	count = bytes_take(&side->input, data, count);
	if (count > 0 && side_is_unix(side))
		side->conn->is_stirred = true;
	else if (count > 0 && side->other->output.used > 0)
		side_stir(side->other);		/* there is room */
	return (count);
}

static void
side_take_reset(struct side *side)
{
	if (side->is_reset || side_is_over(side))
		return;
	side->stuck = side_unacked(side);
	side->is_reset = true;
	side->reset_ns = kernel.now_ns;
	side->error = side->fin_received && !side->fin_sent &&
	    !kernel.is_bsd ? EPIPE : ECONNRESET;
	/* of a connection whose both ends are over it says nothing */
	if (kernel.is_netbsd && side->fin_received && side->fin_sent)
		side->error = 0;
	side->output.used = 0;
	side->returning = 0;
	side->step_ns = NEVER_NS;
	side->conn->is_stirred = true;
}

void
side_reset_other(struct side *side)
{
	side->is_reset = true;
	side->output.used = 0;
	side->returning = 0;
	side->step_ns = NEVER_NS;
	side_take_reset(side->other);
}

void
side_shut(struct side *side)
{
	side->is_shut = true;
	if (side_is_unix(side)) {
		unix_shut(side);
		return;
	}
	side->fin_sent = true;
	side_stir(side);
}

void
side_close(struct side *side)
{
	if (side->is_closed)
		return;
	if (side->sink != NULL)
		violated("join", "a source is closed that is joined");
	side->is_closed = true;
	if (side_is_unix(side)) {
		unix_close(side);
		return;
	}
	if (side->is_reset)
		return;
	if (side->resets_on_close || side->input.used > 0)
		side_reset_other(side);
	else
		side_shut(side);
	if (side->other->output.used > 0)
		side_stir(side->other);		/* nobody will read it */
}

int
side_unacked(const struct side *side)
{
	if (side_is_unix(side))
		return (side->is_reset ? 0 : (int)side->other->input.used);
	/* Linux and NetBSD go on counting, FreeBSD has emptied the buffer */
	if (side->is_reset || side->conn->state == CONN_REFUSED)
		return (kernel.is_bsd && !kernel.is_netbsd ? 0 : side->stuck);
	return ((int)(side->output.used + side->returning) +
	    (side->fin_sent && !side->fin_acked ? 1 : 0));
}

/* One segment goes over, and the last one's acknowledgement comes back. */
static void
side_step(struct side *side)
{
	unsigned char data[QUEUE_MAX_BYTES];
	struct side *other = side->other;
	size_t room, count;

	if (side == &side->conn->relay && side->returning > 0)
		side->conn->moved_ns = kernel.now_ns;
	if (side == &side->conn->relay && (side->returning > 0 ||
	    (side->fin_taken && !side->fin_acked)))
		side->conn->acked_ns = kernel.now_ns;
	side->returning = 0;
	if (side->fin_taken)
		side->fin_acked = true;
	if (other->is_closed && side->output.used > 0) {
		side_reset_other(other);	/* nobody is there to read it */
		return;
	}
	room = other->input.limit > other->input.used ?
	    other->input.limit - other->input.used : 0;
	if (room > 0 && side->output.used > 0) {
		count = bytes_take(&side->output, data, 1 + dice_below(room));
		(void)bytes_put(&other->input, data, count);
		other->arrived_bytes += count;
		side->returning = count;
	}
	if (side->fin_sent && side->output.used == 0 && !side->fin_taken) {
		side->fin_taken = true;
		other->fin_received = true;
	}
	side->step_ns = NEVER_NS;
	if (side->returning > 0 || (side->fin_taken && !side->fin_acked))
		side_stir(side);	/* to be acknowledged */
}

void
conn_answer(struct conn *conn)
{
	if (conn->answer_ns > kernel.now_ns)
		return;
	if (!conn->is_refused) {
		conn_open(conn);
		return;
	}
	conn->answer_ns = NEVER_NS;
	conn->state = CONN_REFUSED;
	conn->relay.error = ECONNREFUSED;
	conn->relay.stuck = 1;		/* its SYN */
}

static void
side_run(struct side *side)
{
	if (side->step_ns > kernel.now_ns)
		return;
	side_step(side);
	side->conn->is_stirred = true;
}

void
network_run(void)
{
	struct conn *conn;
	size_t i;

	for (i = 0; i < kernel.conns_count; i++) {
		conn = kernel.conns[i];
		conn_answer(conn);
		side_run(&conn->relay);
		side_run(&conn->peer);
	}
}

uint64_t
network_next_ns(void)
{
	uint64_t next_ns = NEVER_NS;
	size_t i;

	for (i = 0; i < kernel.conns_count; i++) {
		if (kernel.conns[i]->answer_ns < next_ns)
			next_ns = kernel.conns[i]->answer_ns;
		if (kernel.conns[i]->relay.step_ns < next_ns)
			next_ns = kernel.conns[i]->relay.step_ns;
		if (kernel.conns[i]->peer.step_ns < next_ns)
			next_ns = kernel.conns[i]->peer.step_ns;
	}
	return (next_ns);
}
