/* SPDX-License-Identifier: ISC */

/* addresses.c - asking the system for a name, and putting the answer in order. */

#include <sys/types.h>
#include <sys/socket.h>

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "upstream/resolver.h"

struct addresses *
addresses_hold(struct addresses *addresses)
{
	addresses->references++;
	return (addresses);
}

struct addresses *
addresses_copy(const struct addresses *addresses)
{
	const size_t size = sizeof(*addresses) +
	    addresses->count * sizeof(addresses->list[0]);
	struct addresses *copy;

	copy = malloc(size);
	if (copy == NULL)
		return (NULL);
	memcpy(copy, addresses, size);
	copy->references = 1;
	return (copy);
}

void
addresses_release(struct addresses *addresses)
{
	if (addresses != NULL && --addresses->references == 0)
		free(addresses);
}

static bool
contains(const struct addresses *addresses, const struct address *address)
{
	size_t i;

	for (i = 0; i < addresses->count; i++) {
		if (address_equal(&addresses->list[i], address))
			return (true);
	}
	return (false);
}

static struct addresses *
collect(const struct addrinfo *found)
{
	struct addresses *addresses;
	struct address address;

	addresses = malloc(sizeof(*addresses) +
	    ADDRESSES_MAX * sizeof(addresses->list[0]));
	if (addresses == NULL)
		return (NULL);
	addresses->references = 1;
	addresses->count = 0;
	for (; found != NULL && addresses->count < ADDRESSES_MAX;
	    found = found->ai_next) {
		if (address_set(&address, found->ai_addr, found->ai_addrlen) &&
		    !contains(addresses, &address))
			addresses->list[addresses->count++] = address;
	}
	return (addresses);
}

/*
 * The system sorts by preference (RFC 6724).  The first stays first; then
 * the families take turns, so that one of them being dead costs one delay.
 */
static void
interleave(struct addresses *addresses)
{
	struct address *list = addresses->list, moved;
	size_t i, j;

	for (i = 1; i < addresses->count; i++) {
		for (j = i; j < addresses->count; j++) {
			if (list[j].sa.sa_family != list[i - 1].sa.sa_family)
				break;
		}
		if (j == addresses->count)
			break;
		moved = list[j];
		memmove(&list[i + 1], &list[i], (j - i) * sizeof(list[0]));
		list[i] = moved;
	}
}

int
resolver_lookup_now(const char *host, uint16_t port,
    struct addresses **addresses)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	struct addrinfo *found;
	struct addresses *collected;
	char service[sizeof("65535")];
	int error;

	(void)snprintf(service, sizeof(service), "%u", (unsigned)port);
	error = getaddrinfo(host, service, &hints, &found);
	if (error != 0)
		return (error);
	collected = collect(found);
	freeaddrinfo(found);
	if (collected == NULL)
		return (EAI_MEMORY);
	if (collected->count == 0) {
		addresses_release(collected);
		return (EAI_NONAME);
	}
	interleave(collected);
	*addresses = collected;
	return (0);
}
