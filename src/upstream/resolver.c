/* SPDX-License-Identifier: ISC */

/*
 * resolver.c - name look-ups on helper threads.
 *
 * The loop takes no lock: a look-up travels to the helpers as a pointer
 * through a pipe that all of them read, and comes back on a list that is
 * pushed to and taken from by one atomic exchange, with a wake-up for the
 * loop.  The helpers are detached, because one that hangs in a look-up could
 * not be joined; what they share lives until the last of them has left.
 */

#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/target.h"
#include "upstream/resolver.h"

struct lookup {
	char host[TARGET_HOST_MAX + 1];
	uint16_t port;
	resolver_fn *fn;
	void *arg;
	int error;
	struct addresses *addresses;
	struct lookup *next;		/* in answered */
};

/* What the helpers and the loop have in common. */
struct shared {
	atomic_uint references;		/* helpers, and the resolver itself */
	int requests_fd;		/* helpers read pointers here */
	_Atomic(struct lookup *) answered;
	pthread_mutex_t mutex;		/* among helpers, and at the end */
	struct mux_wakeup *wakeup;	/* NULL: nobody waits any more */
};

struct resolver {
	struct shared *shared;
	struct mux_wakeup *wakeup;
	int requests_fd;		/* the end to write to */
};

static void
lookup_free(struct lookup *lookup)
{
	addresses_release(lookup->addresses);
	free(lookup);
}

static void
shared_release(struct shared *shared)
{
	struct lookup *lookup;

	if (atomic_fetch_sub(&shared->references, 1) != 1)
		return;
	while ((lookup = atomic_load(&shared->answered)) != NULL) {
		atomic_store(&shared->answered, lookup->next);
		lookup_free(lookup);
	}
	socket_close(shared->requests_fd);
	(void)pthread_mutex_destroy(&shared->mutex);
	free(shared);
}

/* A pointer is written and read whole: it is shorter than PIPE_BUF. */
static struct lookup *
next_request(int fd)
{
	struct lookup *lookup;
	ssize_t n;

	do {
		n = read(fd, &lookup, sizeof(lookup));
	} while (n == -1 && errno == EINTR);
	return (n == (ssize_t)sizeof(lookup) ? lookup : NULL);
}

static void
answer(struct shared *shared, struct lookup *lookup)
{
	struct lookup *first;

	first = atomic_load(&shared->answered);
	do {
		lookup->next = first;
	} while (!atomic_compare_exchange_weak(&shared->answered, &first,
	    lookup));

	(void)pthread_mutex_lock(&shared->mutex);
	if (shared->wakeup != NULL)
		mux_wakeup_send(shared->wakeup);
	(void)pthread_mutex_unlock(&shared->mutex);
}

static void *
helper(void *arg)
{
	struct shared *shared = arg;
	struct lookup *lookup;

	while ((lookup = next_request(shared->requests_fd)) != NULL) {
		lookup->error = resolver_lookup_now(lookup->host, lookup->port,
		    &lookup->addresses);
		answer(shared, lookup);
	}
	shared_release(shared);
	return (NULL);
}

/* Signals are for the loop's thread. */
static int
start_helper(struct shared *shared)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all, before;
	int error;

	error = pthread_attr_init(&attributes);
	if (error != 0) {
		errno = error;
		return (-1);
	}
	(void)pthread_attr_setdetachstate(&attributes,
	    PTHREAD_CREATE_DETACHED);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	atomic_fetch_add(&shared->references, 1);
	error = pthread_create(&thread, &attributes, helper, shared);
	if (error != 0)
		atomic_fetch_sub(&shared->references, 1);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attributes);
	errno = error;
	return (error == 0 ? 0 : -1);
}

/* On the loop: hands out what was answered. */
static void
on_answers(struct mux_wakeup *wakeup, void *arg)
{
	struct resolver *resolver = arg;
	struct addresses *addresses;
	struct lookup *lookup, *next;

	(void)wakeup;
	lookup = atomic_exchange(&resolver->shared->answered, NULL);
	for (; lookup != NULL; lookup = next) {
		next = lookup->next;
		addresses = lookup->addresses;
		lookup->addresses = NULL;
		lookup->fn(lookup->arg, lookup->error, addresses);
		lookup_free(lookup);
	}
}

static struct shared *
shared_create(struct mux_wakeup *wakeup, int requests_fd)
{
	struct shared *shared;

	shared = calloc(1, sizeof(*shared));
	if (shared == NULL)
		return (NULL);
	atomic_init(&shared->references, 1);
	atomic_init(&shared->answered, NULL);
	(void)pthread_mutex_init(&shared->mutex, NULL);
	shared->requests_fd = requests_fd;
	shared->wakeup = wakeup;
	return (shared);
}

static int
open_requests(int fds[2])
{
	if (pipe(fds) == -1)
		return (-1);
	if (fcntl(fds[0], F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(fds[1], F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(fds[1], F_SETFL, O_WRONLY | O_NONBLOCK) == -1) {
		socket_close(fds[0]);
		socket_close(fds[1]);
		return (-1);
	}
	return (0);
}

struct resolver *
resolver_create(struct mux_loop *loop, unsigned threads)
{
	struct resolver *resolver;
	int fds[2];
	unsigned i;

	resolver = calloc(1, sizeof(*resolver));
	if (resolver == NULL)
		return (NULL);
	resolver->wakeup = mux_wakeup_create(loop, on_answers, resolver);
	if (resolver->wakeup == NULL || open_requests(fds) == -1) {
		mux_wakeup_destroy(resolver->wakeup);
		free(resolver);
		return (NULL);
	}
	resolver->requests_fd = fds[1];
	resolver->shared = shared_create(resolver->wakeup, fds[0]);
	if (resolver->shared == NULL) {
		socket_close(fds[0]);
		socket_close(fds[1]);
		mux_wakeup_destroy(resolver->wakeup);
		free(resolver);
		return (NULL);
	}
	for (i = 0; i < threads; i++) {
		if (start_helper(resolver->shared) == -1 && i == 0) {
			resolver_destroy(resolver);
			return (NULL);
		}
	}
	return (resolver);
}

void
resolver_destroy(struct resolver *resolver)
{
	const int saved_errno = errno;

	if (resolver == NULL)
		return;
	(void)pthread_mutex_lock(&resolver->shared->mutex);
	resolver->shared->wakeup = NULL;
	(void)pthread_mutex_unlock(&resolver->shared->mutex);
	socket_close(resolver->requests_fd);	/* helpers read the end, and go */
	mux_wakeup_destroy(resolver->wakeup);
	shared_release(resolver->shared);
	free(resolver);
	errno = saved_errno;
}

int
resolver_lookup(struct resolver *resolver, const char *host, uint16_t port,
    resolver_fn *fn, void *arg)
{
	struct lookup *lookup;
	ssize_t n;

	if (strlen(host) > TARGET_HOST_MAX) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	lookup = calloc(1, sizeof(*lookup));
	if (lookup == NULL)
		return (-1);
	memcpy(lookup->host, host, strlen(host) + 1);
	lookup->port = port;
	lookup->fn = fn;
	lookup->arg = arg;
	do {
		n = write(resolver->requests_fd, &lookup, sizeof(lookup));
	} while (n == -1 && errno == EINTR);
	if (n == (ssize_t)sizeof(lookup))
		return (0);
	lookup_free(lookup);
	return (-1);
}
