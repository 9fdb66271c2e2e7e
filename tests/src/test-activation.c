/* SPDX-License-Identifier: ISC */

/* test-activation.c - listening sockets of the service manager. */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "control/activation.h"
#include "tap.h"
#include "units.h"

#define SELF	4711	/* the process that is meant */

static void
forget(struct activation *activation)
{
	free(activation->list);
	free(activation->names);
}

/* How many sockets, -1 for an error; the names joined by blanks. */
static long
parse(const char *fds, const char *pid, const char *names, char *out)
{
	struct activation activation;
	const char *problem;
	size_t i, count;

	out[0] = '\0';
	problem = activation_parse(&activation, fds, pid, names, SELF);
	if (problem != NULL)
		return (activation.list == NULL && activation.count == 0 &&
		    activation.names == NULL && *problem != '\0' ? -1 : -2);
	for (i = 0; i < activation.count; i++) {
		if (activation.list[i].fd != ACTIVATION_FIRST + (int)i)
			bail_out("a wrong descriptor");
		if (i < 3) {
			(void)strcat(out, activation.list[i].name);
			(void)strcat(out, " ");
		}
	}
	count = activation.count;
	forget(&activation);
	return ((long)count);
}

static const struct {
	const char *fds, *pid, *names;
	long count;
	const char *out;
} environments[] = {
	{ NULL, NULL, NULL, 0, "" },
	{ "1", NULL, NULL, 0, "" },
	{ NULL, "4711", NULL, 0, "" },
	{ "1", "4712", NULL, 0, "" },
	{ "1", "04711x", NULL, 0, "" },
	{ "1", "", NULL, 0, "" },
	{ "1", "-4711", NULL, 0, "" },
	{ "999999999", "1", "a:b", 0, "" },
	{ "1", "99999999999999999999", NULL, 0, "" },
	{ "0", "4711", "web", 0, "" },
	{ "1", "4711", NULL, 1, "unknown " },
	{ "2", "4711", NULL, 2, "unknown unknown " },
	{ "1", "4711", "web", 1, "web " },
	{ "3", "4711", "web:admin:web", 3, "web admin web " },
	{ "2", "4711", ":", 2, "  " },
	{ "1", "4711", "", 1, " " },
	{ "4096", "4711", NULL, 4096, "unknown unknown unknown " },
	{ "4097", "4711", NULL, -1, "" },
	{ "999999999", "4711", NULL, -1, "" },
	{ "18446744073709551617", "4711", NULL, -1, "" },
	{ "-1", "4711", NULL, -1, "" },
	{ "", "4711", NULL, -1, "" },
	{ " 1", "4711", NULL, -1, "" },
	{ "1x", "4711", NULL, -1, "" },
	{ "2", "4711", "web", -1, "" },
	{ "1", "4711", "web:admin", -1, "" },
	{ "1", "4711", "web:", -1, "" },
	{ "1", "4711", "we\nb", -1, "" },
	{ "1", "4711", "we\x7f" "b", -1, "" },
	{ "1", "4711", "w\xc3\xa4", -1, "" },
};

static void
test_parse(void)
{
	char out[1024], name[ACTIVATION_NAME_MAX + 2];
	const char *text;
	size_t i;

	for (i = 0; i < sizeof(environments) / sizeof(environments[0]); i++) {
		text = environments[i].fds;
		is(parse(text, environments[i].pid, environments[i].names,
		    out), environments[i].count, "environment %zu: LISTEN_FDS %s",
		    i, text != NULL ? text : "unset");
		ok(strcmp(out, environments[i].out) == 0, "and its names");
	}
	memset(name, 'x', sizeof(name));
	name[ACTIVATION_NAME_MAX + 1] = '\0';
	is(parse("1", "4711", name, out), -1, "a name that is too long");
	name[ACTIVATION_NAME_MAX] = '\0';
	is(parse("1", "4711", name, out), 1, "and one that just fits");
}

static void
set_environment(const char *fds, const char *names)
{
	char pid[32];

	(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	(void)setenv("LISTEN_PID", pid, 1);
	(void)setenv("LISTEN_FDS", fds, 1);
	(void)setenv("LISTEN_FDNAMES", names, 1);
}

static bool
is_passed_on(int fd)
{
	return ((fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0);
}

static bool
is_waiting(int fd)
{
	return ((fcntl(fd, F_GETFL) & O_NONBLOCK) == 0);
}

/* In a child, for it takes the descriptors 3 to 7: what is there. */
static void
place_sockets(void)
{
	int fds[5], pipes[2], i;

	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	fds[1] = socket(AF_UNIX, SOCK_STREAM, 0);
	fds[2] = socket(AF_INET, SOCK_DGRAM, 0);
	fds[3] = socket(AF_INET, SOCK_STREAM, 0);
	if (fds[3] == -1 || pipe(pipes) == -1 || listen(fds[0], 5) == -1)
		_exit(100);
	fds[4] = pipes[0];
	for (i = 0; i < 5; i++)
		fds[i] = fcntl(fds[i], F_DUPFD, 20);
	for (i = 0; i < 5; i++)
		(void)dup2(fds[i], ACTIVATION_FIRST + i);
	(void)close(ACTIVATION_FIRST + 5);
}

/* NULL: what must hold does; else what does not. */
static const char *
take_sockets(void)
{
	struct activation activation;
	size_t count = 0;
	int *fds;

	place_sockets();
	set_environment("5", "web:odd:udp:deaf:pipe");
	if (activation_open(&activation) != NULL || activation.count != 5)
		return ("five are taken over");
	if (getenv("LISTEN_PID") != NULL || getenv("LISTEN_FDS") != NULL ||
	    getenv("LISTEN_FDNAMES") != NULL)
		return ("the environment is cleared");
	if (is_passed_on(3) || is_waiting(3) || is_passed_on(5))
		return ("they are close-on-exec and non-blocking");
	if (!is_waiting(7))
		return ("what is foreign is not made non-blocking");
	if (activation.list[0].problem != NULL ||
	    activation_take(&activation, "udp", &fds, &count) == NULL ||
	    activation_take(&activation, "deaf", &fds, &count) == NULL ||
	    activation_take(&activation, "pipe", &fds, &count) == NULL ||
	    activation_take(&activation, "none", &fds, &count) == NULL)
		return ("what cannot be listened on is refused");
	if (activation_left(&activation, NULL) != 5)
		return ("nobody has taken any");
	if (activation_take(&activation, "web", &fds, &count) != NULL ||
	    count != 1 || fds[0] == 3 || is_passed_on(fds[0]) ||
	    is_waiting(fds[0]))
		return ("a good one is duplicated");
	(void)close(fds[0]);
	free(fds);
	if (activation_left(&activation, NULL) != 4)
		return ("four are left");
	if (activation_take(&activation, "web", &fds, &count) != NULL)
		return ("it can be taken again");
	free(fds);
	activation_close(&activation);
	return (fcntl(3, F_GETFD) == -1 && activation.count == 0 ? NULL :
	    "all are closed");
}

static const char *
take_two_of_a_name(void)
{
	struct activation activation;
	size_t count = 0;
	int *fds;

	place_sockets();
	(void)dup2(3, 4);
	set_environment("2", "web:web");
	if (activation_open(&activation) != NULL ||
	    activation_take(&activation, "web", &fds, &count) != NULL ||
	    count != 2 || fds[0] == fds[1])
		return ("two sockets of one name");
	free(fds);
	return (activation_left(&activation, NULL) == 0 ? NULL :
	    "none is left");
}

static const char *
take_what_is_closed(void)
{
	struct activation activation;
	size_t count = 0;
	int *fds;

	place_sockets();
	set_environment("6", "a:b:c:d:e:f");
	if (activation_open(&activation) == NULL || activation.count != 0)
		return ("a closed descriptor is an error");
	if (getenv("LISTEN_FDS") != NULL)
		return ("the environment is cleared all the same");
	return (activation_take(&activation, "a", &fds, &count) != NULL ?
	    NULL : "nothing can be taken");
}

static void
in_child(const char *(*function)(void), const char *name)
{
	const char *failed;
	int status = -1;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		failed = function();
		if (failed != NULL)
			(void)fprintf(stderr, "# not so: %s\n", failed);
		_exit(failed != NULL);
	}
	(void)waitpid(pid, &status, 0);
	is(status, 0, "%s", name);
}

void
test_activation(void)
{
	test_parse();
	in_child(take_sockets, "sockets are taken over, and looked at");
	in_child(take_two_of_a_name, "two of one name");
	in_child(take_what_is_closed, "more are said than there are");
}
