/* SPDX-License-Identifier: ISC */

/* test-resolver.c - looking names up, when that fails. */

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/target.h"
#include "mux.h"
#include "refusals.h"
#include "refuse.h"
#include "tap.h"
#include "upstream/resolver.h"

#define TARGETS	3
#define ASKED	1000	/* look-ups, by two loops */

static const struct target targets[TARGETS] = {
	{ .kind = TARGET_BUILTIN, .service = SERVICE_ECHO },
	{ .kind = TARGET_INET, .host = "localhost", .port = 80 },
	{ .kind = TARGET_INET, .host = "localhost", .port = 81 },
};

static struct {
	unsigned count;
	int error;
} answers;

static const struct refusal refusals[] = {
	{ CALL_calloc, ENOMEM }, { CALL_malloc, ENOMEM },
	{ CALL_pipe, EMFILE }, { CALL_fcntl, EINVAL },
	{ CALL_pthread_create, EAGAIN },
	{ CALL_read, EINTR }, { CALL_write, EINTR },
	{ CALL_getaddrinfo, EAI_AGAIN }, { CALL_getaddrinfo, EAI_NONAME },
};

static void
on_answer(void *arg, int error, struct addresses *addresses)
{
	(void)arg;
	answers.count++;
	answers.error = error;
	addresses_release(addresses);
}

/* Looks one up and has it, or none when that cannot begin. */
static void
look_up(void)
{
	struct mux_loop *loop = mux_loop_create();
	struct resolver *resolver = loop == NULL ? NULL :
	    resolver_create(targets, TARGETS);
	struct asker *asker = resolver == NULL ? NULL :
	    asker_create(resolver, loop);

	answers.count = 0;
	if (asker != NULL && asker_lookup(asker, 1, on_answer, NULL) == 0) {
		while (answers.count == 0 && mux_loop_once(loop, 1000) != -1)
			continue;
	}
	asker_destroy(asker);
	resolver_destroy(resolver);
	mux_loop_destroy(loop);
}

/* The answer is there, but nobody waits for it any more. */
static void
test_end(void)
{
	struct mux_loop *loop = mux_loop_create();
	struct resolver *resolver = resolver_create(targets, TARGETS);
	struct asker *asker = asker_create(resolver, loop);
	struct pollfd ready = { .fd = mux_loop_fileno(loop), .events = POLLIN };

	answers.count = 0;
	is(asker_lookup(asker, 1, on_answer, NULL), 0, "a look-up");
	if (ready.fd != -1)
		(void)poll(&ready, 1, 10 * 1000);
	asker_destroy(asker);
	is(answers.count, 0, "its answer is dropped at the end");
	resolver_destroy(resolver);
	mux_loop_destroy(loop);
}

/* Two loops that ask, one of which leaves before the answers come. */
static void
test_askers(void)
{
	struct mux_loop *loops[] = { mux_loop_create(), mux_loop_create() };
	struct resolver *resolver = resolver_create(targets, TARGETS);
	struct asker *askers[] = { asker_create(resolver, loops[0]),
	    asker_create(resolver, loops[1]) };
	int i;

	answers.count = 0;
	for (i = 0; i < ASKED; i++) {
		if (asker_lookup(askers[i % 2], 1 + (size_t)(i / 2 % 2),
		    on_answer, NULL) == -1)
			bail_out("asker_lookup");
	}
	asker_destroy(askers[1]);
	while (answers.count < ASKED / 2 && mux_loop_once(loops[0], 1000) != -1)
		continue;
	is(answers.count, ASKED / 2, "each look-up of one loop is answered");
	asker_destroy(askers[0]);
	resolver_destroy(resolver);
	mux_loop_destroy(loops[0]);
	mux_loop_destroy(loops[1]);
}

static void
test_answers(void)
{
	struct addresses *addresses;

	look_up();
	ok(answers.count == 1 && answers.error == 0, "is answered");
	/* after those that tell names from addresses, one for each */
	refuse(CALL_getaddrinfo, 3, EAI_AGAIN);
	look_up();
	(void)refuse_end();
	ok(answers.count == 1 && answers.error == EAI_AGAIN, "with an error");
	refuse(CALL_pthread_create, 2, EAGAIN);
	look_up();
	ok(refuse_end() == 1 && answers.count == 1 && answers.error == 0,
	    "by one helper less");
	refuse(CALL_write, 1, EAGAIN);
	look_up();
	ok(refuse_end() == 1 && answers.count == 1 &&
	    answers.error == EAI_SYSTEM, "or not, by a full pipe");
	refuse(CALL_malloc, 1, ENOMEM);
	is(resolver_lookup_now("127.0.0.1", 80, &addresses), EAI_MEMORY,
	    "or for want of memory");
	(void)refuse_end();
}

void
test_resolver(void)
{
	test_answers();
	test_end();
	test_askers();
	refuse_each("a look-up", refusals,
	    sizeof(refusals) / sizeof(refusals[0]), look_up);
}
