/* SPDX-License-Identifier: ISC */

/*
 * load.h - many clients at once, and what of their work counts.
 *
 * load.c has what all clients share, client.c what all kinds share, and one
 * file each the kinds.  A byte or an operation is counted where it arrives,
 * after it was found to be right.
 */

#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "histogram.h"
#include "mux.h"
#include "tcp.h"
#include "watch.h"

enum kind {
	KIND_PING,		/* request and response, one after the other */
	KIND_IDLE,		/* one at the start and one at the end */
	KIND_RUSH,		/* connect, request, response, close */
	KIND_UP,		/* bytes without end to the server */
	KIND_DOWN,		/* and from it */
	KINDS
};

/* What a connection begins with; both ends are on one machine. */
struct hello {
	uint32_t magic;
	uint32_t kind;
	uint32_t size;		/* of a request and of a response */
	uint32_t start;		/* in the ring */
};

#define HELLO_MAGIC	0x6d75786cU

/* Both directions of a stream end with their length. */
typedef uint64_t receipt;

enum phase {
	PHASE_OPENING,		/* until every client has had an answer */
	PHASE_WARMING,
	PHASE_MEASURING,
	PHASE_ENDING		/* what is under way is completed and checked */
};

struct client {
	struct load *load;
	int fd;
	enum kind kind;
	unsigned events;	/* watched */
	bool greeted;		/* the hello was sent */
	bool is_open;		/* all the way: an answer came back */
	bool ending;
	uint32_t start;
	size_t send_at, receive_at;	/* in the ring */
	size_t unsent, wanted;	/* of this request, of this response */
	uint64_t began_ns;
	uint64_t sent, received;
	unsigned reads;
	size_t held_length;	/* what may be the receipt */
	char held[sizeof(receipt)];
};

struct tally {
	uint64_t operations;
	uint64_t up_sent, down_received;
	struct histogram latency;
};

struct load {
	struct mux_loop *loop;
	struct mux_timer *timer;
	struct server *server;	/* in this process, or NULL */

	/* the order */
	struct tcp_address address;
	unsigned counts[KINDS];
	size_t size;
	unsigned opening_limit;
	uint64_t warm_ms, measure_ms;
	bool verify;		/* every byte */
	long watched;		/* a session's id, or 0 */

	/* the state */
	enum phase phase;
	struct client *clients;
	unsigned count, next, opening, open, live;
	uint64_t failures, wrong;

	/* the result */
	struct tally tally;
	uint64_t begin_ns, duration_ns;
	uint64_t total_operations;	/* from the first on */
	uint64_t own_cpu_ns, own_wait_ns;
	uint64_t up_received;
	struct watch_sample before, begin, end;
};

int load_run(struct load *load);
void load_free(struct load *load);
void load_open_more(struct load *load);
void load_client_gone(struct load *load);
uint64_t load_now_ns(void);

/* Says the first few of them, and counts all. */
void load_failed(struct load *load, const char *what);
void load_found_wrong(struct load *load, const char *what);

/* client.c: for the kinds */
void client_open(struct client *client);
void client_end(struct client *client);
void client_is_open(struct client *client);
void client_close(struct client *client);
void client_disconnect(struct client *client);
void client_failed(struct client *client, const char *what);
int client_watch(struct client *client, unsigned events);
int client_connect(struct client *client, unsigned events);
int client_greet(struct client *client, size_t length);

/* Counts an answered request that is right. */
void client_answered(struct client *client);

/* the kinds */
void ping_start(struct client *client);
void ping_ready(struct client *client, unsigned events);
void ping_end(struct client *client);
void rush_start(struct client *client);
void rush_ready(struct client *client, unsigned events);
void up_ready(struct client *client, unsigned events);
void down_ready(struct client *client, unsigned events);
void bulk_end(struct client *client);

/* muxload.c, report.c */
void report_print(const struct load *load, bool json);

#endif
