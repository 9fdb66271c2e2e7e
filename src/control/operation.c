/* SPDX-License-Identifier: ISC */

/* operation.c - what signals ask for. */

#include <signal.h>

#include "base/units.h"
#include "control/operation.h"

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
	struct operation *operation = arg;

	mux_loop_stop(operation->loop);
}

static void
on_drain_limit(struct mux_timer *timer, void *arg)
{
	struct operation *operation = arg;

	(void)timer;
	crew_cut(operation->crew, REASON_SHUTDOWN);
}

static void
begin_drain(struct operation *operation, int signo)
{
	const uint64_t limit_ms =
	    operation->deployment->plan->shutdown_timeout_ms;

	operation->stop_signal = signo;
	listen_remove(&operation->deployment->sockets);
	crew_drain(operation->crew, true, on_drained, operation);
	log_line(operation->log, SEVERITY_INFO, "drain reason=%s sessions=%zu",
	    signal_name(signo), crew_sessions(operation->crew));
	herald_stopping(&operation->herald);
	if (signo != SIGQUIT && limit_ms != DURATION_OFF)
		mux_timer_start(operation->drain_timer, limit_ms);
}

static void
on_stop_signal(struct mux_loop *loop, int signo, void *arg)
{
	struct operation *operation = arg;

	(void)loop;
	if (!operation->is_running)
		operation->stop_signal = signo;	/* the start sees to it */
	else if (operation->stop_signal == 0)
		begin_drain(operation, signo);
	else if (signo != SIGQUIT)
		crew_cut(operation->crew, REASON_SHUTDOWN);
}

static void
on_other_signal(struct mux_loop *loop, int signo, void *arg)
{
	struct operation *operation = arg;

	(void)loop;
	if (signo == SIGUSR2) {
		log_line(operation->log, SEVERITY_INFO,
		    "signal name=SIGUSR2 action=none");
		return;
	}
	log_line(operation->log, SEVERITY_INFO, "signal name=%s action=%s",
	    signal_name(signo), logger_has_file(operation->logger) ?
	    "reopen-log" : "none");
	logger_reopen(operation->logger);
}

int
operation_open(struct operation *operation)
{
	size_t i;
	int signo;

	operation->drain_timer = mux_timer_create(operation->loop,
	    on_drain_limit, operation);
	if (operation->drain_timer == NULL)
		return (-1);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		signo = names[i].signo;
		if (mux_signal_watch(operation->loop, signo,
		    signo == SIGTERM || signo == SIGINT || signo == SIGQUIT ?
		    on_stop_signal : on_other_signal, operation) == -1)
			return (-1);
	}
	return (0);
}

void
operation_close(struct operation *operation)
{
	mux_timer_destroy(operation->drain_timer);
}
