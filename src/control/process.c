/* SPDX-License-Identifier: ISC */

/*
 * process.c - the program as a process.
 *
 * Start: descriptors, sockets and files while still privileged, then the
 * user, then the loop and the helpers.  Stop: in the opposite order.
 */

#include "base/text.h"
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "control/activation.h"
#include "control/daemon.h"
#include "control/identity.h"
#include "control/limits.h"
#include "control/names.h"
#include "control/operation.h"
#include "control/pidfile.h"
#include "control/process.h"
#include "control/report.h"

struct process {
	struct plan *plan;
	struct operation operation;
	struct pidfile pidfile;
	size_t workers;
	uint64_t started_ms;
	struct daemon daemon;
	size_t stuck;		/* workers that are left behind */
};

static enum exit_status
cannot(const char *what)
{
	return (failure(STATUS_OSERR, "cannot %s: %s", what, text_error(errno)));
}

/* As the user that started us; the logger's thread changes user with us. */
static enum exit_status
open_resources(struct process *process)
{
	struct operation *operation = &process->operation;
	struct plan *plan = process->plan;
	const char *log;
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
	process->operation.deployment = deployment_create(plan, NULL,
	    process->workers, &status);
	if (status == STATUS_OK && plan->pidfile != NULL)
		status = pidfile_open(&process->pidfile, plan->pidfile);
	if (status != STATUS_OK)
		return (status);
	operation->logger = logger_create(&plan->log, plan->is_daemon,
	    crew_logs(process->workers), &log);
	if (operation->logger == NULL)
		return (failure(errno == EACCES ? STATUS_NOPERM :
		    STATUS_FAILURE, "cannot log to %s: %s", log,
		    text_error(errno)));
	operation->log = logger_log(operation->logger, 0);
	if (plan->user == NULL)
		return (STATUS_OK);
	logger_give(operation->logger, identity.uid, identity.gid);
	return (identity_assume(&identity));
}

static enum exit_status
open_crew(struct process *process)
{
	struct operation *operation = &process->operation;

	operation->loop = mux_loop_create();
	if (operation->loop == NULL)
		return (cannot("create an event loop"));
	process->started_ms = mux_loop_now_ms(operation->loop);
	operation->crew = crew_create(operation->loop, operation->logger,
	    process->workers);
	if (operation->crew == NULL)
		return (cannot("start"));
	return (operation_open(operation) == 0 ? STATUS_OK :
	    cannot("watch signals"));
}

static enum exit_status
check(struct process *process)
{
	struct operation *operation = &process->operation;
	struct deployment *deployment = operation->deployment;
	enum exit_status status;

	status = names_check(deployment->lines,
	    deployment->plan->routes_count, operation->loop, operation->log);
	if (status != STATUS_OK)
		return (status);
	/* signals that came meanwhile */
	(void)mux_loop_once(operation->loop, 0);
	return (limits_sessions(&deployment->sessions_max,
	    process->plan->connections_max, deployment->session_fds));
}

static size_t
look_at_workers(void *arg)
{
	struct operation *operation = arg;

	return (crew_stuck(operation->crew));
}

/* The service manager knows the parent of one in the background. */
static enum exit_status
announce(struct process *process)
{
	struct operation *operation = &process->operation;

	(void)activation_left(activation_of_process(), operation->log);
	if (process->plan->is_daemon)
		herald_succeed(&operation->herald, getpid());
	if (herald_begin(&operation->herald, operation->loop, operation->log,
	    report_status, look_at_workers, operation) == -1)
		return (cannot("watch over workers"));
	if (process->plan->is_daemon)
		daemon_ready(&process->daemon);
	return (STATUS_OK);
}

static enum exit_status
serve(struct process *process)
{
	struct operation *operation = &process->operation;
	struct deployment *deployment = operation->deployment;
	const char *failed;

	crew_allow_pipes(operation->crew, limits_pipes());
	failed = crew_start(operation->crew);
	if (failed != NULL)
		return (cannot(failed));
	if (crew_serve(operation->crew, deployment->listening,
	    deployment->sockets.count) == -1)
		return (cannot("accept"));
	operation->is_serving = true;
	if (crew_accept(operation->crew, deployment->sessions_max) == -1)
		return (cannot("accept"));
	report_start(operation, process->workers);
	operation->is_running = true;
	return (announce(process));
}

static enum exit_status
start(struct process *process)
{
	enum exit_status status;

	status = open_resources(process);
	if (status == STATUS_OK)
		status = open_crew(process);
	if (status == STATUS_OK)
		status = check(process);
	if (status != STATUS_OK || process->operation.stop_signal != 0)
		return (status);
	return (serve(process));
}

static enum exit_status
run(struct process *process)
{
	struct operation *operation = &process->operation;
	struct counters counters;
	int error = 0;

	if (crew_run(operation->crew) == -1) {
		error = errno;
		crew_cut(operation->crew, REASON_SYSTEM_ERROR);
	}
	process->stuck = crew_end(operation->crew, &counters);
	report_stop(operation, &counters, error,
	    mux_loop_now_ms(operation->loop) - process->started_ms);
	if (process->stuck > 0)
		log_line(operation->log, SEVERITY_ERROR, "stuck workers=%zu "
		    "sessions=%zu action=leave", process->stuck,
		    crew_sessions(operation->crew));
	if (error != 0)
		return (STATUS_OSERR);
	return (process->stuck > 0 ? STATUS_FAILURE : STATUS_OK);
}

/* What it serves is closed by the crew, what it never served is not. */
static void
close_deployment(struct operation *operation)
{
	struct deployment *deployment = operation->deployment;

	if (deployment == NULL)
		return;
	if (!operation->is_serving) {
		deployment_discard(deployment);
		return;
	}
	deployment_retire(deployment, NULL);
	deployment_free(deployment);
}

/* What a worker that is stuck may still use stays. */
static void
close_crew(struct process *process)
{
	struct operation *operation = &process->operation;
	struct counters counters;

	if (operation->crew != NULL && process->stuck == 0)
		process->stuck = crew_end(operation->crew, &counters);
	if (process->stuck > 0) {
		listen_remove(&operation->deployment->sockets);
		crew_leave(operation->crew);
		logger_leave(operation->logger);
		return;
	}
	herald_end(&operation->herald);
	crew_destroy(operation->crew);
	close_deployment(operation);
	operation_close(operation);
	mux_loop_destroy(operation->loop);
	logger_destroy(operation->logger);
}

static void
finish(struct process *process)
{
	sigset_t all;

	/* one more signal must not keep us from clearing up */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, NULL);
	close_crew(process);
	activation_close(activation_of_process());
	herald_close(&process->operation.herald);
	pidfile_close(&process->pidfile);
}

enum exit_status
process_run(struct plan *plan)
{
	struct process process = { .plan = plan };
	enum exit_status status = STATUS_OK;
	const char *problem;

	(void)signal(SIGPIPE, SIG_IGN);
	daemon_hold_streams();
	/* in the process that the service manager has started */
	problem = activation_open(activation_of_process());
	herald_open(&process.operation.herald);
	if (problem != NULL)
		status = failure(STATUS_FAILURE, "socket activation: %s",
		    problem);
	if (status == STATUS_OK && plan->is_daemon)
		status = daemon_start(&process.daemon);
	if (status == STATUS_OK)
		status = start(&process);
	if (status == STATUS_OK && process.operation.is_running)
		status = run(&process);
	finish(&process);
	/* a worker that is left behind may still read the plan, and what is here */
	if (process.stuck > 0)
		exit((int)status);
	return (status);
}
