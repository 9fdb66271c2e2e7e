/* SPDX-License-Identifier: ISC */

/* serve.h - the server that the clients of load.h talk to. */

#ifndef BENCH_SERVE_H
#define BENCH_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "mux.h"
#include "tcp.h"

struct server {
	struct mux_loop *loop;
	struct tcp_address address;
	int listener;
	bool verify;
	uint64_t received;	/* of what comes without end */
	uint64_t wrong, failures;
	struct served *first;
};

/* Whether a stream that began at that place of the ring will be ended. */
bool server_expect(struct server *server, uint32_t start, uint64_t end);

int server_open(struct server *server);
void server_close(struct server *server);

#endif
