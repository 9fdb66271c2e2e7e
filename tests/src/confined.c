/* SPDX-License-Identifier: ISC */

/*
 * confined.c - threads that are confined try what they may not, and do what
 * they have to.  Each is a thread of a process of its own, since there is no
 * way back.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attempts.h"
#include "config/plan.h"
#include "confined.h"
#include "control/sandbox-parts.h"
#include "control/sandbox.h"
#include "tap.h"

#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif

#define KILLED	(-2)	/* has ended by the filter */

/* What a thread of a child does, and how it tells. */
struct trial {
	const struct attempt *attempts;
	size_t count;
	void (*confine)(void);
	int fd;
};

static enum sandbox_role role;

static void
as_role(void)
{
	sandbox_confine(role, NULL);
}

static void
by_landlock(void)
{
	if (landlock_confine(SANDBOX_WORKER) == -1)
		bail_out("landlock");
}

static void
by_seccomp(void)
{
	if (seccomp_confine(SANDBOX_WORKER) == -1)
		bail_out("seccomp");
}

/* The errno of each attempt, or 0. */
static void *
try_all(void *arg)
{
	const struct trial *trial = arg;
	size_t i;
	int error;

	trial->confine();
	for (i = 0; i < trial->count; i++) {
		errno = 0;
		error = trial->attempts[i].try() == 0 ? 0 : errno;
		if (write(trial->fd, &error, sizeof(error)) == -1)
			break;
	}
	return (NULL);
}

/* The plan of somebody who logs to a file inside, and listens there. */
static void
begin(void)
{
	static char log[64];
	struct plan *plan = plan_create();

	if (plan == NULL)
		bail_out("no plan");
	(void)snprintf(log, sizeof(log), "%s/log", inside);
	plan->log.events.target = log;
	plan->pidfile = log;
	if (sandbox_begin(plan, NULL) != STATUS_OK)
		bail_out("sandbox_begin");
	plan_release(plan);
}

static void run_child(struct trial *trial) __attribute__((noreturn));

static void
run_child(struct trial *trial)
{
	const struct rlimit none = { 0, 0 };
	pthread_t thread;

	(void)setrlimit(RLIMIT_CORE, &none);
	begin();
	if (pthread_create(&thread, NULL, try_all, trial) != 0)
		_exit(1);
	(void)pthread_join(thread, NULL);
	exit(0);
}

/* Tells for each what came of it, in a process of its own. */
static void
look(struct trial *trial, int *errors)
{
	size_t i;
	int fds[2], status = 0;
	pid_t pid;

	(void)fflush(stdout);
	if (pipe(fds) == -1 || (pid = fork()) == -1)
		bail_out("no process");
	if (pid == 0) {
		(void)close(fds[0]);
		trial->fd = fds[1];
		run_child(trial);
	}
	(void)close(fds[1]);
	for (i = 0; i < trial->count; i++) {
		if (read(fds[0], &errors[i], sizeof(errors[i])) !=
		    sizeof(errors[i]))
			errors[i] = -1;
	}
	(void)close(fds[0]);
	if (waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGSYS)
		errors[0] = KILLED;
}

static void
check(const char *what, void (*confine)(void), const struct attempt *attempts,
    size_t count)
{
	struct trial trial = { .attempts = attempts, .count = count,
	    .confine = confine };
	int errors[64];
	size_t i;

	look(&trial, errors);
	for (i = 0; i < count; i++) {
		if (!is(errors[i], attempts[i].want, "%s: %s", what,
		    attempts[i].name) && errors[i] > 0)
			diag("%s", strerror(errors[i]));
	}
}

static void
check_role(const char *what, enum sandbox_role as, const struct attempt *attempts,
    size_t count)
{
	role = as;
	check(what, as_role, attempts, count);
}

/* Each ends its process at once. */
static void
check_deadly(void (*confine)(void))
{
	struct trial trial = { .count = 1, .confine = confine };
	size_t i;
	int error;

	for (i = 0; i < deadly_count; i++) {
		trial.attempts = &deadly[i];
		look(&trial, &error);
#ifdef IS_INSTRUMENTED
		is(error, EACCES, "%s is refused", deadly[i].name);
#else
		is(error, KILLED, "%s ends the process", deadly[i].name);
#endif
	}
}

/* What the system has, by a process that begins. */
static bool
has(const char *word)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		begin();
		_exit(strstr(sandbox_description(), word) == NULL);
	}
	return (pid != -1 && waitpid(pid, &status, 0) == pid && status == 0);
}

static void
test_roles(void)
{
	check_role("worker", SANDBOX_WORKER, never, never_count);
	check_role("worker", SANDBOX_WORKER, carries, carries_count);
#ifndef IS_INSTRUMENTED
	check_role("main", SANDBOX_MAIN, never, never_count);
	check_role("main", SANDBOX_MAIN, carries, carries_count);
	check_role("main", SANDBOX_MAIN, removes, removes_count);
	check_role("helper", SANDBOX_HELPER, helps, helps_count);
	check_role("keeper", SANDBOX_KEEPER, keeps, keeps_count);
#endif
}

static int
do_nothing(void)
{
	return (0);
}

/* A plan that is not confined leaves everything as it was. */
static void
test_off(void)
{
	const struct attempt free_ones[] = { { "nothing", do_nothing, 0 } };
	struct plan *plan = plan_create();

	plan->is_confined = false;
	is(sandbox_begin(plan, NULL), STATUS_OK, "not confined");
	ok(strcmp(sandbox_description(), "off") == 0, "says so");
	sandbox_confine(SANDBOX_WORKER, NULL);
	is(open_plainly(), 0, "and may open files");
	check("nothing", as_role, free_ones, 1);
	plan_release(plan);
}

#ifdef HAVE_SECCOMP

/* 0: capset(2) is refused from now on, as by ~@privileged of systemd. */
static int
refuse_capset(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	return (filter == NULL || seccomp_rule_add(filter,
	    SCMP_ACT_ERRNO(EPERM), SCMP_SYS(capset), 0) != 0 ||
	    seccomp_load(filter) != 0 ? -1 : 0);
}

/* Who has no privilege at all needs no leave to give one up. */
static void
test_filtered(void)
{
	int status = -1;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		if ((geteuid() == 0 && setuid(65534) == -1) ||
		    refuse_capset() == -1)
			_exit(2);
		begin();
		sandbox_confine(SANDBOX_WORKER, NULL);
		_exit(0);
	}
	ok(pid != -1 && waitpid(pid, &status, 0) == pid && status == 0,
	    "begins where a service manager refuses capset(2)");
}

#endif

/* What the keeper of another has started, as an upgrade does. */
static int
succeed(void)
{
	static const size_t ours = 4;	/* that know of no other process */
	size_t i;

	begin();
	if (strchr(sandbox_description(), '!') != NULL)
		return (EPROTO);
	sandbox_confine(SANDBOX_KEEPER, NULL);
	if (open_plainly() == -1)
		return (errno);
	sandbox_confine(SANDBOX_MAIN, NULL);
	for (i = 0; i < ours; i++) {
		if (carries[i].try() == -1)
			return (errno);
	}
	return (open_plainly() == 0 ? EPROTO : 0);
}

int
main(int argc, char **argv)
{
	bool has_landlock, has_seccomp;

	if (argc == 1 && strcmp(argv[0], SUCCESSOR) == 0)
		return (succeed());
	attempts_begin();
	tap_begin("sandbox");
	test_off();
	has_landlock = has("landlock:");
	has_seccomp = has(",seccomp");
	if (has_landlock && has_seccomp)
		test_roles();
	else
		skip("this system or build has not both", "roles");
	tap_begin("landlock");
	if (has_landlock)
		check("rules alone", by_landlock, by_rules, by_rules_count);
	else
		skip("not in this kernel", "rules alone");
	tap_begin("seccomp");
	if (has_seccomp) {
#ifdef HAVE_SECCOMP
		test_filtered();
#endif
		check("a filter alone", by_seccomp, never, never_count);
		check_deadly(by_seccomp);
	} else
		skip("not in this build", "a filter alone");
	attempts_end();
	return (tap_done());
}
