/* SPDX-License-Identifier: ISC */

/* test-resolver.c - looking names up, when that fails. */

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/target.h"
#include "mux.h"
#include "refusals.h"
#include "refuse.h"
#include "tap.h"
#include "upstream/resolver.h"

static struct {
	unsigned count;
	int error;
} answers;

static const struct refusal refusals[] = {
	{ CALL_calloc, ENOMEM }, { CALL_malloc, ENOMEM },
	{ CALL_pipe, EMFILE }, { CALL_fcntl, EINVAL },
	{ CALL_pthread_attr_init, ENOMEM }, { CALL_pthread_create, EAGAIN },
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
	    resolver_create(loop, 2);

	answers.count = 0;
	if (resolver != NULL && resolver_lookup(resolver, "127.0.0.1", 80,
	    on_answer, NULL) == 0) {
		while (answers.count == 0 && mux_loop_once(loop, 1000) != -1)
			continue;
	}
	resolver_destroy(resolver);
	mux_loop_destroy(loop);
}

/* The answer is there, but nobody waits for it any more. */
static void
test_end(void)
{
	struct mux_loop *loop = mux_loop_create();
	struct resolver *resolver = resolver_create(loop, 1);
	struct pollfd ready = { .fd = mux_loop_fileno(loop), .events = POLLIN };
	char name[TARGET_HOST_MAX + 2];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	fails(resolver_lookup(resolver, name, 80, on_answer, NULL) == -1,
	    ENAMETOOLONG, "a long name");
	answers.count = 0;
	is(resolver_lookup(resolver, "127.0.0.1", 80, on_answer, NULL), 0,
	    "a look-up");
	if (ready.fd != -1)
		(void)poll(&ready, 1, 10 * 1000);
	resolver_destroy(resolver);
	is(answers.count, 0, "its answer is dropped at the end");
	mux_loop_destroy(loop);
}

static void
test_answers(void)
{
	struct addresses *addresses;

	look_up();
	ok(answers.count == 1 && answers.error == 0, "is answered");
	refuse(CALL_getaddrinfo, 1, EAI_AGAIN);
	look_up();
	(void)refuse_end();
	ok(answers.count == 1 && answers.error == EAI_AGAIN, "with an error");
	refuse(CALL_pthread_create, 2, EAGAIN);
	look_up();
	ok(refuse_end() == 1 && answers.count == 1 && answers.error == 0,
	    "by one helper less");
	refuse(CALL_write, 1, EAGAIN);
	look_up();
	ok(refuse_end() == 1 && answers.count == 0, "or not, by a full pipe");
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
	refuse_each("a look-up", refusals,
	    sizeof(refusals) / sizeof(refusals[0]), look_up);
}
