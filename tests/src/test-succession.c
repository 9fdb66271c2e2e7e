/* SPDX-License-Identifier: ISC */

/*
 * test-succession.c - starting in the place of another process, when what that
 * one gives is wrong.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/succession.h"
#include "control/upgrade.h"
#include "tap.h"
#include "units.h"

static char said[512];		/* on the standard error */

/* Opens with the standard error in a file. */
static enum exit_status
open_quietly(struct succession *succession)
{
	char name[] = "/tmp/mux-succession-XXXXXX";
	const int file = mkstemp(name), kept = dup(STDERR_FILENO);
	enum exit_status status;
	ssize_t n;

	if (file == -1 || kept == -1 || dup2(file, STDERR_FILENO) == -1)
		bail_out(name);
	status = succession_open(succession);
	(void)dup2(kept, STDERR_FILENO);
	(void)close(kept);
	n = pread(file, said, sizeof(said) - 1, 0);
	said[n > 0 ? n : 0] = '\0';
	(void)close(file);
	(void)unlink(name);
	return (status);
}

/* One line, which begins and ends like that. */
static bool
is_said(const char *problem)
{
	char line[256];

	(void)snprintf(line, sizeof(line), "muxproxy: cannot take over from "
	    "another process (" SUCCESSION_VARIABLE "): %s\n", problem);
	if (strcmp(said, line) != 0)
		diag("got: %s", said);
	return (strcmp(said, line) == 0);
}

static void
refused(const char *variable, const char *problem, const char *name)
{
	struct succession succession;

	(void)setenv(SUCCESSION_VARIABLE, variable, 1);
	is(open_quietly(&succession), STATUS_FAILURE, "%s", name);
	ok(is_said(problem), "in one line");
	ok(succession.fd == -1 && succession.sockets.list == NULL &&
	    getenv(SUCCESSION_VARIABLE) == NULL, "and nothing is left");
}

static void
test_variables(void)
{
	static const char *const variables[] = { "", "x", "-1", "0", "2",
	    "99999", "4294967299", "3x", " 3" };
	struct succession succession;
	size_t i;

	(void)unsetenv(SUCCESSION_VARIABLE);
	is(open_quietly(&succession), STATUS_OK, "nobody is succeeded");
	ok(succession.fd == -1 && succession.sockets.count == 0 &&
	    succession_pidfile(&succession) == -1 && said[0] == '\0', "quietly");
	succession_close(&succession);
	for (i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		refused(variables[i], "it names no descriptor", variables[i]);
}

/* A descriptor with these records, from a process that says no more. */
static int
told(const char *bytes, size_t length)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1 ||
	    write(fds[1], bytes, length) != (ssize_t)length ||
	    shutdown(fds[1], SHUT_WR) == -1)
		bail_out("socketpair");
	(void)close(fds[1]);
	return (fds[0]);
}

/* A listener of that descriptor; the record ends with the tail. */
static void
refuses(int fd, const char *tail, size_t tail_length, const char *problem,
    const char *name)
{
	char bytes[256], variable[16];
	size_t length;

	length = (size_t)snprintf(bytes, sizeof(bytes), "listen %d ", fd);
	memcpy(bytes + length, tail, tail_length);
	(void)snprintf(variable, sizeof(variable), "%d", told(bytes,
	    length + tail_length));
	refused(variable, problem, name);
	is(fcntl(atoi(variable), F_GETFD), -1, "and it hangs up");
}

static void
refuses_fd(int fd, const char *name)
{
	refuses(fd, "*:80", sizeof("*:80"),
	    "a descriptor that does not listen", name);
}

static int
a_listener(void)
{
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1 || listen(fd, 5) == -1)
		bail_out("a listener");
	return (fd);
}

static void
test_descriptors(void)
{
	int fd, fds[2];

	fd = a_listener();
	(void)close(fd);
	refuses_fd(fd, "a closed one");
	fd = socket(AF_INET, SOCK_STREAM, 0);
	refuses_fd(fd, "one that does not listen");
	(void)close(fd);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	refuses_fd(fd, "one of datagrams");
	(void)close(fd);
	if (pipe(fds) == -1)
		bail_out("pipe");
	refuses_fd(fds[0], "a pipe");
	(void)close(fds[0]);
	(void)close(fds[1]);
	refuses_fd(STDERR_FILENO, "the standard error");
	fd = a_listener();
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	refuses_fd(fd, "one that was not left for us");
	(void)fcntl(fd, F_SETFD, 0);
	refuses(fd, "*:80", 4, "a record that does not end", "half a record");
	refuses(fd, "nothing", sizeof("nothing"), "a listener without a place",
	    "rubbish");
	(void)close(fd);
}

/* What is right, but for being said twice. */
static void
test_twice(void)
{
	const int fd = a_listener();
	struct succession succession;
	char bytes[128], variable[16];
	int length;

	length = snprintf(bytes, sizeof(bytes), "listen %d *:80%clisten %d *:81",
	    fd, 0, fd) + 1;
	(void)snprintf(variable, sizeof(variable), "%d", told(bytes,
	    (size_t)length));
	refused(variable, "a descriptor that does not listen", "one twice");
	(void)fcntl(fd, F_SETFD, 0);
	length = snprintf(bytes, sizeof(bytes), "listen %d *:80", fd) + 1;
	(void)snprintf(variable, sizeof(variable), "%d", told(bytes,
	    (size_t)length));
	(void)setenv(SUCCESSION_VARIABLE, variable, 1);
	is(open_quietly(&succession), STATUS_OK, "one that is right");
	ok(succession.sockets.count == 1 && succession.sockets.list[0].fd == fd &&
	    succession.fd == atoi(variable) && said[0] == '\0', "is there");
	is(fcntl(fd, F_GETFD), FD_CLOEXEC, "and is for nobody else");
	succession_close(&succession);
	(void)close(fd);
}

/* What is executed for this word of a command line, with that PATH. */
static void
is_program(const char *word, const char *path, const char *want,
    const char *name)
{
	char *program;

	(void)setenv("PATH", path, 1);
	program = upgrade_program(word);
	ok(want == NULL ? program == NULL : program != NULL &&
	    strcmp(program, want) == 0, "the program: %s", name);
	free(program);
}

/* It may be started from elsewhere later, and its link lead to another. */
static void
test_program(void)
{
	char *const kept = strdup(getenv("PATH")), here[PATH_MAX];

	if (kept == NULL || getcwd(here, sizeof(here)) == NULL ||
	    chdir("/") == -1)
		bail_out("no way to /");
	is_program("/usr/bin/x", "", "/usr/bin/x", "by its path");
	is_program("bin/sh", "", "//bin/sh", "by one that is relative");
	is_program("sh", "/nowhere:/bin:/", "/bin/sh", "by PATH");
	is_program("sh", "bin", "//bin/sh", "by a PATH that is relative");
	is_program("no-such-program", "/bin:", NULL, "of nobody");
	if (chdir(here) == -1)
		bail_out("no way back");
	(void)setenv("PATH", kept, 1);
	free(kept);
}

void
test_succession(void)
{
	test_program();
	test_variables();
	test_descriptors();
	test_twice();
}
