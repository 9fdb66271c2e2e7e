/* SPDX-License-Identifier: ISC */

/*
 * socks.h - what the simulated kernel consists of: descriptors, connections
 * of two sides, and the network that carries bytes from one to the other.
 *
 * One side of each connection belongs to the relay, by a descriptor; the
 * other one to a peer, which uses it directly.
 */

#ifndef SIM_SOCKS_H
#define SIM_SOCKS_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_MAX_BYTES	4096
#define FD_FIRST	3	/* those below stay the system's */
#define FD_FIRST_HIGH	58	/* so that tables of 64 have to grow */
#define FD_SPAN		45
#define FD_END		(FD_FIRST_HIGH + FD_SPAN)
#define CONNS_MAX	64
#define NS_PER_US	UINT64_C(1000)
#define NS_PER_MS	UINT64_C(1000000)
#define NEVER_NS	UINT64_MAX

struct bytes {
	unsigned char data[QUEUE_MAX_BYTES];
	size_t head, used, limit;
};

struct conn;

struct side {
	struct side *other;
	struct conn *conn;
	struct bytes input, output;	/* to be read; not taken by the other */
	size_t returning;	/* taken, but the acknowledgement is under way */
	bool is_shut;		/* for writing */
	bool is_held;		/* what was sent last waits for more */
	bool fin_sent, fin_taken, fin_acked;
	bool fin_received;
	bool is_reset, is_closed, resets_on_close;
	int stuck;		/* unacknowledged when it was reset */
	int error;		/* what SO_ERROR takes away */
	uint64_t reset_ns;	/* since when the relay can know of its reset */
	uint64_t short_ns;	/* until when the system lacks memory for it */
	uint64_t arrived_bytes;	/* from the other, ever */
	uint64_t urgent_end;	/* of those: where the urgent byte ends; 0: none */
	uint64_t step_ns;	/* when the network carries the output on */
	unsigned reads_due;	/* until it may be spliced from again */
	struct side *sink;	/* to which it is joined; NULL: to none */
	uint64_t joined_bytes;	/* that were moved there */
};

enum conn_state { CONN_FRESH, CONN_CONNECTING, CONN_OPEN, CONN_REFUSED };

struct conn {
	struct side relay, peer;
	enum conn_state state;
	uint64_t answer_ns;	/* CONNECTING: when it is decided */
	bool is_refused;	/* how */
	bool is_upstream;
	struct sockaddr_storage target;	/* of connect(2) */
	bool is_self;		/* connected to itself */
	bool is_pair;		/* both of its ends are the relay's */
	int family;
	uint64_t moved_ns;	/* when bytes of the relay's were acknowledged last */
	uint64_t acked_ns;	/* the same, of bytes or of the end of input */
	uint64_t closed_ns;	/* when the relay did */
	bool is_stirred;	/* something changed for the peer */
	void *user;		/* the peer */
};

enum kind { KIND_NONE, KIND_CONN, KIND_LISTENER, KIND_PIPE, KIND_EPOLL,
	KIND_SPLICE, KIND_HELD };

struct desc {
	enum kind kind;
	struct conn *conn;
	struct side *side;	/* of it, that the descriptor is */
	struct bytes *pipe;	/* SPLICE: what both of its ends have */
	bool is_watched;	/* in the epoll set */
	unsigned mask;
};

enum fault { FAULT_SHORT, FAULT_EINTR, FAULT_SPURIOUS, FAULT_EAGAIN, FAULT_ENOBUFS,
	FAULT_ACCEPT, FAULT_EMFILE, FAULT_SHUTDOWN, FAULT_ENOMEM,
	FAULT_WATCH, FAULT_CONNECT, FAULT_LOOKUP, FAULT_FCNTL, FAULT_SPLICE,
	FAULT_COUNT };

struct kernel {
	struct desc descs[FD_END];
	int fd_first;		/* the lowest number */
	int fd_top;		/* above all that were ever open */
	struct conn *conns[CONNS_MAX];
	size_t conns_count;
	struct conn *backlog[CONNS_MAX];
	size_t backlog_used, backlog_limit;
	bool was_empty;		/* said the last accept4(2) */
	bool is_relay;		/* that closes no listener on who waits */
	bool is_guarded;	/* and does not let in everybody */
	uint64_t now_ns, start_ns;
	size_t rates[FAULT_COUNT];	/* one in so many; 0: never */
	uint64_t faults_end_ns;
	bool is_bsd;		/* the sockets, too, follow the rules of FreeBSD */
	bool is_netbsd;		/* or where they differ, of NetBSD */
	unsigned long moves;	/* calls of the relay that achieved something */
	unsigned long refusals;	/* of connections to upstreams */
	unsigned long upstreams;	/* that the relay can try */
	int pipe_fd;		/* the loop's pipe, its end to read */
	size_t pipe_used;	/* bytes in it */
	int splice_refused, unsplice_refused;	/* families of sockets */
	int splice_error;	/* with which they are */
	bool splice_is_refused;	/* for good: it has said so */
	uint64_t full_ns;	/* until when a UNIX socket takes nobody */
	bool has_rdhup;		/* not every system that has epoll does */
	int wait_error;		/* with which the next wait fails; 0: none */
	bool is_stopped, is_cut;	/* the relay, gently or at once */
	unsigned long accepted;
	int waiters;		/* which peers end only when the other does */
	uint64_t limit_ns;	/* that the relay has for silence */
};

extern struct kernel kernel;
extern bool tracing;

void trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says which rule was broken by which seed, and ends the program. */
void violated(const char *rule, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

void kernel_reset(void);
bool fault(enum fault kind);
int desc_open(enum kind kind, struct conn *conn);	/* -1: EMFILE */

static inline struct desc *
desc_of(int fd)						/* NULL: none */
{
	if (fd < FD_FIRST || fd >= FD_END ||
	    kernel.descs[fd].kind == KIND_NONE)
		return (NULL);
	return (&kernel.descs[fd]);
}

struct conn *conn_create(bool is_upstream);		/* NULL: no room */
void conn_forget(struct conn *conn);			/* one that was never used */
void conn_connect(struct conn *conn);
void conn_answer(struct conn *conn);	/* to the connect, when it is time */
void conn_open(struct conn *conn);
void conn_accept(struct conn *conn);			/* the kernel's part */

size_t bytes_put(struct bytes *bytes, const void *data, size_t count);
size_t bytes_take(struct bytes *bytes, void *data, size_t count);

/* What a side writes and reads; the network takes note. */
size_t side_put(struct side *side, const void *data, size_t count);
size_t side_take(struct side *side, void *data, size_t count);
void side_urge(struct side *side);	/* what was put last is urgent */
size_t side_room(const struct side *side);	/* for writing */

void side_close(struct side *side);
void side_reset_other(struct side *side);	/* sends a reset */
void side_shut(struct side *side);
int side_unacked(const struct side *side);

/* TCP's state CLOSED after both ends: no reset concerns it any more. */
static inline bool
side_is_over(const struct side *side)
{
	return (side->fin_received && side->fin_acked);
}

/* What is due by now happens; the time of what is next. */
void network_run(void);
uint64_t network_next_ns(void);

#endif
