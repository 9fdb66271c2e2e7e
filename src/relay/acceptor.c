/* SPDX-License-Identifier: ISC */

/*
 * acceptor.c - the listeners of one loop, and when accepting pauses.
 *
 * Accepting is on exactly when acceptor_accepts() says so; every change of
 * what it depends on is followed by update_listeners().
 */

#include <stdlib.h>

#include "relay/acceptor.h"
#include "relay/listener.h"

/* A shortage may end without a session of ours ending. */
#define RESUME_MS	100

/* A limit that is reached again and again is told this often. */
#define WARN_AGAIN_MS	(60 * 1000)

static void
update_listeners(struct acceptor *acceptor)
{
	size_t i;

	for (i = 0; i < acceptor->listeners_count; i++)
		listener_update(&acceptor->listeners[i]);
}

static void
on_resume(struct mux_timer *timer, void *arg)
{
	struct acceptor *acceptor = arg;

	(void)timer;
	acceptor->is_short = false;
	update_listeners(acceptor);
}

int
acceptor_open(struct acceptor *acceptor, struct mux_loop *loop,
    struct log *log, const int *fds, size_t fds_count,
    const struct taker *taker, void *arg)
{
	size_t i;

	*acceptor = (struct acceptor){ .loop = loop, .log = log,
	    .taker = taker, .arg = arg };
	acceptor->resume_timer = mux_timer_create(loop, on_resume, acceptor);
	/* one at least, since calloc(3) may take none for no memory */
	acceptor->listeners = calloc(fds_count + 1,
	    sizeof(*acceptor->listeners));
	if (acceptor->resume_timer == NULL || acceptor->listeners == NULL)
		goto fail;
	for (i = 0; i < fds_count; i++) {
		if (listener_open(&acceptor->listeners[i], acceptor,
		    fds[i]) == -1)
			goto fail;
		acceptor->listeners_count++;
	}
	return (0);

fail:
	for (i = 0; i < acceptor->listeners_count; i++)
		mux_fd_unregister(loop, fds[i]);
	acceptor->listeners_count = 0;
	acceptor_free(acceptor);
	return (-1);
}

void
acceptor_free(struct acceptor *acceptor)
{
	size_t i;

	for (i = 0; i < acceptor->listeners_count; i++)
		listener_close(&acceptor->listeners[i]);
	free(acceptor->listeners);
	mux_timer_destroy(acceptor->resume_timer);
	*acceptor = (struct acceptor){ .loop = NULL };
}

bool
acceptor_accepts(const struct acceptor *acceptor)
{
	return (!acceptor->is_short && !acceptor->is_closed &&
	    acceptor->sessions_count < acceptor->sessions_max);
}

int
acceptor_start(struct acceptor *acceptor, size_t sessions_max)
{
	acceptor->sessions_max = sessions_max;
	update_listeners(acceptor);
	return (acceptor->is_short ? -1 : 0);
}

void
acceptor_close(struct acceptor *acceptor)
{
	size_t i;

	for (i = 0; i < acceptor->listeners_count; i++) {
		listener_accept(&acceptor->listeners[i]);
		listener_close(&acceptor->listeners[i]);
	}
	acceptor->is_closed = true;
}

static void
warn_paused(struct acceptor *acceptor, const char *what)
{
	const uint64_t now_ms = mux_loop_now_ms(acceptor->loop);

	if (acceptor->has_warned &&
	    now_ms - acceptor->warned_ms < WARN_AGAIN_MS)
		return;
	acceptor->has_warned = true;
	acceptor->warned_ms = now_ms;
	log_line(acceptor->log, SEVERITY_WARNING,
	    "accept-paused error=\"%s\" sessions=%zu", what,
	    acceptor->sessions_count);
}

static void
paused(struct acceptor *acceptor)
{
	update_listeners(acceptor);
	if (acceptor->taker->paused != NULL)
		acceptor->taker->paused(acceptor->arg);
}

void
acceptor_pause(struct acceptor *acceptor, const char *what)
{
	if (acceptor->is_short)
		return;
	warn_paused(acceptor, what);
	acceptor->is_short = true;
	mux_timer_start(acceptor->resume_timer, RESUME_MS);
	paused(acceptor);
}

void
acceptor_began(struct acceptor *acceptor)
{
	acceptor->sessions_count++;
	if (acceptor->sessions_count == acceptor->sessions_max) {
		warn_paused(acceptor, "connection limit");
		paused(acceptor);
	}
}

void
acceptor_ended(struct acceptor *acceptor, size_t count)
{
	acceptor->sessions_count -= count;
	if (acceptor->is_closed)
		return;
	if (acceptor->is_short) {
		acceptor->is_short = false;
		mux_timer_stop(acceptor->resume_timer);
	}
	update_listeners(acceptor);
}
