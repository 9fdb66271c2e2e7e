/* SPDX-License-Identifier: ISC */

/* tcp.h - sockets that do not block, at numeric addresses. */

#ifndef BENCH_TCP_H
#define BENCH_TCP_H

#include <sys/socket.h>

struct tcp_address {
	socklen_t length;
	struct sockaddr_storage name;
};

/* "127.0.0.1:80" or "[::1]:80" */
int tcp_parse(struct tcp_address *address, const char *text);

/* Listens there, and leaves in *address the port that was given for 0. */
int tcp_listen(struct tcp_address *address);

/* Returns a socket that is being connected. */
int tcp_connect(const struct tcp_address *address);

int tcp_accept(int listener);
void tcp_nodelay(int fd);
unsigned tcp_port(const struct tcp_address *address);

#endif
