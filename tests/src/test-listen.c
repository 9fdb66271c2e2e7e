/* SPDX-License-Identifier: ISC */

/* test-listen.c - opening the sockets to listen on, when that fails. */

#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "control/failure.h"
#include "control/listen.h"
#include "refusals.h"
#include "refuse.h"
#include "tap.h"

static char directory[] = "/tmp/mux-listen-XXXXXX";
static char stale_path[64];
static struct target targets[4];
static struct route route = { .name = "a", .listen = targets };

static const struct refusal refusals[] = {
	{ CALL_socket, EMFILE }, { CALL_socket, EAFNOSUPPORT },
	{ CALL_setsockopt, ENOBUFS }, { CALL_bind, EACCES },
	{ CALL_bind, EADDRINUSE }, { CALL_bind, EADDRNOTAVAIL },
	{ CALL_listen, EADDRINUSE }, { CALL_realloc, ENOMEM },
	{ CALL_malloc, ENOMEM }, { CALL_stat, ENOENT }, { CALL_lstat, ENOENT },
	{ CALL_unlink, EPERM }, { CALL_connect, EAGAIN },
	{ CALL_getaddrinfo, EAI_MEMORY }, { CALL_getsockname, ENOBUFS },
};

/* Each single failure and how the program says it; %s is the target. */
static const struct {
	size_t target;
	enum call call;
	int error;
	enum exit_status status;
	const char *says;
} cases[] = {
	{ 0, CALL_bind, EACCES, STATUS_NOPERM, "CAP_NET_BIND_SERVICE" },
	{ 0, CALL_bind, EPERM, STATUS_NOPERM, "not permitted" },
	{ 0, CALL_bind, EADDRINUSE, STATUS_FAILURE, "another process" },
	{ 0, CALL_bind, EADDRNOTAVAIL, STATUS_FAILURE, "no such address" },
	{ 0, CALL_socket, EMFILE, STATUS_FAILURE, "cannot listen on 127." },
	{ 0, CALL_getaddrinfo, EAI_AGAIN, STATUS_FAILURE, "127.0.0.1:0: " },
	{ 1, CALL_getaddrinfo, EAI_MEMORY, STATUS_OSERR, "out of memory" },
	{ 1, CALL_bind, EADDRINUSE, STATUS_FAILURE, "on [::]:0: " },
	{ 1, CALL_socket, EAFNOSUPPORT, STATUS_OK, "" },
	{ 1, CALL_bind, EADDRNOTAVAIL, STATUS_OK, "" },
	{ 2, CALL_bind, EACCES, STATUS_NOPERM, "cannot be written to" },
	{ 2, CALL_bind, EADDRINUSE, STATUS_FAILURE, "another process" },
	{ 2, CALL_listen, EADDRINUSE, STATUS_FAILURE, "unix:" },
	{ 3, CALL_unlink, EPERM, STATUS_NOPERM, "unix:" },
	{ 3, CALL_connect, EAGAIN, STATUS_FAILURE, "another process" },
};

/* A socket that nobody has any more. */
static void
leave_stale(void)
{
	const int fd = socket_open(AF_UNIX);

	if (fd == -1 || socket_bind_unix(fd, stale_path) == -1)
		bail_out("cannot leave a socket behind");
	socket_close(fd);
}

static void
open_and_close(void)
{
	struct listen_sockets sockets;
	char text[1024];

	(void)!link(stale_path, targets[3].path);
	if (listen_open(&sockets, &route, 1, NULL) == STATUS_OK)
		(void)listen_format(text, sizeof(text), &sockets, 0);
	listen_close(&sockets);
}

static void
test_cases(void)
{
	const struct route one = { .listen_count = 1 };
	struct listen_sockets sockets;
	struct route chosen;
	enum exit_status status;
	const char *text;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		chosen = one;
		chosen.listen = &targets[cases[i].target];
		(void)!link(stale_path, targets[3].path);
		catch_stderr();
		refuse(cases[i].call, 1, cases[i].error);
		status = listen_open(&sockets, &chosen, 1, NULL);
		(void)refuse_end();
		text = caught();
		if (!ok(status == cases[i].status &&
		    strstr(text, cases[i].says) != NULL, "%s: %s",
		    call_name(cases[i].call), strerror(cases[i].error)))
			diag("%d: %s", (int)status, text);
		listen_close(&sockets);
	}
}

static void
test_format(void)
{
	struct listen_sockets sockets;
	char text[1024];
	struct stat st;

	route.listen_count = 3;
	is(listen_open(&sockets, &route, 1, NULL), STATUS_OK, "three are opened");
	ok(strncmp(listen_format(text, sizeof(text), &sockets, 0), "127.0.0.1:", 10)
	    == 0 && strstr(text, ",unix:/tmp/") != NULL, "and written: %s", text);
	ok(strlen(listen_format(text, 20, &sockets,
	    SIZE_MAX)) < 20, "as many as fit");
	refuse(CALL_getsockname, 0, ENOBUFS);
	ok(*listen_format(text, sizeof(text), &sockets, 0) != '1', "or are known");
	(void)refuse_end();
	if (unlink(targets[2].path) == -1 || link(stale_path, targets[2].path) == -1)
		bail_out("cannot take the place of a socket");
	listen_close(&sockets);
	ok(stat(targets[2].path, &st) == 0, "the socket of another stays");
	(void)unlink(targets[2].path);
}

/* As on OpenBSD: the fifth option says that IPv4 is welcome, too. */
static void
test_one_family_each(void)
{
	struct listen_sockets sockets;
	struct route any = { .listen = &targets[1], .listen_count = 1 };
	struct sockaddr_storage address;
	const int probe = socket_open(AF_INET6);
	int families[2] = { 0, 0 };
	socklen_t length;
	size_t i;

	if (probe == -1) {
		skip("there is no IPv6", "one of each family");
		return;
	}
	socket_close(probe);
	refuse(CALL_setsockopt, 5, EINVAL);
	is(listen_open(&sockets, &any, 1, NULL), STATUS_OK,
	    "no socket has both families");
	is(refuse_end(), 1, "the system says");
	is((long long)sockets.count, 2, "so there are two");
	for (i = 0; i < sockets.count && i < 2; i++) {
		length = sizeof(address);
		if (getsockname(sockets.list[i].fd,
		    (struct sockaddr *)&address, &length) == 0)
			families[i] = address.ss_family;
	}
	ok(families[0] == AF_INET6 && families[1] == AF_INET, "one of each");
	listen_close(&sockets);
}

void
test_listen(void)
{
	if (mkdtemp(directory) == NULL)
		bail_out("no directory");
	(void)snprintf(stale_path, sizeof(stale_path), "%s/stale", directory);
	targets[0] = (struct target){ .kind = TARGET_INET, .host = "127.0.0.1" };
	targets[1] = (struct target){ .kind = TARGET_INET };
	targets[2] = targets[3] = (struct target){ .kind = TARGET_UNIX };
	(void)snprintf(targets[2].path, sizeof(targets[2].path), "%s/socket",
	    directory);
	(void)snprintf(targets[3].path, sizeof(targets[3].path), "%s/again",
	    directory);
	leave_stale();
	test_format();
	test_cases();
	test_one_family_each();
	route.listen_count = 4;
	refuse_each("four", refusals, sizeof(refusals) / sizeof(refusals[0]),
	    open_and_close);
	(void)unlink(targets[3].path);
	(void)unlink(targets[2].path);
	(void)unlink(stale_path);
	is(rmdir(directory), 0, "nothing is left over");
}
