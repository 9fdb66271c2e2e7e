/* SPDX-License-Identifier: ISC */

/*
 * process.c - the program as a process.
 *
 * Start: descriptors, sockets and files while still privileged, then the
 * user, then the loop and the helpers.  Stop: in the opposite order.
 *
 * RUNNING --TERM, INT, QUIT--> DRAINING --last session, limit, or a second
 * TERM or INT--> the loop stops.
 */

#include "base/text.h"
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/units.h"
#include "control/crew.h"
#include "control/daemon.h"
#include "control/identity.h"
#include "control/limits.h"
#include "control/listen.h"
#include "control/logger.h"
#include "control/pidfile.h"
#include "control/process.h"

/* A name server that is slow must not keep the relay from starting. */
#define NAMES_WAIT_MS	2000

struct process {
	const struct plan *plan;
	struct mux_loop *loop;
	struct logger *logger;
	struct log *log;
	struct listen_sockets sockets;
	struct pidfile pidfile;
	struct crew *crew;
	struct mux_timer *drain_timer;
	size_t workers;
	size_t sessions_max;
	uint64_t started_ms;
	struct daemon daemon;
	bool is_running;	/* the crew accepts, or drains */
	size_t stuck;		/* workers that are left behind */
	int stop_signal;	/* that ended the running; 0: none */
};

static const struct {
	int signo;
	const char *name;
} signal_names[] = {
	{ SIGTERM, "SIGTERM" }, { SIGINT, "SIGINT" }, { SIGQUIT, "SIGQUIT" },
	{ SIGHUP, "SIGHUP" }, { SIGUSR1, "SIGUSR1" }, { SIGUSR2, "SIGUSR2" },
};

static const char *
signal_name(int signo)
{
	size_t i;

	for (i = 0; i < sizeof(signal_names) / sizeof(signal_names[0]); i++) {
		if (signal_names[i].signo == signo)
			return (signal_names[i].name);
	}
	return ("unknown");
}

static void
on_drained(void *arg)
{
	struct process *process = arg;

	mux_loop_stop(process->loop);
}

static void
on_drain_limit(struct mux_timer *timer, void *arg)
{
	struct process *process = arg;

	(void)timer;
	crew_cut(process->crew, REASON_SHUTDOWN);
}

static void
begin_drain(struct process *process, int signo)
{
	const uint64_t limit_ms = process->plan->shutdown_timeout_ms;

	process->stop_signal = signo;
	listen_remove(&process->sockets);
	crew_drain(process->crew, on_drained, process);
	log_line(process->log, SEVERITY_INFO, "drain reason=%s sessions=%zu",
	    signal_name(signo), crew_sessions(process->crew));
	if (signo != SIGQUIT && limit_ms != DURATION_OFF)
		mux_timer_start(process->drain_timer, limit_ms);
}

static void
on_stop_signal(struct mux_loop *loop, int signo, void *arg)
{
	struct process *process = arg;

	(void)loop;
	if (!process->is_running)
		process->stop_signal = signo;	/* start() sees to it */
	else if (process->stop_signal == 0)
		begin_drain(process, signo);
	else if (signo != SIGQUIT)
		crew_cut(process->crew, REASON_SHUTDOWN);
}

static void
on_other_signal(struct mux_loop *loop, int signo, void *arg)
{
	struct process *process = arg;

	(void)loop;
	if (signo == SIGUSR2) {
		log_line(process->log, SEVERITY_INFO,
		    "signal name=SIGUSR2 action=none");
		return;
	}
	log_line(process->log, SEVERITY_INFO, "signal name=%s action=%s",
	    signal_name(signo), logger_has_file(process->logger) ?
	    "reopen-log" : "none");
	logger_reopen(process->logger);
}

static enum exit_status
cannot(const char *what)
{
	return (failure(STATUS_OSERR, "cannot %s: %s", what, text_error(errno)));
}

/* As the user that started us; the logger's thread changes user with us. */
static enum exit_status
open_resources(struct process *process)
{
	const struct plan *plan = process->plan;
	const char *log = plan->log.events.target != NULL ?
	    plan->log.events.target :
	    plan->is_daemon ? "syslog" : "stderr";
	struct identity identity;
	enum exit_status status;

	limits_raise();
	process->workers = plan->workers != 0 ? (size_t)plan->workers :
	    limits_workers(plan->connections_max);
	if (plan->user != NULL) {
		status = identity_find(&identity, plan->user);
		if (status != STATUS_OK)
			return (status);
	}
	status = listen_open(&process->sockets, &plan->routes[0]);
	if (status == STATUS_OK && plan->pidfile != NULL)
		status = pidfile_open(&process->pidfile, plan->pidfile);
	if (status != STATUS_OK)
		return (status);
	process->logger = logger_create(log, plan->log.threshold,
	    crew_logs(process->workers));
	if (process->logger == NULL)
		return (failure(errno == EACCES ? STATUS_NOPERM :
		    STATUS_FAILURE, "cannot log to %s: %s", log,
		    text_error(errno)));
	process->log = logger_log(process->logger, 0);
	if (plan->user == NULL)
		return (STATUS_OK);
	logger_give(process->logger, identity.uid, identity.gid);
	return (identity_assume(&identity));
}

static enum exit_status
open_crew(struct process *process)
{
	struct listen_sockets *sockets = &process->sockets;
	size_t i;
	int *fds;

	process->loop = mux_loop_create();
	if (process->loop == NULL)
		return (cannot("create an event loop"));
	process->started_ms = mux_loop_now_ms(process->loop);
	process->drain_timer = mux_timer_create(process->loop, on_drain_limit,
	    process);
	fds = calloc(sockets->count, sizeof(*fds));
	if (process->drain_timer == NULL || fds == NULL) {
		free(fds);
		return (cannot("start"));
	}
	for (i = 0; i < sockets->count; i++)
		fds[i] = sockets->list[i].fd;
	process->crew = crew_create(process->loop, process->logger,
	    &process->plan->routes[0], fds, sockets->count, process->workers);
	free(fds);
	return (process->crew != NULL ? STATUS_OK : cannot("start"));
}

static enum exit_status
check_names(struct process *process)
{
	const struct upstream *unknown;

	unknown = crew_check_names(process->crew, NAMES_WAIT_MS);
	if (unknown == NULL)
		return (STATUS_OK);
	return (failure(STATUS_FAILURE, "UPSTREAM '%s': there is no such host",
	    unknown->name));
}

static enum exit_status
watch_signals(struct process *process)
{
	size_t i;
	int signo;

	for (i = 0; i < sizeof(signal_names) / sizeof(signal_names[0]); i++) {
		signo = signal_names[i].signo;
		if (mux_signal_watch(process->loop, signo, signo == SIGTERM ||
		    signo == SIGINT || signo == SIGQUIT ? on_stop_signal :
		    on_other_signal, process) == -1)
			return (cannot("watch signals"));
	}
	return (STATUS_OK);
}

static void
log_start(struct process *process)
{
	const struct pool *pool = crew_pool(process->crew);
	char listen[LOG_TEXT_MAX / 2], upstreams[LOG_TEXT_MAX / 4];
	size_t i, used = 0;
	int n;

	upstreams[0] = '\0';
	for (i = 0; i < pool->count; i++) {
		n = snprintf(upstreams + used, sizeof(upstreams) - used,
		    "%s%s", i > 0 ? "," : "", pool->upstreams[i].name);
		if (n < 0 || (size_t)n >= sizeof(upstreams) - used)
			break;
		used += (size_t)n;
	}
	log_line(process->log, SEVERITY_INFO, "start version=" PACKAGE_VERSION
	    " backend=%s workers=%zu listen=%s upstream=%s"
	    " max-connections=%zu pid=%ld", mux_backend_name(),
	    process->workers, listen_format(listen, sizeof(listen),
	    &process->sockets), upstreams, process->sessions_max,
	    (long)getpid());
}

static void
log_stop(struct process *process, const struct counters *counters, int error)
{
	const uint64_t uptime_ms = mux_loop_now_ms(process->loop) -
	    process->started_ms;

	log_line(process->log, error != 0 ? SEVERITY_ERROR : SEVERITY_INFO,
	    "stop %s%s%s sessions=%"
	    PRIu64 " up=%" PRIu64 " down=%" PRIu64 " lost-up=%" PRIu64
	    " lost-down=%" PRIu64 " uptime=%" PRIu64 ".%03" PRIu64 "s",
	    error != 0 ? "error=\"" : "reason=",
	    error != 0 ? text_error(error) : signal_name(process->stop_signal),
	    error != 0 ? "\"" : "", counters->sessions,
	    counters->up_bytes, counters->down_bytes, counters->lost_up_bytes,
	    counters->lost_down_bytes, uptime_ms / 1000, uptime_ms % 1000);
}

static enum exit_status
start(struct process *process)
{
	enum exit_status status;
	const char *failed;
	size_t i;

	status = open_resources(process);
	if (status == STATUS_OK)
		status = open_crew(process);
	if (status == STATUS_OK)
		status = watch_signals(process);
	if (status == STATUS_OK)
		status = check_names(process);
	if (status == STATUS_OK)
		status = limits_sessions(&process->sessions_max,
		    process->plan->connections_max,
		    pool_session_fds(crew_pool(process->crew)));
	if (status != STATUS_OK || process->stop_signal != 0)
		return (status);
	crew_allow_pipes(process->crew, limits_pipes());
	failed = crew_start(process->crew, process->sessions_max);
	if (failed != NULL)
		return (cannot(failed));
	log_start(process);
	for (i = 0; i < process->sockets.count; i++)
		process->sockets.list[i].fd = -1;	/* the crew's now */
	process->is_running = true;
	if (process->plan->is_daemon)
		daemon_ready(&process->daemon);
	return (STATUS_OK);
}

static enum exit_status
run(struct process *process)
{
	struct counters counters;
	int error = 0;

	if (crew_run(process->crew) == -1) {
		error = errno;
		crew_cut(process->crew, REASON_SYSTEM_ERROR);
	}
	process->stuck = crew_end(process->crew, &counters);
	log_stop(process, &counters, error);
	if (process->stuck > 0)
		log_line(process->log, SEVERITY_ERROR, "stuck workers=%zu "
		    "sessions=%zu action=leave", process->stuck,
		    crew_sessions(process->crew));
	if (error != 0)
		return (STATUS_OSERR);
	return (process->stuck > 0 ? STATUS_FAILURE : STATUS_OK);
}

/* What a worker that is stuck may still use stays. */
static void
close_crew(struct process *process)
{
	struct counters counters;

	if (process->crew != NULL && process->stuck == 0)
		process->stuck = crew_end(process->crew, &counters);
	if (process->stuck > 0)
		crew_leave(process->crew);
	else {
		crew_destroy(process->crew);
		mux_timer_destroy(process->drain_timer);
		mux_loop_destroy(process->loop);
	}
	listen_close(&process->sockets);
	if (process->stuck == 0)
		logger_destroy(process->logger);
	else
		logger_leave(process->logger);
}

static void
finish(struct process *process)
{
	sigset_t all;
	size_t i;

	/* one more signal must not keep us from clearing up */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, NULL);
	/* what the crew took over, it closes */
	for (i = 0; process->crew != NULL && i < process->sockets.count; i++)
		process->sockets.list[i].fd = -1;
	close_crew(process);
	pidfile_close(&process->pidfile);
}

enum exit_status
process_run(const struct plan *plan)
{
	struct process process = { .plan = plan };
	enum exit_status status = STATUS_OK;

	(void)signal(SIGPIPE, SIG_IGN);
	daemon_hold_streams();
	if (plan->is_daemon)
		status = daemon_start(&process.daemon);
	if (status == STATUS_OK)
		status = start(&process);
	if (status == STATUS_OK && process.is_running)
		status = run(&process);
	finish(&process);
	/* a worker that is left behind may still read the plan, and what is here */
	if (process.stuck > 0)
		exit((int)status);
	return (status);
}
