/* SPDX-License-Identifier: ISC */

/* siphash.c - a hash that nobody can aim at who does not know its key. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/siphash.h"

#ifdef HAVE_ARC4RANDOM_BUF

int
siphash_key_create(struct siphash_key *key)
{
	arc4random_buf(key, sizeof(*key));
	return (0);
}

#elif defined(HAVE_GETENTROPY)

int
siphash_key_create(struct siphash_key *key)
{
	return (getentropy(key, sizeof(*key)));
}

#else

int
siphash_key_create(struct siphash_key *key)
{
	const int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	ssize_t got;
	int error;

	if (fd == -1)
		return (-1);
	/* never short for so few bytes, random(4) */
	got = read(fd, key, sizeof(*key));
	error = got == -1 ? errno : EIO;
	(void)close(fd);
	if (got == (ssize_t)sizeof(*key))
		return (0);
	errno = error;
	return (-1);
}

#endif

/* The same on every machine, whatever its order of bytes. */
static uint64_t
load(const uint8_t *from, size_t bytes)
{
	uint64_t word = 0;
	size_t i;

	for (i = 0; i < bytes; i++)
		word |= (uint64_t)from[i] << (8 * i);
	return (word);
}

static uint64_t
rotate(uint64_t word, unsigned bits)
{
	return (word << bits | word >> (64 - bits));
}

static void
turn(uint64_t v[4], unsigned rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32) + v[3];
		v[2] += v[1];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[2] = rotate(v[2], 32);
	}
}

static void
absorb(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	turn(v, 2);
	v[0] ^= word;
}

uint64_t
siphash(const struct siphash_key *key, const void *data, size_t bytes)
{
	const uint8_t *at = data;
	size_t left;
	uint64_t v[4] = {
		key->words[0] ^ UINT64_C(0x736f6d6570736575),
		key->words[1] ^ UINT64_C(0x646f72616e646f6d),
		key->words[0] ^ UINT64_C(0x6c7967656e657261),
		key->words[1] ^ UINT64_C(0x7465646279746573),
	};

	for (left = bytes; left >= 8; left -= 8, at += 8)
		absorb(v, load(at, 8));
	absorb(v, load(at, left) | (uint64_t)bytes << 56);
	v[2] ^= 0xff;
	turn(v, 4);
	return (v[0] ^ v[1] ^ v[2] ^ v[3]);
}
