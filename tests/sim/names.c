/* SPDX-License-Identifier: ISC */

/*
 * names.c - a resolver in the place of the one with threads: it answers at
 * any time, by a wake-up, with up to three addresses or none.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "dice.h"
#include "memory.h"
#include "names.h"
#include "socks.h"
#include "upstream/resolver.h"

#define LOOKUPS_MAX	4	/* one for each name, at a time */
#define MANY		4	/* addresses of a name, mostly */
#define HOSTS		3

/* For a second an answer is good for those who ask next. */
#define FRESH_NS	(900 * NS_PER_MS)

int __wrap_getaddrinfo(const char *name, const char *service,
    const struct addrinfo *hints, struct addrinfo **result);
void __wrap_freeaddrinfo(struct addrinfo *info);

/* The list that getaddrinfo(3) gives out, one by one; info is first. */
struct found {
	struct addrinfo info;
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} address;
};

struct lookup {
	uint64_t due_ns;	/* NEVER_NS: none */
	bool is_answered;
	uint16_t port;
	resolver_fn *fn;
	void *arg;
};

struct resolver {
	struct asker *asker;
};

struct asker {
	struct asker *next;
	struct resolver *resolver;
	struct mux_wakeup *wakeup;
	struct lookup lookups[LOOKUPS_MAX];
	uint64_t answered_ns[LOOKUPS_MAX];	/* last; 0: never */
};

static struct asker *askers;	/* one for each lane */

static struct addrinfo *
found_create(const struct found *what, struct addrinfo *next)
{
	struct found *found = memory_take(sizeof(*found));

	*found = *what;
	found->info.ai_addr = &found->address.sa;
	found->info.ai_next = next;
	return (&found->info);
}

static void
set_address(struct found *found)
{
	const uint32_t host = (uint32_t)dice_below(HOSTS);

	switch (dice_below(8)) {
	case 0:		/* of no family that the relay knows */
		found->address.sa.sa_family = AF_APPLETALK;
		found->info.ai_addrlen = sizeof(found->address.sa);
		break;
	case 1:
	case 2:
	case 3:
		found->address.in6 = (struct sockaddr_in6){
		    .sin6_family = AF_INET6, .sin6_port = htons(80),
		    .sin6_addr = IN6ADDR_LOOPBACK_INIT };
		found->address.in6.sin6_addr.s6_addr[14] = (uint8_t)host;
		found->info.ai_addrlen = sizeof(found->address.in6);
		break;
	default:
		found->address.in = (struct sockaddr_in){
		    .sin_family = AF_INET, .sin_port = htons(80),
		    .sin_addr.s_addr = htonl(INADDR_LOOPBACK + host) };
		found->info.ai_addrlen = sizeof(found->address.in);
		break;
	}
}

/* What is written as an address. */
static int
parse_literal(const char *name, struct addrinfo **result)
{
	struct found literal = { .info.ai_next = NULL };

	if (fault(FAULT_ENOMEM))
		return (EAI_MEMORY);
	if (inet_pton(AF_INET, name, &literal.address.in.sin_addr) == 1) {
		literal.address.sa.sa_family = AF_INET;
		literal.address.in.sin_port = htons(80);
		literal.info.ai_addrlen = sizeof(literal.address.in);
	} else if (inet_pton(AF_INET6, name,
	    &literal.address.in6.sin6_addr) == 1) {
		literal.address.sa.sa_family = AF_INET6;
		literal.address.in6.sin6_port = htons(80);
		literal.info.ai_addrlen = sizeof(literal.address.in6);
	} else
		return (EAI_NONAME);
	*result = found_create(&literal, NULL);
	return (0);
}

/* Duplicates, nothing useful at all, or more than anybody wants. */
int
__wrap_getaddrinfo(const char *name, const char *service,
    const struct addrinfo *hints, struct addrinfo **result)
{
	static const int errors[] = { EAI_AGAIN, EAI_FAIL, EAI_NONAME };
	size_t count = dice_one_in(16) ? 2 * ADDRESSES_MAX :
	    1 + dice_below(MANY);
	struct found found;

	(void)service;
	if ((hints->ai_flags & AI_NUMERICHOST) != 0)
		return (parse_literal(name, result));
	if (dice_one_in(4))
		return (errors[dice_below(3)]);
	*result = NULL;
	for (; count > 0; count--) {
		found = (struct found){ .info.ai_next = NULL };
		set_address(&found);
		*result = found_create(&found, *result);
	}
	return (0);
}

void
__wrap_freeaddrinfo(struct addrinfo *info)
{
	struct addrinfo *next;

	for (; info != NULL; info = next) {
		next = info->ai_next;
		memory_give(info);
	}
}

static void
tell(struct asker *asker, struct lookup *lookup)
{
	struct addresses *addresses = NULL;
	int error;

	error = resolver_lookup_now("one.test", lookup->port, &addresses);
	if (error != 0)
		kernel.refusals++;
	trace("a name is answered: %d", error);
	lookup->due_ns = NEVER_NS;
	lookup->is_answered = false;
	asker->answered_ns[lookup - asker->lookups] = kernel.now_ns;
	lookup->fn(lookup->arg, error, addresses);
}

static void
on_answers(struct mux_wakeup *wakeup, void *arg)
{
	struct asker *asker = arg;
	size_t i;

	(void)wakeup;
	for (i = 0; i < LOOKUPS_MAX; i++) {
		if (asker->lookups[i].is_answered)
			tell(asker, &asker->lookups[i]);
	}
}

struct resolver *
resolver_create(const struct target *targets, size_t count)
{
	(void)targets;
	(void)count;
	return (calloc(1, sizeof(struct resolver)));
}

void
resolver_destroy(struct resolver *resolver)
{
	if (resolver != NULL && resolver->asker != NULL)
		violated("names", "someone still asks");
	free(resolver);
}

struct asker *
asker_create(struct resolver *resolver, struct mux_loop *loop)
{
	struct asker *asker;
	size_t i;

	asker = calloc(1, sizeof(*asker));
	if (asker == NULL)
		return (NULL);
	asker->wakeup = mux_wakeup_create(loop, on_answers, asker);
	if (asker->wakeup == NULL) {
		free(asker);
		return (NULL);
	}
	for (i = 0; i < LOOKUPS_MAX; i++)
		asker->lookups[i].due_ns = NEVER_NS;
	asker->resolver = resolver;
	resolver->asker = asker;
	asker->next = askers;
	askers = asker;
	return (asker);
}

void
asker_destroy(struct asker *asker)
{
	struct asker **link = &askers;

	if (asker == NULL)
		return;
	while (*link != asker)
		link = &(*link)->next;
	*link = asker->next;
	mux_wakeup_destroy(asker->wakeup);
	asker->resolver->asker = NULL;
	free(asker);
}

int
asker_lookup(struct asker *asker, size_t number, resolver_fn *fn, void *arg)
{
	struct lookup *lookup = &asker->lookups[number];

	if (fault(FAULT_LOOKUP)) {
		kernel.refusals++;
		errno = EAGAIN;
		return (-1);
	}
	if (number >= LOOKUPS_MAX || lookup->due_ns != NEVER_NS ||
	    lookup->is_answered)
		violated("names", "a second look-up of one name");
	if (asker->answered_ns[number] != 0 &&
	    kernel.now_ns < asker->answered_ns[number] + FRESH_NS)
		violated("names", "asked again, and the answer is fresh");
	*lookup = (struct lookup){ .port = 80,
	    .due_ns = kernel.now_ns + dice_below(800) * NS_PER_MS,
	    .fn = fn, .arg = arg };
	return (0);
}

static void
answer_due(struct asker *asker)
{
	size_t i;

	for (i = 0; i < LOOKUPS_MAX; i++) {
		if (asker->lookups[i].due_ns > kernel.now_ns)
			continue;
		asker->lookups[i].due_ns = NEVER_NS;
		asker->lookups[i].is_answered = true;
		mux_wakeup_send(asker->wakeup);
	}
}

/* The helper's thread. */
void
names_run(void)
{
	struct asker *asker;

	for (asker = askers; asker != NULL; asker = asker->next)
		answer_due(asker);
}

uint64_t
names_next_ns(void)
{
	uint64_t next_ns = NEVER_NS;
	const struct asker *asker;
	size_t i;

	for (asker = askers; asker != NULL; asker = asker->next) {
		for (i = 0; i < LOOKUPS_MAX; i++) {
			if (asker->lookups[i].due_ns < next_ns)
				next_ns = asker->lookups[i].due_ns;
		}
	}
	return (next_ns);
}
