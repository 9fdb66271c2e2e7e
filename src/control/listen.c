/* SPDX-License-Identifier: ISC */

/* listen.c - opening the sockets that a route listens on. */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/log.h"
#include "base/logfmt.h"
#include "base/socket.h"
#include "base/text.h"
#include "control/activation.h"
#include "control/bind.h"
#include "control/listen.h"
#include "upstream/resolver.h"

static enum exit_status
cannot_listen(const char *where, int error)
{
	const char *hint = "";

	if (error == EACCES)
		hint = strncmp(where, "unix:", 5) != 0 ?
		    " (ports below 1024 need root or CAP_NET_BIND_SERVICE)" :
		    failure_get_log() == NULL ?
		    " (the directory cannot be written to)" :
		    " (the directory cannot be written to, or the sandbox has "
		    "not known it since the start)";
	else if (error == EADDRINUSE)
		hint = " (another process listens there, or this one twice)";
	else if (error == EADDRNOTAVAIL)
		hint = " (this machine has no such address)";
	return (failure(error == EACCES || error == EPERM ? STATUS_NOPERM :
	    STATUS_FAILURE, "cannot listen on %s: %s%s", where,
	    text_error(error), hint));
}

/* What a socket is opened for. */
struct opening {
	struct listen_sockets *sockets;
	const struct target *target;
	const struct tuning *tuning;
	size_t route;
	uint16_t port_offset;
};

static uint16_t
port_of(const struct opening *opening)
{
	return ((uint16_t)(opening->target->port + opening->port_offset));
}

static struct listen_socket *
add(const struct opening *opening, int fd)
{
	struct listen_sockets *sockets = opening->sockets;
	struct listen_socket *list;

	list = realloc(sockets->list, (sockets->count + 1) * sizeof(*list));
	if (list == NULL)
		return (NULL);
	sockets->list = list;
	list += sockets->count++;
	*list = (struct listen_socket){ .fd = fd, .target = opening->target,
	    .route = opening->route, .port_offset = opening->port_offset };
	return (list);
}

static int
add_socket(const struct opening *opening, int fd, const char *path)
{
	struct listen_socket *socket = add(opening, fd);
	struct stat st;

	if (socket == NULL)
		return (-1);
	socket->path = path;
	if (path != NULL && stat(path, &st) == 0) {
		socket->device = (unsigned long long)st.st_dev;
		socket->inode = (unsigned long long)st.st_ino;
	}
	return (0);
}

/* Keeps errno. */
static void
tell_untuned(const struct opening *opening, const struct bind_refusal *refusal)
{
	const int saved_errno = errno;
	char where[TARGET_TEXT_SIZE], word[LOG_TEXT_MAX / 4];
	struct log *log = failure_get_log();

	(void)target_format(where, sizeof(where), opening->target);
	if (refusal->untuned != NULL && log != NULL)
		log_line(log, SEVERITY_WARNING,
		    "untuned listen=%s option=%s error=\"%s\"",
		    logfmt_string(word, sizeof(word), where),
		    refusal->untuned, text_error(refusal->why));
	else if (refusal->untuned != NULL)
		(void)fprintf(stderr, "muxproxy: warning: %s: cannot set %s: "
		    "%s\n", where, refusal->untuned,
		    text_error(refusal->why));
	errno = saved_errno;
}

/* -1 with errno */
static int
open_inet(const struct opening *opening, const struct address *address,
    bool both_families)
{
	struct bind_refusal refusal;
	int fd;

	fd = bind_address(address, both_families, opening->tuning, &refusal);
	tell_untuned(opening, &refusal);
	if (fd == -1)
		return (-1);
	if (add_socket(opening, fd, NULL) == -1) {
		socket_close(fd);
		return (-1);
	}
	return (0);
}

/*
 * Both families by one socket; by one each on OpenBSD, where none has both, which
 * is EINVAL; or IPv4 alone where there is no IPv6.
 */
static enum exit_status
open_wildcard(const struct opening *opening)
{
	char text[ADDRESS_TEXT_SIZE];
	struct address address;

	if (!address_parse(&address, "::", port_of(opening)))
		return (failure(STATUS_OSERR, "out of memory"));
	if (open_inet(opening, &address, true) == 0)
		return (STATUS_OK);
	if (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL ||
	    (errno == EINVAL && open_inet(opening, &address, false) == 0)) {
		(void)address_parse(&address, "0.0.0.0", port_of(opening));
		if (open_inet(opening, &address, false) == 0)
			return (STATUS_OK);
	}
	return (cannot_listen(address_format(text, sizeof(text), &address),
	    errno));
}

/* An address, or all addresses that a name stands for. */
static enum exit_status
open_host(const struct opening *opening)
{
	const struct target *target = opening->target;
	char where[TARGET_TEXT_SIZE], text[ADDRESS_TEXT_SIZE];
	enum exit_status status = STATUS_OK;
	struct addresses *addresses;
	size_t i;
	int error;

	error = resolver_lookup_now(target->host, port_of(opening), &addresses);
	if (error != 0)
		return (failure(STATUS_FAILURE, "cannot listen on %s: %s",
		    target_format(where, sizeof(where), target),
		    gai_strerror(error)));
	for (i = 0; i < addresses->count && status == STATUS_OK; i++) {
		if (open_inet(opening, &addresses->list[i], false) == -1)
			status = cannot_listen(address_format(text,
			    sizeof(text), &addresses->list[i]), errno);
	}
	addresses_release(addresses);
	return (status);
}

static enum exit_status
open_unix(const struct opening *opening)
{
	const struct target *target = opening->target;
	char where[TARGET_TEXT_SIZE];
	struct bind_refusal refusal;
	struct stat st;
	int fd, error;

	(void)target_format(where, sizeof(where), target);
	if (lstat(target->path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return (failure(STATUS_FAILURE, "cannot listen on %s: "
		    "it exists and is not a socket; remove it or choose "
		    "another path", where));
	fd = bind_path(target->path, opening->tuning, &refusal);
	tell_untuned(opening, &refusal);
	if (fd == -1)
		return (cannot_listen(where, errno));
	if (add_socket(opening, fd, target->path) == -1) {
		error = errno;
		(void)unlink(target->path);
		socket_close(fd);
		return (cannot_listen(where, error));
	}
	return (STATUS_OK);
}

/* All that the service manager has opened under this name. */
static enum exit_status
open_passed(const struct opening *opening)
{
	const char *name = opening->target->host, *problem;
	struct listen_socket *socket;
	size_t count = 0, i;
	int *fds = NULL;

	problem = activation_take(activation_of_process(), name, &fds, &count);
	for (i = 0; i < count; i++) {
		socket = add(opening, fds[i]);
		if (socket != NULL) {
			socket->tunes_accepted = true;
			continue;
		}
		socket_close(fds[i]);
		problem = "out of memory";
	}
	free(fds);
	return (problem == NULL ? STATUS_OK : failure(STATUS_FAILURE,
	    "cannot listen on systemd:%s: %s", name, problem));
}

static bool
is_same(const struct listen_socket *socket, const struct opening *opening)
{
	const struct target *a = socket->target, *b = opening->target;

	if (a->kind != b->kind || socket->fd == -1)
		return (false);
	if (a->kind != TARGET_INET)
		return (target_equal(a, b));
	return (a->port + socket->port_offset == port_of(opening) &&
	    strcasecmp(a->host, b->host) == 0);
}

/* Those that are open already; 1: there are any, -1: there is no memory. */
static int
take_open(const struct opening *opening, const struct listen_sockets *open)
{
	struct listen_socket *socket;
	size_t i;
	int found = 0;

	for (i = 0; open != NULL && i < open->count; i++) {
		if (!is_same(&open->list[i], opening))
			continue;
		socket = add(opening, open->list[i].fd);
		if (socket == NULL)
			return (-1);
		socket->is_shared = true;
		/* whatever it was opened with before */
		socket->tunes_accepted = true;
		socket->device = open->list[i].device;
		socket->inode = open->list[i].inode;
		if (open->list[i].path != NULL)
			socket->path = opening->target->path;
		found = 1;
	}
	return (found);
}

static enum exit_status
open_one(const struct opening *opening, const struct listen_sockets *open)
{
	const struct target *target = opening->target;

	switch (take_open(opening, open)) {
	case 1:
		if (target->kind == TARGET_SYSTEMD)
			activation_use(activation_of_process(), target->host);
		return (STATUS_OK);
	case -1:
		return (failure(STATUS_OSERR, "out of memory"));
	}
	if (target->kind == TARGET_SYSTEMD)
		return (open_passed(opening));
	if (target->kind == TARGET_UNIX)
		return (open_unix(opening));
	if (target->host[0] == '\0')
		return (open_wildcard(opening));
	return (open_host(opening));
}

static enum exit_status
open_target(struct listen_sockets *sockets, const struct route *routes,
    size_t route, const struct target *target,
    const struct listen_sockets *open)
{
	struct opening opening = { .sockets = sockets, .target = target,
	    .tuning = &routes[route].client, .route = route };
	const unsigned ports = target->ports > 1 ? target->ports : 1;
	enum exit_status status = STATUS_OK;
	unsigned i;

	for (i = 0; i < ports && status == STATUS_OK; i++) {
		opening.port_offset = (uint16_t)i;
		status = open_one(&opening, open);
	}
	return (status);
}

enum exit_status
listen_open(struct listen_sockets *sockets, const struct route *routes,
    size_t routes_count, const struct listen_sockets *open)
{
	enum exit_status status = STATUS_OK;
	size_t i, j;

	*sockets = (struct listen_sockets){ .list = NULL };
	for (i = 0; i < routes_count && status == STATUS_OK; i++) {
		for (j = 0; j < routes[i].listen_count && status == STATUS_OK;
		    j++)
			status = open_target(sockets, routes, i,
			    &routes[i].listen[j], open);
	}
	if (status != STATUS_OK)
		listen_close(sockets);
	return (status);
}
