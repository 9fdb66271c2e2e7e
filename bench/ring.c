/* SPDX-License-Identifier: ISC */

/*
 * ring.c - the noise is in memory twice, one after the other, so that what
 * begins before the end can be sent and compared in one piece.
 */

#include "config.h"

#include <sys/mman.h>
#include <sys/socket.h>
#ifdef __linux__
#include <sys/sendfile.h>
#endif

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ring.h"

#define SAMPLE	64	/* bytes compared at the ends and in the middle */

char ring_scratch[RING_SCRATCH];

static char *noise;
static int noise_fd = -1;	/* of a file in memory with the same bytes */

/* splitmix64, by Sebastiano Vigna, in the public domain */
static uint64_t
next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15U;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return (z ^ (z >> 31));
}

#ifdef __linux__
static char *
noise_map(void)
{
	void *memory;

	noise_fd = memfd_create("noise", MFD_CLOEXEC);
	if (noise_fd == -1 || ftruncate(noise_fd, 2 * RING_SIZE) == -1)
		return (NULL);
	memory = mmap(NULL, 2 * RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
	    noise_fd, 0);
	return (memory == MAP_FAILED ? NULL : memory);
}
#else
static char *
noise_map(void)
{
	return (malloc(2 * RING_SIZE));
}
#endif

int
ring_open(uint64_t seed)
{
	uint64_t state = seed, value;
	size_t i;

	noise = noise_map();
	if (noise == NULL)
		return (-1);
	for (i = 0; i + sizeof(value) <= RING_SIZE; i += sizeof(value)) {
		value = next_random(&state);
		memcpy(noise + i, &value, sizeof(value));
	}
	value = next_random(&state);
	memcpy(noise + i, &value, RING_SIZE - i);
	memcpy(noise + RING_SIZE, noise, RING_SIZE);
	return (0);
}

size_t
ring_after(size_t at, uint64_t bytes)
{
	return ((size_t)((at + bytes) % RING_SIZE));
}

const char *
ring_bytes(size_t at)
{
	return (noise + at);
}

bool
ring_matches(const char *bytes, size_t length, size_t at, bool all)
{
	const char *expected = noise + at;
	const size_t middle = length / 2, last = length - SAMPLE;

	if (all || length <= 16 * SAMPLE)
		return (memcmp(bytes, expected, length) == 0);
	return (memcmp(bytes, expected, SAMPLE) == 0 &&
	    memcmp(bytes + middle, expected + middle, SAMPLE) == 0 &&
	    memcmp(bytes + last, expected + last, SAMPLE) == 0);
}

ssize_t
ring_send(int fd, size_t at, size_t length)
{
#ifdef __linux__
	off_t offset = (off_t)at;

	return (sendfile(fd, noise_fd, &offset, length));
#else
	return (send(fd, noise + at, length, MSG_NOSIGNAL));
#endif
}

/* Linux drops what MSG_TRUNC asks for, and touches no memory. */
ssize_t
ring_discard(int fd, size_t length)
{
#ifdef __linux__
	return (recv(fd, NULL, length, MSG_TRUNC));
#else
	return (recv(fd, ring_scratch, length < RING_SCRATCH ? length :
	    RING_SCRATCH, 0));
#endif
}
