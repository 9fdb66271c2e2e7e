/* SPDX-License-Identifier: ISC */

/*
 * resolver.c - name look-ups on helper threads.
 *
 * A loop takes no lock.  Who asks for a name puts the look-up on the name's
 * list; who found that list empty sends the name to the helpers, as a pointer
 * through a pipe that all of them read.  A helper takes the list when it has
 * the answer, for all that asked until then: so a name is never with two
 * helpers.  Answers come back on a list of the asker, with a wake-up for its
 * loop.  All lists are pushed to one by one and taken whole, each by one
 * atomic step.
 *
 * The helpers are detached, because one that hangs in a look-up could not be
 * joined; what they share lives until the last of them has left.
 */

#include <sys/types.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/thread.h"
#include "upstream/resolver.h"

struct lookup {
	struct inbox *inbox;		/* where the answer goes */
	resolver_fn *fn;
	void *arg;
	int error;
	struct addresses *addresses;
	struct lookup *next;
};

typedef _Atomic(struct lookup *) lookup_list;

/* What the helpers and a loop have in common. */
struct inbox {
	atomic_uint references;		/* look-ups, and the asker itself */
	lookup_list answered;
	pthread_mutex_t mutex;		/* for wakeup, at the end */
	struct mux_wakeup *wakeup;	/* NULL: nobody waits any more */
};

struct asker {
	struct resolver *resolver;
	struct inbox *inbox;
	struct mux_wakeup *wakeup;
};

struct name {
	char host[TARGET_HOST_MAX + 1];	/* "": that target has none */
	uint16_t port;
	lookup_list asked;
};

/* What the helpers have in common. */
struct shared {
	atomic_uint references;		/* helpers, and the resolver itself */
	int requests_fd;		/* helpers read pointers to names here */
	size_t count;
	struct name names[];
};

struct resolver {
	struct shared *shared;
	int requests_fd;		/* the end to write to */
};

/* Whether the list was empty. */
static bool
push(lookup_list *list, struct lookup *lookup)
{
	struct lookup *first;

	first = atomic_load(list);
	do {
		lookup->next = first;
	} while (!atomic_compare_exchange_weak(list, &first, lookup));
	return (first == NULL);
}

static void
inbox_release(struct inbox *inbox)
{
	if (atomic_fetch_sub(&inbox->references, 1) != 1)
		return;
	(void)pthread_mutex_destroy(&inbox->mutex);
	free(inbox);
}

static void
lookup_free(struct lookup *lookup)
{
	addresses_release(lookup->addresses);
	inbox_release(lookup->inbox);
	free(lookup);
}

static void
answer(struct lookup *lookup)
{
	struct inbox *inbox = lookup->inbox;

	(void)pthread_mutex_lock(&inbox->mutex);
	if (inbox->wakeup != NULL) {
		(void)push(&inbox->answered, lookup);
		mux_wakeup_send(inbox->wakeup);
		lookup = NULL;
	}
	(void)pthread_mutex_unlock(&inbox->mutex);
	if (lookup != NULL)
		lookup_free(lookup);
}

/* Tells all that have asked; the addresses are the caller's. */
static void
answer_all(struct name *name, int error, const struct addresses *addresses)
{
	struct lookup *lookup, *next;

	lookup = atomic_exchange(&name->asked, NULL);
	for (; lookup != NULL; lookup = next) {
		next = lookup->next;
		lookup->error = error;
		if (error == 0) {
			lookup->addresses = addresses_copy(addresses);
			if (lookup->addresses == NULL)
				lookup->error = EAI_MEMORY;
		}
		answer(lookup);
	}
}

/* A pointer is written and read whole: it is shorter than PIPE_BUF. */
static struct name *
next_name(int fd)
{
	struct name *name;
	ssize_t n;

	do {
		n = read(fd, &name, sizeof(name));
	} while (n == -1 && errno == EINTR);
	return (n == (ssize_t)sizeof(name) ? name : NULL);
}

static void
shared_release(struct shared *shared)
{
	if (atomic_fetch_sub(&shared->references, 1) != 1)
		return;
	if (shared->requests_fd != -1)
		socket_close(shared->requests_fd);
	free(shared);
}

static void *
helper(void *arg)
{
	struct shared *shared = arg;
	struct addresses *addresses;
	struct name *name;
	int error;

	thread_confine();
	while ((name = next_name(shared->requests_fd)) != NULL) {
		addresses = NULL;
		error = resolver_lookup_now(name->host, name->port, &addresses);
		answer_all(name, error, addresses);
		addresses_release(addresses);
	}
	shared_release(shared);
	return (NULL);
}

/* Takes the names over, and counts them; -1 for want of memory. */
static int
take_names(struct shared *shared, const struct target *targets)
{
	struct address literal;
	int count = 0;
	size_t i;

	for (i = 0; i < shared->count; i++) {
		atomic_init(&shared->names[i].asked, NULL);
		if (targets[i].kind != TARGET_INET ||
		    address_parse(&literal, targets[i].host, targets[i].port))
			continue;
		if (errno == ENOMEM)
			return (-1);
		memcpy(shared->names[i].host, targets[i].host,
		    sizeof(targets[i].host));
		shared->names[i].port = targets[i].port;
		count++;
	}
	return (count);
}

static int
open_requests(struct resolver *resolver)
{
	int fds[2];

	if (thread_pipe(fds) == -1)
		return (-1);
	if (fcntl(fds[1], F_SETFL, O_WRONLY | O_NONBLOCK) == -1) {
		socket_close(fds[0]);
		socket_close(fds[1]);
		return (-1);
	}
	resolver->shared->requests_fd = fds[0];
	resolver->requests_fd = fds[1];
	return (0);
}

static int
start_helper(struct shared *shared)
{
	pthread_t thread;

	atomic_fetch_add(&shared->references, 1);
	if (thread_start(&thread, helper, shared) == -1) {
		atomic_fetch_sub(&shared->references, 1);
		return (-1);
	}
	(void)pthread_detach(thread);
	return (0);
}

/* One is enough to go on with. */
static int
start_helpers(struct resolver *resolver, int count)
{
	int i;

	if (count > 0 && open_requests(resolver) == -1)
		return (-1);
	for (i = 0; i < count; i++) {
		if (start_helper(resolver->shared) == -1 && i == 0)
			return (-1);
	}
	return (0);
}

struct resolver *
resolver_create(const struct target *targets, size_t count)
{
	struct resolver *resolver;
	struct shared *shared;
	int names;

	resolver = calloc(1, sizeof(*resolver));
	shared = calloc(1, sizeof(*shared) + count * sizeof(shared->names[0]));
	if (resolver == NULL || shared == NULL) {
		free(resolver);
		free(shared);
		return (NULL);
	}
	atomic_init(&shared->references, 1);
	shared->requests_fd = resolver->requests_fd = -1;
	shared->count = count;
	resolver->shared = shared;
	names = take_names(shared, targets);
	if (names == -1 || start_helpers(resolver, names) == -1) {
		resolver_destroy(resolver);
		return (NULL);
	}
	return (resolver);
}

void
resolver_destroy(struct resolver *resolver)
{
	const int saved_errno = errno;

	if (resolver == NULL)
		return;
	if (resolver->requests_fd != -1)
		socket_close(resolver->requests_fd);	/* helpers read the end */
	shared_release(resolver->shared);
	free(resolver);
	errno = saved_errno;
}

/* On the loop: hands out what was answered. */
static void
on_answers(struct mux_wakeup *wakeup, void *arg)
{
	struct inbox *inbox = ((struct asker *)arg)->inbox;
	struct addresses *addresses;
	struct lookup *lookup, *next;

	(void)wakeup;
	lookup = atomic_exchange(&inbox->answered, NULL);
	for (; lookup != NULL; lookup = next) {
		next = lookup->next;
		addresses = lookup->addresses;
		lookup->addresses = NULL;
		lookup->fn(lookup->arg, lookup->error, addresses);
		lookup_free(lookup);
	}
}

struct asker *
asker_create(struct resolver *resolver, struct mux_loop *loop)
{
	struct asker *asker;
	struct inbox *inbox;

	asker = calloc(1, sizeof(*asker));
	inbox = calloc(1, sizeof(*inbox));
	if (asker == NULL || inbox == NULL || (asker->wakeup =
	    mux_wakeup_create(loop, on_answers, asker)) == NULL) {
		free(asker);
		free(inbox);
		return (NULL);
	}
	atomic_init(&inbox->references, 1);
	atomic_init(&inbox->answered, NULL);
	(void)pthread_mutex_init(&inbox->mutex, NULL);
	inbox->wakeup = asker->wakeup;
	asker->resolver = resolver;
	asker->inbox = inbox;
	return (asker);
}

void
asker_destroy(struct asker *asker)
{
	const int saved_errno = errno;
	struct lookup *lookup, *next;
	struct inbox *inbox;

	if (asker == NULL)
		return;
	inbox = asker->inbox;
	(void)pthread_mutex_lock(&inbox->mutex);
	inbox->wakeup = NULL;
	(void)pthread_mutex_unlock(&inbox->mutex);
	lookup = atomic_exchange(&inbox->answered, NULL);
	for (; lookup != NULL; lookup = next) {
		next = lookup->next;
		lookup_free(lookup);
	}
	mux_wakeup_destroy(asker->wakeup);
	inbox_release(inbox);
	free(asker);
	errno = saved_errno;
}

/* To the helpers; there is room for all names, so it does not wait. */
static int
send_name(struct resolver *resolver, struct name *name)
{
	ssize_t n;

	do {
		n = write(resolver->requests_fd, &name, sizeof(name));
	} while (n == -1 && errno == EINTR);
	return (n == (ssize_t)sizeof(name) ? 0 : -1);
}

int
asker_lookup(struct asker *asker, size_t number, resolver_fn *fn, void *arg)
{
	struct name *name = &asker->resolver->shared->names[number];
	struct lookup *lookup;

	assert(number < asker->resolver->shared->count &&
	    name->host[0] != '\0');
	lookup = calloc(1, sizeof(*lookup));
	if (lookup == NULL)
		return (-1);
	atomic_fetch_add(&asker->inbox->references, 1);
	lookup->inbox = asker->inbox;
	lookup->fn = fn;
	lookup->arg = arg;
	/* others may rely on us by now, so a failure is an answer too */
	if (push(&name->asked, lookup) &&
	    send_name(asker->resolver, name) == -1)
		answer_all(name, EAI_SYSTEM, NULL);
	return (0);
}
