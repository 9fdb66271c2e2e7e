/* SPDX-License-Identifier: ISC */

/*
 * load.c - opens the clients, lets them warm up, measures, and ends them.
 *
 * Nothing is measured before every client has had an answer through the
 * relay, and nothing counts unless it also ends well: each request under way
 * is still answered, and each stream is as long as its sender says.
 */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "load.h"
#include "ring.h"
#include "serve.h"

#define OPENING_MS	10000		/* and for each client */
#define OPENING_EACH_MS	3
#define ENDING_MS	20000
#define FAILURES_TOLD	5

static uint64_t
clock_ns(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now);
	return ((uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec);
}

uint64_t
load_now_ns(void)
{
	return (clock_ns(CLOCK_MONOTONIC));
}

void
load_failed(struct load *load, const char *what)
{
	if (load->failures++ < FAILURES_TOLD)
		(void)fprintf(stderr, "muxload: a client %s: %s\n", what,
		    strerror(errno));
}

void
load_found_wrong(struct load *load, const char *what)
{
	if (load->wrong++ < FAILURES_TOLD)
		(void)fprintf(stderr, "muxload: %s is wrong\n", what);
}

/* So many at a time, that no queue of connections overflows. */
void
load_open_more(struct load *load)
{
	while (load->phase == PHASE_OPENING && load->next < load->count &&
	    load->opening < load->opening_limit) {
		load->opening++;
		client_open(&load->clients[load->next++]);
	}
	if (load->phase == PHASE_OPENING && load->open == load->count) {
		load->phase = PHASE_WARMING;
		mux_timer_start(load->timer, load->warm_ms);
	}
}

/* While they open, one that is lost means that the order cannot be met. */
void
load_client_gone(struct load *load)
{
	load->live--;
	if (load->live == 0 || load->phase == PHASE_OPENING)
		mux_loop_stop(load->loop);
}

static void
measuring_begins(struct load *load)
{
	load->phase = PHASE_MEASURING;
	watch_session(load->watched, &load->begin, false);
	memset(&load->tally, 0, sizeof(load->tally));
	load->up_received = load->server != NULL ? load->server->received : 0;
	load->own_cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	load->own_wait_ns = watch_own_wait_ns();
	load->begin_ns = load_now_ns();
	mux_timer_start(load->timer, load->measure_ms);
	if (load->counts[KIND_IDLE] > 0)
		(void)fprintf(stderr, "muxload: holding\n");
}

static void
measuring_ends(struct load *load)
{
	unsigned i;

	load->duration_ns = load_now_ns() - load->begin_ns;
	load->own_cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) -
	    load->own_cpu_ns;
	load->own_wait_ns = watch_own_wait_ns() - load->own_wait_ns;
	watch_session(load->watched, &load->end, true);
	load->up_received = load->server != NULL ?
	    load->server->received - load->up_received : load->tally.up_sent;
	load->phase = PHASE_ENDING;
	mux_timer_start(load->timer, ENDING_MS);
	for (i = 0; i < load->count; i++)
		client_end(&load->clients[i]);
}

static void
time_is_up(struct mux_timer *timer, void *arg)
{
	struct load *load = arg;

	(void)timer;
	switch (load->phase) {
	case PHASE_WARMING:
		measuring_begins(load);
		break;
	case PHASE_MEASURING:
		measuring_ends(load);
		break;
	case PHASE_OPENING:
	case PHASE_ENDING:
		errno = ETIMEDOUT;
		load_failed(load, load->phase == PHASE_OPENING ?
		    "does not open" : "does not end");
		mux_loop_stop(load->loop);
		break;
	}
}

static int
make_clients(struct load *load)
{
	unsigned kind, i, n = 0;

	for (kind = 0; kind < KINDS; kind++)
		load->count += load->counts[kind];
	load->live = load->count;
	load->clients = calloc(load->count, sizeof(*load->clients));
	if (load->clients == NULL)
		return (-1);
	for (kind = 0; kind < KINDS; kind++) {
		for (i = 0; i < load->counts[kind]; i++, n++) {
			load->clients[n].load = load;
			load->clients[n].fd = -1;
			load->clients[n].kind = (enum kind)kind;
			load->clients[n].start =
			    (uint32_t)ring_after(0, (uint64_t)n * 7919U);
		}
	}
	return (0);
}

int
load_run(struct load *load)
{
	if (make_clients(load) == -1)
		return (-1);
	load->timer = mux_timer_create(load->loop, time_is_up, load);
	if (load->timer == NULL)
		return (-1);
	watch_session(load->watched, &load->before, true);
	mux_timer_start(load->timer, OPENING_MS + OPENING_EACH_MS *
	    (uint64_t)load->count);
	load_open_more(load);
	return (mux_loop_run(load->loop));
}

void
load_free(struct load *load)
{
	unsigned i;

	for (i = 0; i < load->count; i++)
		client_disconnect(&load->clients[i]);
	mux_timer_destroy(load->timer);
	free(load->clients);
}
