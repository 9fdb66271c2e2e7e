/* SPDX-License-Identifier: ISC */

/* targets.c - what a simulated relay is given: upstreams, sizes, pipes. */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>

#include "calls.h"
#include "dice.h"
#include "socks.h"
#include "targets.h"

int __wrap_bind(int fd, const struct sockaddr *sa, socklen_t length);

#define PIPES_MAX	4
#define TUNED_IN	8	/* so many lives, one has options of sockets */
#define LIMITED_IN	4	/* so many lives, one has this limit */

size_t
targets_choose(struct target *upstreams)
{
	static const struct target targets[] = {
	    { .kind = TARGET_INET, .port = 80, .host = "127.0.0.1" },
	    { .kind = TARGET_INET, .port = 80, .host = "::1" },
	    { .kind = TARGET_INET, .port = 80, .host = "one.test" },
	    { .kind = TARGET_INET, .port = 80, .host = "two.test" },
	    { .kind = TARGET_UNIX, .path = "/sim" },
	    { .kind = TARGET_BUILTIN, .service = SERVICE_ECHO },
	    { .kind = TARGET_BUILTIN, .service = SERVICE_DISCARD },
	    { .kind = TARGET_BUILTIN, .service = SERVICE_CHARGEN } };
	const size_t count = 1 + dice_below(TARGETS_MAX);
	const size_t kinds = dice_one_in(2) ? 4 : 8;
	size_t i;

	for (i = 0; i < count; i++)
		upstreams[i] = targets[dice_below(kinds)];
	return (count);
}

static void
choose_rate(struct rate *rate)
{
	if (dice_one_in(2))
		*rate = (struct rate){ .count = 1 + dice_below(4),
		    .per_ms = 1 + dice_below(200) };
}

/* What the system may refuse, and then nobody is reached. */
static void
tune(struct route *route)
{
	route->upstream.keepalive_idle_s = dice_one_in(2);
	route->client.keepalive_count = dice_one_in(2);
	route->client.has_mark = dice_one_in(2);
	route->upstream.has_mark = dice_one_in(2);
	if (dice_one_in(2))
		(void)address_parse(&route->source, "127.0.0.2", 0);
	kernel.is_guarded = true;
}

/* All clients are one source, and of one address. */
void
targets_limit(struct route *route)
{
	static const struct prefix loopback = { .bytes = { [10] = 0xff,
	    [11] = 0xff, [12] = 127 }, .bits = PREFIX_IPV4_BITS + 8 };

	kernel.is_guarded = dice_one_in(LIMITED_IN);
	if (kernel.is_guarded) {
		route->limits.per_source_max = dice_below(4);
		choose_rate(&route->limits.source_rate);
#ifndef HAVE_UTHASH
		/* chosen, so that seeds are the same, and refused by this build */
		route->limits.per_source_max = 0;
		route->limits.source_rate = (struct rate){ .count = 0 };
#endif
		route->deny = route->allow = &loopback;
		route->deny_count = dice_one_in(8);
		route->allow_count = dice_one_in(4);
	}
	if (dice_one_in(TUNED_IN))
		tune(route);
	if (dice_one_in(LIMITED_IN))
		choose_rate(&route->limits.accept_rate);
	if (dice_one_in(LIMITED_IN))
		route->limits.connections_max = 1 + dice_below(4);
}

/* Small sizes, so that flows of few bytes change their ways too. */
void
targets_splice(struct worker *worker)
{
	static const int families[] = { AF_UNSPEC, AF_UNSPEC, AF_UNSPEC,
	    AF_INET, AF_INET6, AF_UNIX };
	static const int errors[] = { EINVAL, EINVAL, EPERM, ENOSYS };

	worker->supplies.read_min_bytes = dice_size();
	worker->supplies.read_max_bytes = worker->supplies.read_min_bytes *
	    (1 + dice_below(4));
	worker->supplies.splice_max_bytes = dice_size();
	kernel.splice_refused = families[dice_below(6)];
	kernel.unsplice_refused = families[dice_below(6)];
	kernel.splice_error = errors[worker->supplies.splice_max_bytes % 4];
	worker_allow_pipes(worker, dice_below(PIPES_MAX));
	if (dice_one_in(4))
		worker_limit_memory(worker, dice_size());
}

/* To a source address. */
int
__wrap_bind(int fd, const struct sockaddr *sa, socklen_t length)
{
	(void)sa;
	(void)length;
	if (desc_of(fd) == NULL)
		violated("descriptor", "%d is bound", fd);
	return (dice_one_in(8) ? fail(EADDRNOTAVAIL) : 0);
}
