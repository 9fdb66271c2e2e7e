/* SPDX-License-Identifier: ISC */

/*
 * test-interrupts.c - signals that nobody watches interrupt waits, and do
 * not end them.
 *
 * A thread sends each signal after the one before has been handled, so that
 * many of them meet a wait.
 */

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

#include "suite.h"

#define NS_PER_MS	1000000U

struct nuisance {
	pthread_t target;
	atomic_int handled;
	atomic_bool stop;
	struct mux_wakeup *wakeup;	/* sent at the end, if there is one */
	int rounds;			/* or 0: until stop */
};

static struct nuisance nuisance;

static void
install(void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	(void)sigemptyset(&action.sa_mask);
	if (sigaction(SIGUSR2, &action, NULL) == -1)
		bail_out("sigaction");
}

static void
disturbed(int signo)
{
	(void)signo;
	(void)atomic_fetch_add(&nuisance.handled, 1);
}

/* Sanitizers hold a signal back until something else happens: insist. */
static void
send_and_await(int number)
{
	int spins;

	(void)pthread_kill(nuisance.target, SIGUSR2);
	for (spins = 1; atomic_load(&nuisance.handled) < number &&
	    !atomic_load(&nuisance.stop); spins++) {
		(void)sched_yield();
		if (spins % 1000 == 0)
			(void)pthread_kill(nuisance.target, SIGUSR2);
	}
}

static void *
disturb(void *arg)
{
	int sent = 0;

	(void)arg;
	while (!atomic_load(&nuisance.stop) &&
	    (nuisance.rounds == 0 || sent < nuisance.rounds))
		send_and_await(++sent);
	if (nuisance.wakeup != NULL)
		mux_wakeup_send(nuisance.wakeup);
	return (NULL);
}

static pthread_t
start_nuisance(int rounds, struct mux_wakeup *wakeup)
{
	pthread_t thread;

	nuisance.target = pthread_self();
	atomic_store(&nuisance.handled, 0);
	atomic_store(&nuisance.stop, false);
	nuisance.rounds = rounds;
	nuisance.wakeup = wakeup;
	if (pthread_create(&thread, NULL, disturb, NULL) != 0)
		bail_out("pthread_create");
	return (thread);
}

static void
woken(struct mux_wakeup *wakeup, void *arg)
{
	(void)wakeup;
	++*(int *)arg;
}

static void
check_interrupted(struct mux_loop *loop, int flags, const char *name)
{
	struct mux_wakeup *wakeup;
	pthread_t thread;
	uint64_t before;
	int calls = 0;

	install(disturbed, flags);
	wakeup = mux_wakeup_create(loop, woken, &calls);
	thread = start_nuisance(2000, wakeup);
	is(mux_loop_once(loop, -1), 1, "%s: once(-1) ends with a call", name);
	is(calls, 1, "%s: ... that of the wake-up", name);
	(void)pthread_join(thread, NULL);
	ok(atomic_load(&nuisance.handled) >= 2000, "%s: handlers run", name);
	mux_wakeup_destroy(wakeup);

	thread = start_nuisance(0, NULL);
	before = clock_ns();
	is(mux_loop_once(loop, 50), 0, "%s: once(50) ends with none", name);
	ok(clock_ns() - before >= 50 * NS_PER_MS, "%s: not early", name);
	atomic_store(&nuisance.stop, true);
	(void)pthread_join(thread, NULL);
	install(SIG_DFL, 0);
}

void
test_interrupts(void)
{
	struct mux_loop *loop = new_loop();

	check_interrupted(loop, 0, "plain");
	check_interrupted(loop, SA_RESTART, "SA_RESTART");
	mux_loop_destroy(loop);
}
