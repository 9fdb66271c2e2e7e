/* SPDX-License-Identifier: ISC */

/* orders.c - what signals ask of the program while it runs. */

#include <signal.h>

#include "base/units.h"
#include "control/orders.h"

static const struct {
	int signo;
	const char *name;
} names[] = {
	{ SIGTERM, "SIGTERM" }, { SIGINT, "SIGINT" }, { SIGQUIT, "SIGQUIT" },
	{ SIGHUP, "SIGHUP" }, { SIGUSR1, "SIGUSR1" }, { SIGUSR2, "SIGUSR2" },
};

const char *
signal_name(int signo)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].signo == signo)
			return (names[i].name);
	}
	return ("unknown");
}

static void
on_drained(void *arg)
{
	struct orders *orders = arg;

	mux_loop_stop(orders->operation->loop);
}

static void
on_drain_limit(struct mux_timer *timer, void *arg)
{
	struct orders *orders = arg;

	(void)timer;
	crew_cut(orders->operation->crew, REASON_SHUTDOWN);
}

static void
limit_drain(struct orders *orders)
{
	const uint64_t limit_ms =
	    orders->operation->deployment->plan->shutdown_timeout_ms;

	if (limit_ms != DURATION_OFF)
		mux_timer_start(orders->drain_timer, limit_ms);
}

static void
tell_drain(const struct operation *operation)
{
	log_line(operation->log, SEVERITY_INFO, "drain reason=%s sessions=%zu",
	    signal_name(operation->stop_signal),
	    crew_sessions(operation->crew));
}

static void
begin_drain(struct orders *orders, int signo)
{
	struct operation *operation = orders->operation;

	operation->stop_signal = signo;
	herald_stopping(&operation->herald);
	listen_remove(&operation->deployment->sockets);
	crew_drain(operation->crew, true, on_drained, orders);
	tell_drain(operation);
	if (signo != SIGQUIT)
		limit_drain(orders);
}

/* After an upgrade sessions have all the time they want, until this. */
static void
hasten_drain(struct orders *orders, int signo)
{
	orders->operation->stop_signal = signo;
	tell_drain(orders->operation);
	limit_drain(orders);
}

/* Which sockets are ours to close is known when it is over.  QUIT is mildest. */
static void
wait_for_upgrade(struct orders *orders, int signo)
{
	if (signo != SIGQUIT || orders->waiting_signal == 0)
		orders->waiting_signal = signo;
}

static void
on_stop_signal(struct mux_loop *loop, int signo, void *arg)
{
	struct orders *orders = arg;
	struct operation *operation = orders->operation;

	(void)loop;
	if (!operation->is_running)
		operation->stop_signal = signo;	/* the start sees to it */
	else if (operation->stop_signal == 0 &&
	    upgrade_give_up(&orders->upgrade))
		wait_for_upgrade(orders, signo);
	else if (operation->stop_signal == 0)
		begin_drain(orders, signo);
	else if (signo == SIGQUIT)
		return;
	else if (operation->stop_signal == SIGUSR2)
		hasten_drain(orders, signo);
	else
		crew_cut(operation->crew, REASON_SHUTDOWN);
}

/* What was asked for while the keeper did something else. */
static void
resume(struct orders *orders)
{
	if (orders->operation->stop_signal != 0)
		return;
	reload_resume(&orders->reload);
	upgrade_resume(&orders->upgrade);
}

static void
on_reloaded(void *arg)
{
	struct orders *orders = arg;

	herald_reloaded(&orders->operation->herald);
	resume(orders);
}

/* On the keeper's thread: a process that is confined sends no signals. */
static void
pass_on(void *arg)
{
	struct orders *orders = arg;

	if (orders->reopens)
		(void)kill(orders->upgrade.pid, SIGUSR1);
	if (orders->reloads)
		(void)kill(orders->upgrade.pid, SIGHUP);
}

static void
on_passed(void *arg)
{
	(void)arg;
}

/* Its file and its log may be those of before. */
static void
pass_on_orders(struct orders *orders)
{
	orders->reloads = orders->reload.is_wanted;
	orders->reopens = orders->has_reopened;
	if (orders->reloads || orders->reopens)
		keeper_do(orders->operation->keeper, pass_on, on_passed,
		    orders);
}

static void
leave(struct orders *orders)
{
	struct operation *operation = orders->operation;

	log_line(operation->log, SEVERITY_INFO, "upgrade pid=%ld",
	    (long)orders->upgrade.pid);
	operation->stop_signal = SIGUSR2;
	herald_succeed(&operation->herald, orders->upgrade.pid);
	pass_on_orders(orders);
	crew_drain(operation->crew, false, on_drained, orders);
	tell_drain(operation);
	if (orders->waiting_signal != 0 && orders->waiting_signal != SIGQUIT)
		hasten_drain(orders, orders->waiting_signal);
}

static void
on_upgraded(void *arg, bool leaves)
{
	struct orders *orders = arg;

	if (leaves)
		leave(orders);
	else if (orders->waiting_signal != 0)
		begin_drain(orders, orders->waiting_signal);
	else
		resume(orders);
	orders->has_reopened = false;
}

static void
tell_signal(const struct operation *operation, int signo, const char *action)
{
	log_line(operation->log, SEVERITY_INFO, "signal name=%s action=%s",
	    signal_name(signo), action);
}

static const char *
reopening(const struct operation *operation)
{
	return (logger_has_file(operation->logger) ? "reopen-log" : "none");
}

static void
reopen_log(struct orders *orders)
{
	logger_reopen(orders->operation->logger);
	orders->has_reopened |= orders->upgrade.is_running;
}

/* Before the start, and at the end, there is nothing to reload or to upgrade. */
static void
on_change_signal(struct mux_loop *loop, int signo, void *arg)
{
	struct orders *orders = arg;
	struct operation *operation = orders->operation;
	const bool has_file = operation->deployment->plan->file != NULL;
	const bool goes_on = operation->is_running &&
	    operation->stop_signal == 0;

	(void)loop;
	tell_signal(operation, signo, goes_on && signo == SIGUSR2 ? "upgrade" :
	    goes_on && has_file ? "reload" : signo == SIGHUP ?
	    reopening(operation) : "none");
	if (signo == SIGHUP)
		reopen_log(orders);
	if (goes_on && signo == SIGUSR2)
		upgrade_start(&orders->upgrade);
	else if (goes_on && has_file) {
		herald_reloading(&operation->herald);
		reload_start(&orders->reload);
	}
}

static void
on_reopen_signal(struct mux_loop *loop, int signo, void *arg)
{
	struct orders *orders = arg;

	(void)loop;
	tell_signal(orders->operation, signo, reopening(orders->operation));
	reopen_log(orders);
}

static mux_signal_fn *
action_of(int signo)
{
	switch (signo) {
	case SIGHUP:
	case SIGUSR2:
		return (on_change_signal);
	case SIGUSR1:
		return (on_reopen_signal);
	default:
		return (on_stop_signal);
	}
}

int
orders_open(struct orders *orders, struct operation *operation)
{
	size_t i;

	orders->operation = operation;
	orders->drain_timer = mux_timer_create(operation->loop,
	    on_drain_limit, orders);
	if (orders->drain_timer == NULL)
		return (-1);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (mux_signal_watch(operation->loop, names[i].signo,
		    action_of(names[i].signo), orders) == -1)
			return (-1);
	}
	return (0);
}

void
orders_begin(struct orders *orders, const struct orders_means *means)
{
	reload_open(&orders->reload, orders->operation, means->log,
	    means->argc, means->argv, means->workers, on_reloaded, orders);
	upgrade_open(&orders->upgrade, orders->operation, means->log,
	    means->pidfile, means->argv, on_upgraded, orders);
}

void
orders_close(struct orders *orders)
{
	reload_close(&orders->reload);
	upgrade_close(&orders->upgrade);
	mux_timer_destroy(orders->drain_timer);
}
