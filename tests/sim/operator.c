/* SPDX-License-Identifier: ISC */

/*
 * operator.c - signals and wake-ups at any time, as from a terminal and from
 * other threads: they stop the relay, or must merely arrive.
 */

#include <errno.h>
#include <signal.h>

#include "crew.h"
#include "dice.h"
#include "operator.h"
#include "socks.h"

/* A full batch may keep the loop's pipe from being looked at, but not long. */
#define TURNS_MAX	2000

int __wrap_sigaction(int signo, const struct sigaction *action,
    struct sigaction *before);

static struct {
	struct mux_loop *loop;
	struct worker *worker;
	struct mux_wakeup *wakeup;
	struct sigaction actions[NSIG];
	uint64_t stop_ns, cut_ns;	/* SIGTERM, once and again */
	uint64_t poke_ns;		/* the next SIGUSR1 or wake-up */
	unsigned pokes_left;
	unsigned signal_turns, wakeup_turns;	/* sent so long ago; 0: not */
	bool has_drained;
} operator;

int
__wrap_sigaction(int signo, const struct sigaction *action,
    struct sigaction *before)
{
	if (signo == SIGKILL) {
		errno = EINVAL;
		return (-1);
	}
	if (before != NULL)
		*before = operator.actions[signo];
	operator.actions[signo] = *action;
	return (0);
}

void
operator_signal(int signo)
{
	trace("signal %d", signo);
	if (operator.actions[signo].sa_handler != NULL)
		operator.actions[signo].sa_handler(signo);
}

static void
on_drained(void *arg)
{
	(void)arg;
	if (operator.has_drained || operator.worker->sessions != NULL)
		violated("drain", "told too early, or twice");
	operator.has_drained = true;
}

static void
on_term(struct mux_loop *loop, int signo, void *arg)
{
	struct worker *worker = arg;
	const bool accepts_rest = dice_one_in(2);

	(void)loop;
	(void)signo;
	if (!worker->is_draining) {
		kernel.is_stopped = true;
		crew_drain(worker, accepts_rest, on_drained, NULL);
		/* nothing more */
		crew_drain(worker, accepts_rest, on_drained, NULL);
	} else {
		kernel.is_cut = true;
		worker_cut(worker, REASON_SHUTDOWN);
		if (worker->sessions != NULL)
			violated("stop", "a session is left after the stop");
	}
}

static void
on_signal(struct mux_loop *loop, int signo, void *arg)
{
	(void)loop;
	(void)signo;
	(void)arg;
	operator.signal_turns = 0;
}

static void
on_wakeup(struct mux_wakeup *wakeup, void *arg)
{
	(void)wakeup;
	(void)arg;
	operator.wakeup_turns = 0;
}

void
operator_begin(struct mux_loop *loop, struct worker *worker)
{
	operator.loop = loop;
	operator.worker = worker;
	operator.wakeup = mux_wakeup_create(loop, on_wakeup, NULL);
	operator.has_drained = false;
	operator.signal_turns = operator.wakeup_turns = 0;
	operator.pokes_left = (unsigned)dice_below(4);
	operator.poke_ns = kernel.now_ns + dice_below(100) * NS_PER_MS;
	operator.stop_ns = operator.cut_ns = NEVER_NS;
	if (dice_one_in(4))
		operator.stop_ns = kernel.now_ns + dice_below(400) * NS_PER_MS;
	if (operator.stop_ns != NEVER_NS && dice_one_in(2))
		operator.cut_ns = operator.stop_ns +
		    (1 + dice_below(400)) * NS_PER_MS;
	if (mux_signal_watch(loop, SIGUSR1, on_signal, NULL) == -1 ||
	    mux_signal_watch(loop, SIGTERM, on_term, worker) == -1)
		violated("signals", "cannot be watched");
}

void
operator_end(void)
{
	if (operator.worker->is_draining && !operator.has_drained)
		violated("drain", "never told");
	mux_wakeup_destroy(operator.wakeup);
	operator.worker = NULL;
}

static void
poke(void)
{
	operator.poke_ns = kernel.now_ns + dice_below(100) * NS_PER_MS;
	operator.pokes_left--;
	if (dice_one_in(2)) {
		operator.signal_turns++;
		operator_signal(SIGUSR1);
	} else if (operator.wakeup != NULL) {
		operator.wakeup_turns++;
		mux_wakeup_send(operator.wakeup);
	}
}

void
operator_run(void)
{
	if (operator.worker == NULL)
		return;
	if (operator.pokes_left > 0 && operator.poke_ns <= kernel.now_ns)
		poke();
	if (operator.stop_ns <= kernel.now_ns) {
		operator.stop_ns = NEVER_NS;
		operator_signal(SIGTERM);
	}
	/* two at once would be one */
	if (operator.cut_ns <= kernel.now_ns && kernel.is_stopped) {
		operator.cut_ns = NEVER_NS;
		operator_signal(SIGTERM);
	}
}

uint64_t
operator_next_ns(void)
{
	uint64_t next_ns = operator.stop_ns;

	if (operator.worker == NULL)
		return (NEVER_NS);
	if (operator.pokes_left > 0 && operator.poke_ns < next_ns)
		next_ns = operator.poke_ns;
	if (kernel.is_stopped && operator.cut_ns < next_ns)
		next_ns = operator.cut_ns;
	return (next_ns);
}

void
operator_turn(void)
{
	if (operator.signal_turns != 0 && ++operator.signal_turns > TURNS_MAX)
		violated("signals", "one was lost");
	if (operator.wakeup_turns != 0 && ++operator.wakeup_turns > TURNS_MAX)
		violated("wake-ups", "one was lost");
}
