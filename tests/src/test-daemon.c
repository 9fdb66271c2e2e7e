/* SPDX-License-Identifier: ISC */

/* test-daemon.c - the parent that waits for its child in the background. */

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/daemon.h"
#include "control/failure.h"
#include "refusals.h"
#include "refuse.h"
#include "tap.h"

/* What the child in the background does with its life. */
static void
become_ready(const struct daemon *daemon)
{
	daemon_ready(daemon);
	leave(0);
}

static void
give_up(const struct daemon *daemon)
{
	(void)close(daemon->ready_fd);
	leave(STATUS_NOPERM);
}

static void
crash(const struct daemon *daemon)
{
	(void)daemon;
	(void)raise(SIGKILL);
}

static void
become_ready_interrupted(const struct daemon *daemon)
{
	refuse(CALL_write, 1, EINTR);
	become_ready(daemon);
}

/* The status with which the process that was started comes back. */
static int
status_of(void (*life)(const struct daemon *), enum call call, int error)
{
	struct daemon daemon;
	enum exit_status status;
	int waited = -1;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == -1)
		bail_out("cannot fork");
	if (pid == 0) {
		(void)alarm(60);
		if (error != 0)
			refuse(call, 1, error);
		status = daemon_start(&daemon, false);
		if (status == STATUS_OK)
			life(&daemon);
		leave((int)status);
	}
	while (waitpid(pid, &waited, 0) == -1 && errno == EINTR)
		continue;
	return (WIFEXITED(waited) ? WEXITSTATUS(waited) : -1);
}

static void
hold_streams(void)
{
	(void)close(STDIN_FILENO);
	daemon_hold_streams();
	leave(write(STDIN_FILENO, "x", 1) == 1 ? 0 : 1);
}

void
test_daemon(void)
{
	int waited = -1;
	pid_t pid;

	is(status_of(become_ready, CALL_COUNT, 0), 0, "one that is ready");
	is(status_of(give_up, CALL_COUNT, 0), STATUS_NOPERM, "one that gives up");
	is(status_of(crash, CALL_COUNT, 0), STATUS_OSERR, "one that crashes");
	is(status_of(become_ready, CALL_read, EINTR), 0, "an interrupted wait");
	is(status_of(give_up, CALL_read, EINTR), STATUS_NOPERM, "of either kind");
	is(status_of(give_up, CALL_waitpid, EINTR), STATUS_NOPERM, "at its end");
	is(status_of(give_up, CALL_waitpid, ECHILD), STATUS_OSERR, "a lost child");
	is(status_of(become_ready_interrupted, CALL_COUNT, 0), 0,
	    "one that is interrupted");
	catch_stderr();
	is(status_of(become_ready, CALL_open, ENOENT), STATUS_OSERR,
	    "no /dev/null");
	ok(strstr(caught(), "cannot go to the background: ") != NULL, "said");
	catch_stderr();
	is(status_of(become_ready, CALL_pipe, EMFILE), STATUS_OSERR, "no pipe");
	ok(strstr(caught(), "cannot go to the background: ") != NULL, "said");
	catch_stderr();
	is(status_of(become_ready, CALL_fork, EAGAIN), STATUS_OSERR, "no process");
	ok(strstr(caught(), "cannot go to the background: ") != NULL, "said");

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0)
		hold_streams();
	(void)waitpid(pid, &waited, 0);
	is(waited, 0, "a closed stream is held by /dev/null");
	refuse(CALL_open, 0, ENOENT);
	daemon_hold_streams();
	is(refuse_end(), 1, "without /dev/null there is nothing to hold it by");
}
