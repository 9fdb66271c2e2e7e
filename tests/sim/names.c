/* SPDX-License-Identifier: ISC */

/*
 * names.c - a resolver in the place of the one with threads: it answers at
 * any time, by a wake-up, with up to three addresses or none.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "dice.h"
#include "names.h"
#include "socks.h"
#include "upstream/resolver.h"

#define LOOKUPS_MAX	4	/* one for each name, at a time */
#define ADDRESSES	3

struct lookup {
	uint64_t due_ns;	/* NEVER_NS: none */
	bool is_answered;
	uint16_t port;
	resolver_fn *fn;
	void *arg;
};

struct resolver {
	struct mux_wakeup *wakeup;
	struct lookup lookups[LOOKUPS_MAX];
};

static struct resolver *current;	/* the only one */

static struct addresses *
answer(uint16_t port)
{
	const size_t count = 1 + dice_below(ADDRESSES);
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
	    .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_port = htons(port) };
	struct addresses *addresses;
	size_t i;

	addresses = malloc(sizeof(*addresses) +
	    count * sizeof(addresses->list[0]));
	if (addresses == NULL)
		return (NULL);
	addresses->references = 1;
	addresses->count = count;
	for (i = 0; i < count; i++) {
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)i);
		in6.sin6_addr.s6_addr[14] = (unsigned char)i;
		if (dice_one_in(2))
			(void)address_set(&addresses->list[i],
			    (struct sockaddr *)&in, sizeof(in));
		else
			(void)address_set(&addresses->list[i],
			    (struct sockaddr *)&in6, sizeof(in6));
	}
	return (addresses);
}

static void
tell(struct lookup *lookup)
{
	static const int errors[] = { EAI_AGAIN, EAI_FAIL, EAI_NONAME };
	struct addresses *addresses = NULL;
	int error = 0;

	if (dice_one_in(4))
		error = errors[dice_below(3)];
	else if ((addresses = answer(lookup->port)) == NULL)
		error = EAI_MEMORY;
	if (error != 0)
		kernel.refusals++;
	trace("a name is answered: %d", error);
	lookup->due_ns = NEVER_NS;
	lookup->is_answered = false;
	lookup->fn(lookup->arg, error, addresses);
}

static void
on_answers(struct mux_wakeup *wakeup, void *arg)
{
	struct resolver *resolver = arg;
	size_t i;

	(void)wakeup;
	for (i = 0; i < LOOKUPS_MAX; i++) {
		if (resolver->lookups[i].is_answered)
			tell(&resolver->lookups[i]);
	}
}

struct resolver *
resolver_create(struct mux_loop *loop, unsigned threads)
{
	struct resolver *resolver;
	size_t i;

	(void)threads;
	resolver = calloc(1, sizeof(*resolver));
	if (resolver == NULL)
		return (NULL);
	resolver->wakeup = mux_wakeup_create(loop, on_answers, resolver);
	if (resolver->wakeup == NULL) {
		free(resolver);
		return (NULL);
	}
	for (i = 0; i < LOOKUPS_MAX; i++)
		resolver->lookups[i].due_ns = NEVER_NS;
	current = resolver;
	return (resolver);
}

void
resolver_destroy(struct resolver *resolver)
{
	if (resolver == NULL)
		return;
	mux_wakeup_destroy(resolver->wakeup);
	free(resolver);
	current = NULL;
}

int
resolver_lookup(struct resolver *resolver, const char *host, uint16_t port,
    resolver_fn *fn, void *arg)
{
	size_t i;

	(void)host;
	if (fault(FAULT_LOOKUP)) {
		kernel.refusals++;
		errno = EAGAIN;
		return (-1);
	}
	for (i = 0; i < LOOKUPS_MAX; i++) {
		if (resolver->lookups[i].due_ns != NEVER_NS ||
		    resolver->lookups[i].is_answered)
			continue;
		resolver->lookups[i] = (struct lookup){ .port = port,
		    .due_ns = kernel.now_ns + dice_below(800) * NS_PER_MS,
		    .fn = fn, .arg = arg };
		return (0);
	}
	violated("names", "a second look-up of one name");
}

/* The helper's thread. */
void
names_run(void)
{
	size_t i;

	for (i = 0; current != NULL && i < LOOKUPS_MAX; i++) {
		if (current->lookups[i].due_ns > kernel.now_ns)
			continue;
		current->lookups[i].due_ns = NEVER_NS;
		current->lookups[i].is_answered = true;
		mux_wakeup_send(current->wakeup);
	}
}

uint64_t
names_next_ns(void)
{
	uint64_t next_ns = NEVER_NS;
	size_t i;

	for (i = 0; current != NULL && i < LOOKUPS_MAX; i++) {
		if (current->lookups[i].due_ns < next_ns)
			next_ns = current->lookups[i].due_ns;
	}
	return (next_ns);
}
