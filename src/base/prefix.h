/* SPDX-License-Identifier: ISC */

/* prefix.h - the addresses that begin with the same bits: 10.0.0.0/8. */

#ifndef BASE_PREFIX_H
#define BASE_PREFIX_H

#include <stdint.h>

/*
 * IPv4 has its place in IPv6, ::ffff:0:0/96, so that an address which arrives
 * mapped is the same one.
 */
struct prefix {
	uint8_t bytes[16];	/* zero after the first `bits' */
	uint8_t bits;		/* 0 to 128; of IPv4, 96 more than are written */
};

#endif
