/* SPDX-License-Identifier: ISC */

/* listen.c - opening the sockets that a route listens on. */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/text.h"
#include "control/listen.h"
#include "upstream/resolver.h"

static enum exit_status
cannot_listen(const char *where, int error)
{
	const char *hint = "";

	if (error == EACCES)
		hint = strncmp(where, "unix:", 5) == 0 ?
		    " (the directory cannot be written to)" :
		    " (ports below 1024 need root or CAP_NET_BIND_SERVICE)";
	else if (error == EADDRINUSE)
		hint = " (another process listens there, or this one twice)";
	else if (error == EADDRNOTAVAIL)
		hint = " (this machine has no such address)";
	return (failure(error == EACCES || error == EPERM ? STATUS_NOPERM :
	    STATUS_FAILURE, "cannot listen on %s: %s%s", where,
	    text_error(error), hint));
}

static int
add_socket(struct listen_sockets *sockets, int fd, const char *path)
{
	struct listen_socket *list;
	struct stat st;

	list = realloc(sockets->list, (sockets->count + 1) * sizeof(*list));
	if (list == NULL)
		return (-1);
	sockets->list = list;
	list += sockets->count++;
	*list = (struct listen_socket){ .fd = fd, .path = path };
	if (path != NULL && stat(path, &st) == 0) {
		list->device = (unsigned long long)st.st_dev;
		list->inode = (unsigned long long)st.st_ino;
	}
	return (0);
}

/* -1 with errno */
static int
open_inet(struct listen_sockets *sockets, const struct address *address,
    bool both_families)
{
	const int family = address->sa.sa_family;
	const int on = 1, v6_only = !both_families;
	int fd;

	fd = socket_open(family);
	if (fd == -1)
		return (-1);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if ((family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY,
	    &v6_only, sizeof(v6_only)) == -1) ||
	    bind(fd, &address->sa, address_length(address)) == -1 ||
	    listen(fd, SOMAXCONN) == -1 ||
	    add_socket(sockets, fd, NULL) == -1) {
		socket_close(fd);
		return (-1);
	}
	return (0);
}

/* Both families by one socket, or IPv4 alone where there is no IPv6. */
static enum exit_status
open_wildcard(struct listen_sockets *sockets, const struct target *target)
{
	char text[ADDRESS_TEXT_SIZE];
	struct address address;

	if (!address_parse(&address, "::", target->port))
		return (failure(STATUS_OSERR, "out of memory"));
	if (open_inet(sockets, &address, true) == 0)
		return (STATUS_OK);
	if (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL) {
		(void)address_parse(&address, "0.0.0.0", target->port);
		if (open_inet(sockets, &address, false) == 0)
			return (STATUS_OK);
	}
	return (cannot_listen(address_format(text, sizeof(text), &address),
	    errno));
}

/* An address, or all addresses that a name stands for. */
static enum exit_status
open_host(struct listen_sockets *sockets, const struct target *target)
{
	char where[TARGET_TEXT_SIZE], text[ADDRESS_TEXT_SIZE];
	enum exit_status status = STATUS_OK;
	struct addresses *addresses;
	size_t i;
	int error;

	error = resolver_lookup_now(target->host, target->port, &addresses);
	if (error != 0)
		return (failure(STATUS_FAILURE, "cannot listen on %s: %s",
		    target_format(where, sizeof(where), target),
		    gai_strerror(error)));
	for (i = 0; i < addresses->count && status == STATUS_OK; i++) {
		if (open_inet(sockets, &addresses->list[i], false) == -1)
			status = cannot_listen(address_format(text,
			    sizeof(text), &addresses->list[i]), errno);
	}
	addresses_release(addresses);
	return (status);
}

/*
 * Whether a socket at this path is left over from a process that is gone:
 * then nobody answers.  A full backlog, or no permission, is an answer.
 */
static bool
is_stale(const char *path)
{
	struct stat st;
	bool stale;
	int fd;

	if (lstat(path, &st) == -1 || !S_ISSOCK(st.st_mode))
		return (false);
	fd = socket_open(AF_UNIX);
	if (fd == -1)
		return (false);
	stale = socket_connect_unix(fd, path) == -1 && errno == ECONNREFUSED;
	socket_close(fd);
	return (stale);
}

static int
bind_unix(int fd, const char *path)
{
	if (socket_bind_unix(fd, path) == 0)
		return (0);
	if (errno != EADDRINUSE)
		return (-1);
	if (!is_stale(path)) {
		errno = EADDRINUSE;
		return (-1);
	}
	if (unlink(path) == -1)
		return (-1);
	return (socket_bind_unix(fd, path));
}

static enum exit_status
open_unix(struct listen_sockets *sockets, const struct target *target)
{
	char where[TARGET_TEXT_SIZE];
	struct stat st;
	int fd, error;

	(void)target_format(where, sizeof(where), target);
	if (lstat(target->path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return (failure(STATUS_FAILURE, "cannot listen on %s: "
		    "it exists and is not a socket; remove it or choose "
		    "another path", where));
	fd = socket_open(AF_UNIX);
	if (fd == -1)
		return (cannot_listen(where, errno));
	if (bind_unix(fd, target->path) == -1) {
		error = errno;
		socket_close(fd);
		return (cannot_listen(where, error));
	}
	if (listen(fd, SOMAXCONN) == -1 ||
	    add_socket(sockets, fd, target->path) == -1) {
		error = errno;
		(void)unlink(target->path);
		socket_close(fd);
		return (cannot_listen(where, error));
	}
	return (STATUS_OK);
}

enum exit_status
listen_open(struct listen_sockets *sockets, const struct route *route)
{
	const struct target *target;
	enum exit_status status = STATUS_OK;
	size_t i;

	*sockets = (struct listen_sockets){ .list = NULL };
	for (i = 0; i < route->listen_count && status == STATUS_OK; i++) {
		target = &route->listen[i];
		if (target->kind == TARGET_UNIX)
			status = open_unix(sockets, target);
		else if (target->host[0] == '\0')
			status = open_wildcard(sockets, target);
		else
			status = open_host(sockets, target);
	}
	if (status != STATUS_OK)
		listen_close(sockets);
	return (status);
}

static void
format_socket(char *out, size_t size, const struct listen_socket *socket)
{
	struct sockaddr_storage storage;
	socklen_t length = sizeof(storage);
	struct address address;
	const size_t prefix = sizeof("unix:") - 1;

	if (socket->path != NULL && size > prefix) {
		memcpy(out, "unix:", prefix);
		(void)text_word(out + prefix, size - prefix, socket->path);
	} else if (getsockname(socket->fd, (struct sockaddr *)&storage,
	    &length) == 0 &&
	    address_set(&address, (struct sockaddr *)&storage, length))
		(void)address_format(out, size, &address);
}

char *
listen_format(char *out, size_t size, const struct listen_sockets *sockets)
{
	char text[4 * TARGET_TEXT_SIZE];
	size_t i, used = 0, length;

	out[0] = '\0';
	for (i = 0; i < sockets->count; i++) {
		text[0] = '\0';
		format_socket(text, sizeof(text), &sockets->list[i]);
		length = strlen(text);
		if (used + 1 + length >= size)
			break;
		if (used > 0)
			out[used++] = ',';
		memcpy(out + used, text, length + 1);
		used += length;
	}
	return (out);
}

void
listen_remove(struct listen_sockets *sockets)
{
	struct listen_socket *socket;
	struct stat st;
	size_t i;

	for (i = 0; i < sockets->count; i++) {
		socket = &sockets->list[i];
		if (socket->path != NULL && lstat(socket->path, &st) == 0 &&
		    (unsigned long long)st.st_dev == socket->device &&
		    (unsigned long long)st.st_ino == socket->inode)
			(void)unlink(socket->path);	/* -u may not */
		socket->path = NULL;
	}
}

void
listen_close(struct listen_sockets *sockets)
{
	size_t i;

	listen_remove(sockets);
	for (i = 0; i < sockets->count; i++) {
		if (sockets->list[i].fd != -1)
			socket_close(sockets->list[i].fd);
	}
	free(sockets->list);
	*sockets = (struct listen_sockets){ .list = NULL };
}
