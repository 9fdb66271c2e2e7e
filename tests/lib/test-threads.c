/* SPDX-License-Identifier: ISC */

/*
 * test-threads.c - many threads: wake-ups from several at once, of which
 * the last must arrive, and loops on several, which share nothing.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "suite.h"

#define THREADS		4
#define SENDS		100000
#define TURNS		2000

struct sender {
	pthread_t thread;
	struct mux_wakeup *own, *shared;
	atomic_int value;	/* what the sender last said */
	int seen;		/* ... and what the loop last saw of it */
};

struct senders {
	struct sender all[THREADS];
	struct mux_loop *loop;
	int shared_total;	/* as seen by the shared wake-up */
	int calls;
};

static void *
send_many(void *arg)
{
	struct sender *sender = arg;
	int i;

	for (i = 1; i <= SENDS; i++) {
		atomic_store(&sender->value, i);
		mux_wakeup_send(sender->own);
		mux_wakeup_send(sender->shared);
	}
	return (NULL);
}

static void
stop_when_complete(struct senders *senders)
{
	int i;

	senders->calls++;
	for (i = 0; i < THREADS; i++)
		if (senders->all[i].seen != SENDS)
			return;
	if (senders->shared_total == THREADS * SENDS)
		mux_loop_stop(senders->loop);
}

static struct senders senders;

static void
woken_own(struct mux_wakeup *wakeup, void *arg)
{
	struct sender *sender = arg;

	(void)wakeup;
	sender->seen = atomic_load(&sender->value);
	stop_when_complete(&senders);
}

static void
woken_shared(struct mux_wakeup *wakeup, void *arg)
{
	int i;

	(void)wakeup;
	(void)arg;
	senders.shared_total = 0;
	for (i = 0; i < THREADS; i++)
		senders.shared_total += atomic_load(&senders.all[i].value);
	stop_when_complete(&senders);
}

/* A lost send leaves the loop waiting for ever. */
static void
check_senders(void)
{
	struct mux_wakeup *shared;
	int i;

	senders.loop = new_loop();
	shared = mux_wakeup_create(senders.loop, woken_shared, NULL);
	for (i = 0; i < THREADS; i++) {
		senders.all[i].shared = shared;
		senders.all[i].own = mux_wakeup_create(senders.loop, woken_own,
		    &senders.all[i]);
	}
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&senders.all[i].thread, NULL, send_many,
		    &senders.all[i]) != 0)
			bail_out("pthread_create");
	is(mux_loop_run(senders.loop), 0, "senders: run");
	for (i = 0; i < THREADS; i++) {
		is(senders.all[i].seen, SENDS, "senders: the last of thread %d",
		    i);
		(void)pthread_join(senders.all[i].thread, NULL);
	}
	is(senders.shared_total, THREADS * SENDS, "senders: the last of all");
	diag("%d sends, %d calls", 2 * THREADS * SENDS, senders.calls);
	(void)mux_loop_once(senders.loop, 0);
	ok(quiet(senders.loop), "senders: then it is quiet");
	mux_wakeup_destroy(shared);
	for (i = 0; i < THREADS; i++)
		mux_wakeup_destroy(senders.all[i].own);
	mux_loop_destroy(senders.loop);
}

/* One loop of a ring: each passes a turn on to the next. */
struct player {
	pthread_t thread;
	struct mux_loop *loop;
	struct mux_wakeup *wakeup, *next;
	struct mux_timer *timer;
	int calls, timer_calls;
};

static void
pass_on(struct mux_wakeup *wakeup, void *arg)
{
	struct player *player = arg;

	(void)wakeup;
	if (++player->calls == TURNS)
		mux_loop_stop(player->loop);
	mux_timer_start(player->timer, 0);
	mux_wakeup_send(player->next);
}

static void
tick(struct mux_timer *timer, void *arg)
{
	struct player *player = arg;

	(void)timer;
	player->timer_calls++;
}

static void *
play(void *arg)
{
	struct player *player = arg;

	return (mux_loop_run(player->loop) == 0 ? player : NULL);
}

static void
check_ring(void)
{
	struct player players[THREADS] = { { .calls = 0 } };
	void *result;
	int i;

	for (i = 0; i < THREADS; i++) {
		players[i].loop = new_loop();
		players[i].wakeup = mux_wakeup_create(players[i].loop, pass_on,
		    &players[i]);
		players[i].timer = mux_timer_create(players[i].loop, tick,
		    &players[i]);
	}
	for (i = 0; i < THREADS; i++)
		players[i].next = players[(i + 1) % THREADS].wakeup;
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&players[i].thread, NULL, play,
		    &players[i]) != 0)
			bail_out("pthread_create");
	mux_wakeup_send(players[0].wakeup);
	for (i = 0; i < THREADS; i++) {
		(void)pthread_join(players[i].thread, &result);
		ok(result == &players[i], "ring: loop %d returns", i);
		is(players[i].calls, TURNS, "ring: loop %d: its calls", i);
		ok(players[i].timer_calls > 0, "ring: loop %d: timers", i);
	}
	for (i = 0; i < THREADS; i++) {
		mux_wakeup_destroy(players[i].wakeup);
		mux_timer_destroy(players[i].timer);
	}
	for (i = 0; i < THREADS; i++)
		mux_loop_destroy(players[i].loop);
}

void
test_threads(void)
{
	check_senders();
	check_ring();
}
