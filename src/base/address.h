/* SPDX-License-Identifier: ISC */

/* address.h - an IP address with its port. */

#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Small, because each session keeps two.  A UNIX-domain peer is told by its
 * family alone; its path, if it matters, is in the target.
 */
struct address {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	};
};

/* Room for [address%zone]:port. */
#define ADDRESS_TEXT_SIZE	(INET6_ADDRSTRLEN + sizeof("[%4294967295]:65535"))

/* Takes over an IPv4 or IPv6 address; false for any other family or length. */
bool address_set(struct address *address, const struct sockaddr *sa,
    socklen_t length);

/*
 * Reads a numeric IPv4 or IPv6 address, with a zone such as %eth0 where it
 * has one.  False with EINVAL when `host' is a name instead, or with ENOMEM.
 */
bool address_parse(struct address *address, const char *host, uint16_t port);

/* The target's check has seen to it that there is such a port. */
void address_add_port(struct address *address, uint16_t offset);

socklen_t address_length(const struct address *address);
bool address_equal(const struct address *a, const struct address *b);
bool address_is_loopback(const struct address *address);
bool address_is_any(const struct address *address);	/* 0.0.0.0, or :: */

/*
 * Writes 192.0.2.1:80 or [2001:db8::1]:80 into `out' of at least
 * ADDRESS_TEXT_SIZE bytes; an IPv4 address mapped into IPv6 is written as
 * what it is, a zone by its number, a UNIX-domain peer as `unix'.  Returns
 * out.
 */
char *address_format(char *out, size_t size, const struct address *address);

#endif
