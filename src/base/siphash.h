/* SPDX-License-Identifier: ISC */

/*
 * siphash.h - a hash that nobody can aim at who does not know its key, so that
 * peers who choose their addresses cannot make a table slow.
 */

#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t words[2];
};

/* A key that nobody can guess.  -1 with errno, where there is none. */
int siphash_key_create(struct siphash_key *key);

/* SipHash-2-4, by Jean-Philippe Aumasson and Daniel J. Bernstein. */
uint64_t siphash(const struct siphash_key *key, const void *data,
    size_t bytes);

#endif
