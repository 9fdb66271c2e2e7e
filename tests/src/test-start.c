/* SPDX-License-Identifier: ISC */

/* test-start.c - the pid file, the user and the limits, when that fails. */

#include "config.h"

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/failure.h"
#include "control/identity.h"
#include "control/limits.h"
#include "control/pidfile.h"
#include "refusals.h"
#include "refuse.h"
#include "tap.h"

static char path[] = "/tmp/mux-pid-XXXXXX";

static enum exit_status
open_pidfile(void)
{
	struct pidfile pidfile = { .path = NULL };
	const enum exit_status status = pidfile_open(&pidfile, path);

	pidfile_close(&pidfile);
	return (status);
}

static void
open_and_close(void)
{
	(void)open_pidfile();
}

static void
pidfile_says(enum call call, int error, enum exit_status want, const char *says)
{
	enum exit_status status;
	const char *text;

	catch_stderr();
	refuse(call, 1, error);
	status = open_pidfile();
	(void)refuse_end();
	text = caught();
	if (!ok(status == want && strstr(text, says) != NULL, "%s: %s",
	    call_name(call), strerror(error)))
		diag("%d: %s", (int)status, text);
}

void
test_pidfile(void)
{
	static const struct refusal refusals[] = { { CALL_open, EACCES },
	    { CALL_flock, EAGAIN }, { CALL_fstat, EIO }, { CALL_stat, ENOENT },
	    { CALL_ftruncate, EIO }, { CALL_pwrite, ENOSPC },
	    { CALL_pread, EIO }, { CALL_unlink, EPERM } };
	const int fd = mkstemp(path);
	struct stat st;

	if (fd == -1)
		bail_out("no file");
	(void)close(fd);
	pidfile_says(CALL_open, EACCES, STATUS_NOPERM, "cannot write");
	pidfile_says(CALL_open, ENOENT, STATUS_FAILURE, "cannot write");
	pidfile_says(CALL_flock, EAGAIN, STATUS_FAILURE, "still runs");
	pidfile_says(CALL_flock, ENOLCK, STATUS_FAILURE, "cannot lock");
	pidfile_says(CALL_pwrite, ENOSPC, STATUS_FAILURE, "cannot write");
	pidfile_says(CALL_ftruncate, EIO, STATUS_FAILURE, "cannot write");
	pidfile_says(CALL_unlink, EPERM, STATUS_OK, "");
	ok(stat(path, &st) == 0 && st.st_size == 0, "one that stays is emptied");
	refuse_each("pid file", refusals,
	    sizeof(refusals) / sizeof(refusals[0]), open_and_close);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "/dev/null");
	catch_stderr();
	is(open_pidfile(), STATUS_FAILURE, "a device");
	ok(strstr(caught(), "holds no process id") != NULL, "is not ours");
}

/* What may be pretended, or refused, while becoming another user. */
static void
assumes(const struct identity *identity, enum exit_status want,
    const char *says, const char *name)
{
	enum exit_status status;
	const char *text;

	catch_stderr();
	status = identity_assume(identity);
	(void)refuse_end();
	text = caught();
	if (!ok(status == want && strstr(text, says) != NULL, "%s", name))
		diag("%d: %s", (int)status, text);
}

static void
find(const char *option, enum exit_status want)
{
	struct identity identity;

	catch_stderr();
	is(identity_find(&identity, option), want, "'%s'", option);
	(void)caught();
}

/* The user 7 of group 8, as seen by root. */
static void
as_root(void)
{
	pretend(CALL_geteuid, 0);
	pretend(CALL_getegid, 0);
	pretend(CALL_initgroups, 0);
	pretend(CALL_setgid, 0);
	pretend(CALL_setuid, 0);
	pretend(CALL_seteuid, -1);
	pretend(CALL_getresuid, 7);
	pretend(CALL_getresgid, 8);
	pretend(CALL_getgroups, 0);
}

void
test_identity(void)
{
	struct identity other = { .uid = 7, .gid = 8, .name = "other" };
	char word[300];

	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	find("", STATUS_USAGE);
	find("root:", STATUS_USAGE);
	find(word, STATUS_USAGE);
	find("no-such-user", STATUS_FAILURE);
	find("root:no-such-group", STATUS_FAILURE);
	find("root", STATUS_OK);
	find("root:daemon", STATUS_OK);

	pretend(CALL_geteuid, 7);
	pretend(CALL_getegid, 8);
	assumes(&other, STATUS_OK, "", "one is that user");
	pretend(CALL_geteuid, 7);
	pretend(CALL_getegid, 9);
	assumes(&other, STATUS_NOPERM, "only root may", "of another group");
	pretend(CALL_geteuid, 6);
	assumes(&other, STATUS_NOPERM, "only root may", "another user");
	as_root();
	pretend(CALL_initgroups, -1);
	assumes(&other, STATUS_NOPERM, "cannot become user other", "initgroups");
	as_root();
	pretend(CALL_setgid, -1);
	assumes(&other, STATUS_NOPERM, "cannot become user other", "setgid");
	as_root();
	pretend(CALL_setuid, -1);
	assumes(&other, STATUS_NOPERM, "cannot become user other", "setuid");
	as_root();
	assumes(&other, STATUS_OSERR, "root can be regained", "and back by setuid");
	as_root();
	pretend(CALL_getresuid, 6);
	assumes(&other, STATUS_OSERR, "left of root", "another saved user");
	as_root();
	pretend(CALL_getresgid, 0);
	assumes(&other, STATUS_OSERR, "left of root", "another saved group");
	as_root();
	pretend(CALL_getgroups, -1);
	assumes(&other, STATUS_OSERR, "left of root", "unknown groups");
	other.uid = 0;
	as_root();
	pretend(CALL_getresuid, 0);
	assumes(&other, STATUS_OK, "", "root as root");
}

static void
serves(rlim_t fds_max, uint64_t wanted, size_t fds, enum exit_status want, const char *says)
{
	struct rlimit before, limit;
	enum exit_status status;
	size_t sessions = 0;
	const char *text;

	catch_stderr();
	(void)getrlimit(RLIMIT_NOFILE, &before);
	limit = before;
	limit.rlim_cur = fds_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	status = limits_sessions(&sessions, wanted, fds,
	    limits_fds_in_use(LIMITS_FDS_OPENED));
	(void)setrlimit(RLIMIT_NOFILE, &before);
	(void)refuse_end();
	text = caught();
	ok(status == want && strstr(text, says) != NULL && (status != STATUS_OK ||
	    (sessions > 0 && (wanted == 0 || sessions == wanted))),
	    "%llu sessions of %zu descriptors", (unsigned long long)wanted, fds);
}

void
test_limits(void)
{
	struct rlimit before, limit;

	if (sizeof(rlim_t) != sizeof(long)) {
		/* 32 bits, with calls of another name for large files */
		skip("getrlimit64 takes its place", "what getrlimit refuses");
		return;
	}
	if (getrlimit(RLIMIT_NOFILE, &before) == -1)
		bail_out("no limits");
	refuse(CALL_getrlimit, 1, EINVAL);
	limits_raise();
	is(refuse_end(), 1, "a limit that is not known stays");
	limit = before;
	limit.rlim_cur = 256;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	serves(256, 0, 2, STATUS_OK, "");
	serves(256, 3, 2, STATUS_OK, "");
	serves(256, 200, 2, STATUS_OSERR, "lower --max-connections");
	serves(256, 0, 1000, STATUS_OSERR, "single connection");
	refuse(CALL_getrlimit, 2, EINVAL);
	serves(256, 0, 2, STATUS_OK, "");
	refuse(CALL_setrlimit, 1, EPERM);
	limits_raise();
	is(refuse_end(), 1, "one that cannot be raised stays");
	limits_raise();
	ok(getrlimit(RLIMIT_NOFILE, &limit) == 0 && (limit.rlim_cur > 256 ||
	    limit.rlim_max <= 256), "one that can is raised");
	limits_raise();
	serves(1, 0, 2, STATUS_OSERR, "single connection");
	(void)setrlimit(RLIMIT_NOFILE, &before);
}
