/* SPDX-License-Identifier: ISC */

/*
 * prefix.h - the addresses that begin with the same bits: 10.0.0.0/8; lists
 * of them, and who is let in.
 *
 * Nothing here keeps anything; all of it is for any thread.
 */

#ifndef BASE_PREFIX_H
#define BASE_PREFIX_H

#include <netinet/in.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

/* Of IPv6, so many bits say that an IPv4 address follows: ::ffff:0:0/96. */
#define PREFIX_IPV4_BITS	96

/*
 * IPv4 has its place in IPv6, so that an address which arrives mapped is the
 * same one.  Only ::ffff:0:0/96 and what is within is IPv4: ::/0 is every
 * IPv6 address and no IPv4 address, 0.0.0.0/0 the other way round.
 */
struct prefix {
	uint8_t bytes[16];	/* zero after the first `bits' */
	uint8_t bits;		/* 0 to 128; of IPv4, 96 more than are written */
};

/* Room for what prefix_format() writes. */
#define PREFIX_TEXT_SIZE	(INET6_ADDRSTRLEN + sizeof("/128"))

/*
 * Reads 10.0.0.0/8, 2001:db8::/32, or an address, which is a prefix of all its
 * bits.  Returns NULL, or what is wrong, which stays until the same thread
 * asks again, and leaves *prefix as it was.
 */
const char *prefix_parse(struct prefix *prefix, const char *text);

/*
 * Writes the shortest text that reads as the same into `out' of at least
 * PREFIX_TEXT_SIZE bytes; returns out.
 */
char *prefix_format(char *out, size_t size, const struct prefix *prefix);

/*
 * The `bits' first bits of an IPv6 address, or of the IPv4 address that it
 * is or has mapped within; ipv4_bits are counted from 0 to 32.  False, with
 * *prefix all zero, for a peer without an address.
 */
bool prefix_of(struct prefix *prefix, const struct address *address,
    uint8_t ipv4_bits, uint8_t ipv6_bits);

/* Whether all addresses of `other' are within; IPv4 is within no IPv6. */
bool prefix_covers(const struct prefix *prefix, const struct prefix *other);

/*
 * Brings a list into the order that prefixes_contain() asks for, and leaves
 * out what is within another of its prefixes.  Returns how many remain.
 */
size_t prefixes_sort(struct prefix *list, size_t count);

/*
 * Whether an address is within one of a sorted list; by halves, whatever its
 * length.  Never true for a peer of the UNIX domain, which has no address.
 */
bool prefixes_contain(const struct prefix *list, size_t count,
    const struct address *address);

/*
 * Whether a client is let in, by two sorted lists: who is in `deny' is not,
 * nor is who is missing from an `allow' that has any.  A client of the UNIX
 * domain always is: lists speak of addresses, and who may use its socket is
 * told by the permissions of the path.  One whose address the system did not
 * tell is let in where there is no list.
 */
bool prefix_allows(const struct prefix *allow, size_t allow_count,
    const struct prefix *deny, size_t deny_count,
    const struct address *address);

#endif
