/* SPDX-License-Identifier: ISC */

/*
 * activation.c - listening sockets that the service manager has opened,
 * sd_listen_fds(3).
 *
 * What stands behind an inherited number is not known: each is asked what it
 * is, for who accepts on something else would wait, or spin, for ever.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/logfmt.h"
#include "base/socket.h"
#include "base/text.h"
#include "control/activation.h"

/* What sd_listen_fds_with_names(3) calls a socket without a name. */
static char unknown_name[] = "unknown";

/* As systemd: printable ASCII without colons, which separate names. */
bool
activation_is_name(const char *name)
{
	const char *at;

	for (at = name; *at != '\0'; at++) {
		if ((unsigned char)*at < ' ' || (unsigned char)*at >= 0x7f)
			return (false);
	}
	return ((size_t)(at - name) <= ACTIVATION_NAME_MAX);
}

/* As many as there are sockets; an empty one is a name too. */
static const char *
set_names(struct activation *activation, const char *names)
{
	char *name, *colon;
	size_t i;

	activation->names = strdup(names);
	if (activation->names == NULL)
		return ("out of memory");
	name = activation->names;
	for (i = 0; i < activation->count; i++) {
		if (name == NULL)
			return ("LISTEN_FDNAMES has fewer names than LISTEN_FDS "
			    "says");
		colon = strchr(name, ':');
		if (colon != NULL)
			*colon++ = '\0';
		if (!activation_is_name(name))
			return ("LISTEN_FDNAMES has a name that is too long, or "
			    "not printable ASCII");
		activation->list[i].name = name;
		name = colon;
	}
	return (name == NULL ? NULL :
	    "LISTEN_FDNAMES has more names than LISTEN_FDS says");
}

static void
forget(struct activation *activation)
{
	free(activation->list);
	free(activation->names);
	*activation = (struct activation){ .list = NULL };
}

static bool
is_for(const char *pid, pid_t self)
{
	uint64_t number;

	return (pid != NULL && text_number(pid, strlen(pid), INT32_MAX,
	    &number) && (pid_t)number == self);
}

const char *
activation_parse(struct activation *activation, const char *fds,
    const char *pid, const char *names, pid_t self)
{
	const char *problem = NULL;
	uint64_t count;
	size_t i;

	*activation = (struct activation){ .list = NULL };
	if (fds == NULL || !is_for(pid, self))
		return (NULL);
	if (!text_number(fds, strlen(fds), ACTIVATION_MAX, &count))
		return ("LISTEN_FDS is not a number from 0 to 4096");
	if (count == 0)
		return (NULL);
	activation->list = calloc((size_t)count, sizeof(*activation->list));
	if (activation->list == NULL)
		return ("out of memory");
	activation->count = (size_t)count;
	for (i = 0; i < activation->count; i++) {
		activation->list[i].fd = ACTIVATION_FIRST + (int)i;
		activation->list[i].name = unknown_name;
	}
	if (names != NULL)
		problem = set_names(activation, names);
	if (problem != NULL)
		forget(activation);
	return (problem);
}

/* Any failure is an answer as well: it has no such option. */
static int
option_of(int fd, int name)
{
	int value = -1;
	socklen_t length = sizeof(value);

	return (getsockopt(fd, SOL_SOCKET, name, &value, &length) == 0 ?
	    value : -1);
}

/* macOS and OpenBSD may not tell of SO_ACCEPTCONN: then accept(2) will. */
static bool
is_not_listening(int fd)
{
#ifdef SO_ACCEPTCONN
	return (option_of(fd, SO_ACCEPTCONN) == 0);
#else
	(void)fd;
	return (false);
#endif
}

/* NULL, or why it is of no use to us, a constant string. */
static const char *
look_at(int fd)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &length) == -1)
		return ("it is not a socket");
	if (option_of(fd, SO_TYPE) != SOCK_STREAM)
		return ("it is not a socket for streams");
	if (address.ss_family != AF_INET && address.ss_family != AF_INET6 &&
	    address.ss_family != AF_UNIX)
		return ("it is of a family that is neither IPv4, IPv6 nor "
		    "UNIX");
	if (is_not_listening(fd))
		return ("it does not listen (Accept=yes passes connections)");
	return (NULL);
}

/* -1 with errno: it is not open. */
static int
adopt(struct activation_socket *socket)
{
	const int flags = fcntl(socket->fd, F_GETFL);

	if (flags == -1 || fcntl(socket->fd, F_SETFD, FD_CLOEXEC) == -1)
		return (-1);
	socket->problem = look_at(socket->fd);
	/* what is no listening socket may be shared with others */
	if (socket->problem == NULL &&
	    fcntl(socket->fd, F_SETFL, flags | O_NONBLOCK) == -1)
		return (-1);
	return (0);
}

/* NULL, or what is wrong; then nothing is taken over. */
static const char *
adopt_all(struct activation *activation)
{
	const char *problem;
	size_t i;

	for (i = 0; i < activation->count; i++) {
		if (adopt(&activation->list[i]) == 0)
			continue;
		problem = errno == EBADF ? "LISTEN_FDS says more descriptors "
		    "than are open" : text_error(errno);
		forget(activation);
		return (problem);
	}
	return (NULL);
}

const char *
activation_open(struct activation *activation)
{
	const char *problem;

	problem = activation_parse(activation, getenv("LISTEN_FDS"),
	    getenv("LISTEN_PID"), getenv("LISTEN_FDNAMES"), getpid());
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDNAMES");
	return (problem != NULL ? problem : adopt_all(activation));
}

const char *
activation_inherit(struct activation *activation,
    const struct activation_passed *passed, size_t count)
{
	const size_t size = sizeof(passed->name);
	size_t i;

	*activation = (struct activation){ .count = count };
	activation->list = calloc(count, sizeof(*activation->list));
	activation->names = calloc(count, size);
	if (activation->list == NULL || activation->names == NULL) {
		forget(activation);
		return ("out of memory");
	}
	for (i = 0; i < count; i++) {
		activation->list[i].fd = passed[i].fd;
		activation->list[i].name = memcpy(activation->names + i * size,
		    passed[i].name, size);
	}
	return (adopt_all(activation));
}

void
activation_close(struct activation *activation)
{
	size_t i;

	for (i = 0; i < activation->count; i++)
		socket_close(activation->list[i].fd);
	forget(activation);
}

struct activation *
activation_of_process(void)
{
	static struct activation activation;

	return (&activation);
}

/* How many there are of the name; and what is wrong with one of them. */
static const char *
count_named(const struct activation *activation, const char *name,
    size_t *count)
{
	const struct activation_socket *socket;
	size_t i;

	*count = 0;
	for (i = 0; i < activation->count; i++) {
		socket = &activation->list[i];
		if (strcmp(socket->name, name) != 0)
			continue;
		if (socket->problem != NULL)
			return (socket->problem);
		++*count;
	}
	if (*count > 0)
		return (NULL);
	return (activation->count == 0 ?
	    "the service manager passed no sockets" :
	    "the service manager passed no socket of this name");
}

void
activation_use(struct activation *activation, const char *name)
{
	struct activation_socket *socket;
	size_t i;

	for (i = 0; i < activation->count; i++) {
		socket = &activation->list[i];
		socket->is_taken = socket->is_taken ||
		    strcmp(socket->name, name) == 0;
	}
}

const char *
activation_take(struct activation *activation, const char *name, int **fds,
    size_t *count)
{
	struct activation_socket *socket;
	const char *problem;
	size_t i, named;
	int *list;

	problem = count_named(activation, name, &named);
	if (problem != NULL)
		return (problem);
	list = calloc(named, sizeof(*list));
	if (list == NULL)
		return (text_error(errno));
	for (i = 0, *count = 0; *count < named; i++) {
		socket = &activation->list[i];
		if (strcmp(socket->name, name) != 0)
			continue;
		list[*count] = fcntl(socket->fd, F_DUPFD_CLOEXEC, 0);
		if (list[*count] == -1)
			goto fail;
		++*count;
	}
	activation_use(activation, name);
	*fds = list;
	return (NULL);

fail:
	problem = text_error(errno);
	while (*count > 0)
		socket_close(list[--*count]);
	free(list);
	return (problem);
}

size_t
activation_left(const struct activation *activation, struct log *log)
{
	char name[4 * ACTIVATION_NAME_MAX + 3];
	const struct activation_socket *socket;
	size_t i, left = 0;

	for (i = 0; i < activation->count; i++) {
		socket = &activation->list[i];
		if (socket->is_taken)
			continue;
		left++;
		if (log != NULL)
			log_line(log, SEVERITY_WARNING, "activation fd=%d "
			    "name=%s error=\"%s\"", socket->fd,
			    logfmt_string(name, sizeof(name), socket->name),
			    socket->problem != NULL ? socket->problem :
			    "nobody listens on it");
	}
	return (left);
}
