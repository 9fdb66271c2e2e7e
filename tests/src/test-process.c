/* SPDX-License-Identifier: ISC */

/*
 * test-process.c - the whole program from its start to its end, when the
 * system says no.  Each run is a process of its own.
 */

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/failure.h"
#include "control/process.h"
#include "refusals.h"
#include "refuse.h"
#include "tap.h"

#define CALLS_MAX	40	/* all but those that count descriptors */
#define NOT_REFUSED	100	/* added to the status of a run */

static const struct refusal refusals[] = {
	{ CALL_calloc, ENOMEM }, { CALL_malloc, ENOMEM },
	{ CALL_realloc, ENOMEM }, { CALL_strdup, ENOMEM },
	{ CALL_socket, EMFILE }, { CALL_bind, EACCES },
	{ CALL_listen, EADDRINUSE }, { CALL_pipe, EMFILE },
	{ CALL_fcntl, EINVAL }, { CALL_epoll_create1, EMFILE },
	{ CALL_epoll_ctl, ENOMEM }, { CALL_epoll_wait, EINTR },
	{ CALL_epoll_wait, ENOMEM }, { CALL_epoll_wait, EINVAL },
	{ CALL_write, EINTR }, { CALL_pthread_create, EAGAIN },
	{ CALL_open, EACCES }, { CALL_getrlimit, EINVAL },
	{ CALL_getaddrinfo, EAI_AGAIN }, { CALL_getaddrinfo, EAI_NONAME },
	{ CALL_sigaction, EINVAL },
};

static char pidfile[] = "/tmp/mux-process-XXXXXX";

/*
 * Whether the last that was run has said that its loop failed, with the
 * totals, or that a thread could not be started.
 */
static bool has_told_failure, has_told_thread;

/* The program, in a process of its own. */
static void live(enum call call, unsigned n, int error)
    __attribute__((noreturn));

static void
live(enum call call, unsigned n, int error)
{
	static const struct target upstreams[] = {
		{ .kind = TARGET_INET, .host = "localhost", .port = 1 },
		{ .kind = TARGET_BUILTIN, .service = SERVICE_ECHO },
	};
	static const struct target listen = { .kind = TARGET_INET,
	    .host = "127.0.0.1" };
	static struct route route = { .name = "a", .listen = &listen,
	    .listen_count = 1, .upstreams = upstreams, .upstreams_count = 2,
	    .connect_timeout_ms = 1000, .idle_timeout_ms = 1000,
	    .half_close_timeout_ms = 1000 };
	static struct plan plan = { .references = 1, .routes = &route, .routes_count = 1,
		.shutdown_timeout_ms = 1000, .pidfile = pidfile,
		.workers = 2,
	};
	static char name[] = "muxproxy", *argv[] = { name, NULL };
	enum exit_status status;

	if (error != 0)
		refuse(call, n, error);
	status = process_run(&plan, 1, argv);
	leave((int)status + (refuse_end() == 0 ? NOT_REFUSED : 0));
}

/*
 * Its exit status.  What it says comes by a pipe: at its start it is told to
 * stop, and its end is that of the pipe.
 */
static int
status_of(enum call call, unsigned n, int error)
{
	char line[2048];
	int fds[2], status = -1;
	FILE *log;
	pid_t pid;

	(void)fflush(stdout);
	if (pipe(fds) == -1 || (pid = fork()) == -1)
		bail_out("no process");
	if (pid == 0) {
		(void)dup2(fds[1], STDERR_FILENO);
		(void)close(fds[0]);
		(void)close(fds[1]);
		live(call, n, error);
	}
	(void)close(fds[1]);
	log = fdopen(fds[0], "r");
	if (log == NULL)
		bail_out("no stream");
	has_told_failure = has_told_thread = false;
	while (fgets(line, sizeof(line), log) != NULL) {
		if (strstr(line, " error stop error=\"") != NULL &&
		    strstr(line, "\" sessions=0 ") != NULL)
			has_told_failure = true;
		if (strstr(line, "cannot start a worker's thread: ") != NULL)
			has_told_thread = true;
		if (strstr(line, " start version=") != NULL)
			(void)kill(pid, SIGTERM);
	}
	(void)fclose(log);
	(void)waitpid(pid, &status, 0);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

/* Each of its calls of one kind: it runs, or says why not. */
static void
test_call(enum call call, int error)
{
	int status = 0;
	unsigned n;

	for (n = 1; n < CALLS_MAX; n++) {
		status = status_of(call, n, error);
		if (status != STATUS_OK && status != STATUS_FAILURE &&
		    status != STATUS_OSERR && status != STATUS_NOPERM)
			break;
	}
	if (!ok(status == NOT_REFUSED || n == CALLS_MAX,
	    "%s fails with %d, %u times", call_name(call), error, n - 1))
		diag("status %d", status);
}

/* The wait that fails is the first of them after the start, at the latest. */
static void
test_failure(void)
{
	int status = STATUS_OSERR;
	unsigned n;

	has_told_failure = false;
	for (n = 1; n < CALLS_MAX && !has_told_failure &&
	    status < NOT_REFUSED; n++)
		status = status_of(CALL_epoll_wait, n, EINVAL);
	is(status, STATUS_OSERR, "a loop that fails ends it");
	ok(has_told_failure, "with the error and the totals");
}

/* The logger's is the first, those of workers come last. */
static void
test_thread(void)
{
	int status = STATUS_OSERR;
	unsigned n;

	has_told_thread = false;
	for (n = 1; n < CALLS_MAX && !has_told_thread &&
	    status < NOT_REFUSED; n++)
		status = status_of(CALL_pthread_create, n, EAGAIN);
	is(status, STATUS_OSERR, "a worker without a thread ends it");
	ok(has_told_thread, "and is told");
}

void
test_process(void)
{
	const int fd = mkstemp(pidfile);
	size_t i;

	if (fd == -1)
		bail_out("no file");
	(void)close(fd);
	is(status_of(CALL_COUNT, 0, 0), NOT_REFUSED, "starts and stops");
	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		test_call(refusals[i].call, refusals[i].error);
	test_failure();
	test_thread();
	(void)unlink(pidfile);
}
