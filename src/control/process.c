/* SPDX-License-Identifier: ISC */

/*
 * process.c - the program as a process.
 *
 * Start: descriptors, sockets and files while still privileged, then the
 * user, then the loop and the helpers.  Stop: in the opposite order.
 */

#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "control/activation.h"
#include "control/daemon.h"
#include "control/identity.h"
#include "control/limits.h"
#include "control/orders.h"
#include "control/pidfile.h"
#include "control/process.h"
#include "control/report.h"
#include "control/sandbox.h"
#include "control/succession.h"
#include "control/upgrade.h"

struct process {
	struct plan *plan;
	int argc;
	char **argv;
	struct operation operation;
	struct orders orders;
	struct succession succession;
	struct pidfile pidfile;
	size_t workers;
	uint64_t started_ms;
	struct daemon daemon;
	bool is_stuck;		/* a thread is left behind, with what it uses */
};

/* Signals that ask for a change wait until there is something to change. */
static void
hold_changes(int how)
{
	sigset_t changes;

	(void)sigemptyset(&changes);
	(void)sigaddset(&changes, SIGHUP);
	(void)sigaddset(&changes, SIGUSR1);
	(void)sigaddset(&changes, SIGUSR2);
	(void)pthread_sigmask(how, &changes, NULL);
}

static enum exit_status
cannot(const char *what)
{
	return (failure(STATUS_OSERR, "cannot %s: %s", what, text_error(errno)));
}

/* The last of the logger's logs is the keeper's. */
static struct log *
keeper_log(struct process *process)
{
	return (logger_log(process->operation.logger,
	    crew_logs(process->workers)));
}

static enum exit_status
open_logger(struct process *process)
{
	struct operation *operation = &process->operation;
	const char *log;

	operation->logger = logger_create(&process->plan->log,
	    process->plan->is_daemon, crew_logs(process->workers) + 1, &log);
	if (operation->logger == NULL)
		return (failure(errno == EACCES ? STATUS_NOPERM :
		    STATUS_FAILURE, "cannot log to %s: %s", log,
		    text_error(errno)));
	operation->log = logger_log(operation->logger, 0);
	return (STATUS_OK);
}

static enum exit_status
confine(const struct process *process)
{
	char *program = upgrade_program(process->argv[0]);
	const enum exit_status status = sandbox_begin(process->plan, program);

	free(program);
	if (process->pidfile.path != NULL)
		sandbox_limit_fd(process->pidfile.fd, SANDBOX_PIDFILE);
	return (status);
}

/* As the user that started us, and then as the one to be; no thread before. */
static enum exit_status
open_resources(struct process *process)
{
	struct operation *operation = &process->operation;
	struct plan *plan = process->plan;
	const char *const user = plan->user;
	struct identity identity;
	enum exit_status status;

	limits_raise();
	process->workers = plan->workers != 0 ? (size_t)plan->workers :
	    limits_workers(plan->connections_max);
	if (user != NULL) {
		status = identity_find(&identity, user);
		if (status != STATUS_OK)
			return (status);
	}
	operation->deployment = deployment_listen(plan,
	    &process->succession.sockets, &status);
	if (status == STATUS_OK && plan->pidfile != NULL)
		status = pidfile_adopt(&process->pidfile, plan->pidfile,
		    succession_pidfile(&process->succession));
	if (status == STATUS_OK)
		status = open_logger(process);
	if (status == STATUS_OK && user != NULL) {
		logger_give(operation->logger, identity.uid, identity.gid);
		status = identity_assume(&identity);
	}
	if (status == STATUS_OK)
		status = confine(process);
	if (status == STATUS_OK && logger_start(operation->logger) == -1)
		status = cannot("start the logger's thread");
	return (status);
}

static enum exit_status
open_crew(struct process *process)
{
	struct operation *operation = &process->operation;
	enum exit_status status;

	status = deployment_equip(operation->deployment, NULL,
	    process->workers);
	if (status != STATUS_OK)
		return (status);
	operation->loop = mux_loop_create();
	if (operation->loop == NULL)
		return (cannot("create an event loop"));
	process->started_ms = mux_loop_now_ms(operation->loop);
	operation->crew = crew_create(operation->loop, operation->logger,
	    process->workers);
	if (operation->crew == NULL)
		return (cannot("start"));
	return (orders_open(&process->orders, operation) == 0 ? STATUS_OK :
	    cannot("watch signals"));
}

static enum exit_status
check(struct operation *operation)
{
	enum exit_status status;

	status = deployment_check(operation->deployment, NULL,
	    operation->loop, operation->log);
	/* signals that came meanwhile */
	(void)mux_loop_once(operation->loop, 0);
	return (status);
}

static size_t
look_at_workers(void *arg)
{
	struct operation *operation = arg;

	return (crew_stuck(operation->crew));
}

/* A manager knows the parent of a daemon.  Who leaves to us hears it last. */
static enum exit_status
announce(struct process *process)
{
	struct operation *operation = &process->operation;

	(void)activation_left(activation_of_process(), operation->log);
	if (process->plan->is_daemon && process->succession.fd == -1)
		herald_succeed(&operation->herald, getpid());
	if (herald_begin(&operation->herald, operation->loop, operation->log,
	    report_status, look_at_workers, operation) == -1)
		return (cannot("watch over workers"));
	succession_tell_ready(&process->succession, operation->deployment,
	    &process->pidfile);
	if (process->plan->is_daemon)
		daemon_ready(&process->daemon);
	sandbox_confine(SANDBOX_MAIN, operation->log);
	return (STATUS_OK);
}

static enum exit_status
serve(struct process *process)
{
	struct operation *operation = &process->operation;
	struct deployment *deployment = operation->deployment;
	const char *failed;

	crew_allow_pipes(operation->crew, limits_pipes());
	crew_limit_memory(operation->crew, process->plan->memory_max_bytes);
	operation->keeper = keeper_create(operation->loop);
	if (operation->keeper == NULL)
		return (cannot("start a thread"));
	failed = crew_start(operation->crew);
	if (failed != NULL)
		return (cannot(failed));
	if (crew_serve(operation->crew, deployment->listening,
	    deployment->sockets.count) == -1)
		return (cannot("accept"));
	operation->is_serving = true;
	if (crew_accept(operation->crew, deployment->sessions_max) == -1)
		return (cannot("accept"));
	return (STATUS_OK);
}

/* What there is to be told, and what may be asked of us, from now on. */
static enum exit_status
begin(struct process *process)
{
	struct operation *operation = &process->operation;
	const struct orders_means means = { .log = keeper_log(process),
	    .argc = process->argc, .argv = process->argv,
	    .workers = process->workers, .pidfile = &process->pidfile };

	orders_begin(&process->orders, &means);
	if (pidfile_renew(&process->pidfile) == -1)
		log_line(operation->log, SEVERITY_WARNING, "pidfile error=\"%s\"",
		    text_error(errno));
	report_start(operation, process->workers);
	operation->is_running = true;
	hold_changes(SIG_UNBLOCK);
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
		status = check(&process->operation);
	if (status != STATUS_OK || process->operation.stop_signal != 0)
		return (status);
	status = serve(process);
	return (status == STATUS_OK ? begin(process) : status);
}

static enum exit_status
run(struct process *process)
{
	struct operation *operation = &process->operation;
	struct counters counters;
	size_t stuck;
	int error = 0;

	if (crew_run(operation->crew) == -1) {
		error = errno;
		crew_cut(operation->crew, REASON_SYSTEM_ERROR);
	}
	stuck = crew_end(operation->crew, &counters);
	process->is_stuck = stuck > 0;
	report_stop(operation, &counters, error,
	    mux_loop_now_ms(operation->loop) - process->started_ms);
	if (stuck > 0)
		log_line(operation->log, SEVERITY_ERROR, "stuck workers=%zu "
		    "sessions=%zu action=leave", stuck,
		    crew_sessions(operation->crew));
	if (error != 0)
		return (STATUS_OSERR);
	return (stuck > 0 ? STATUS_FAILURE : STATUS_OK);
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

/* What a thread that is stuck may still use stays. */
static void
leave(struct operation *operation)
{
	if (operation->deployment != NULL)
		listen_remove(&operation->deployment->sockets);
	if (operation->crew != NULL)
		crew_leave(operation->crew);
	if (operation->logger != NULL)
		logger_leave(operation->logger);
}

static void
close_operation(struct process *process)
{
	struct operation *operation = &process->operation;
	struct counters counters;

	if (operation->crew != NULL && !process->is_stuck)
		process->is_stuck = crew_end(operation->crew, &counters) > 0;
	(void)upgrade_give_up(&process->orders.upgrade);
	if (!keeper_destroy(operation->keeper))
		process->is_stuck = true;
	if (process->is_stuck) {
		leave(operation);
		return;
	}
	activation_close(activation_of_process());
	herald_end(&operation->herald);
	crew_destroy(operation->crew);
	close_deployment(operation);
	orders_close(&process->orders);
	mux_loop_destroy(operation->loop);
	logger_destroy(operation->logger);
}

/* Who has not said that it serves leaves all to the process that does. */
static void
give_back(struct process *process)
{
	const struct succession *succession = &process->succession;

	if (succession->fd == -1)
		return;
	if (process->operation.deployment != NULL)
		listen_give_back(&process->operation.deployment->sockets);
	if (process->pidfile.path != NULL &&
	    process->pidfile.fd == succession_pidfile(succession))
		pidfile_leave(&process->pidfile);
}

static void
finish(struct process *process)
{
	sigset_t all;

	/* one more signal must not keep us from clearing up */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, NULL);
	give_back(process);
	close_operation(process);
	succession_close(&process->succession);
	herald_close(&process->operation.herald);
	pidfile_close(&process->pidfile);
}

void
process_hold_changes(void)
{
	hold_changes(SIG_BLOCK);
}

enum exit_status
process_run(struct plan *plan, int argc, char **argv)
{
	struct process process = { .plan = plan, .argc = argc, .argv = argv };
	enum exit_status status;
	const char *problem;

	(void)signal(SIGPIPE, SIG_IGN);
	status = succession_open(&process.succession);
	daemon_hold_streams();
	/* before a fork: it was passed to this process */
	problem = succession_activate(&process.succession,
	    activation_of_process());
	herald_open(&process.operation.herald);
	if (status == STATUS_OK && problem != NULL)
		status = failure(STATUS_FAILURE, "socket activation: %s",
		    problem);
	/* who succeeds a daemon is in the background */
	if (status == STATUS_OK && plan->is_daemon)
		status = daemon_start(&process.daemon,
		    process.succession.fd != -1);
	if (status == STATUS_OK)
		status = start(&process);
	if (status == STATUS_OK && process.operation.is_running)
		status = run(&process);
	finish(&process);
	/* who is left behind may still read the plan, and what is here */
	if (process.is_stuck)
		exit((int)status);
	return (status);
}
