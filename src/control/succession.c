/* SPDX-License-Identifier: ISC */

/* succession.c - starting in the place of a process that goes on until then. */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/text.h"
#include "control/succession.h"

#define BYTES_MAX	(32 * 1024 * 1024)
#define FIRST_BYTES	4096

/* All that comes, up to the end; NULL with errno. */
static char *
read_all(int fd, size_t *length)
{
	size_t size = FIRST_BYTES, used = 0;
	char *bytes = malloc(size), *larger;
	ssize_t n = 1;

	while (bytes != NULL && n != 0) {
		n = read(fd, bytes + used, size - used);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			break;
		used += (size_t)n;
		if (used < size)
			continue;
		larger = used < BYTES_MAX ? realloc(bytes, 2 * size) : NULL;
		if (larger == NULL)
			break;
		bytes = larger;
		size *= 2;
	}
	*length = used;
	if (bytes != NULL && n == 0)
		return (bytes);
	free(bytes);
	return (NULL);
}

/*
 * A descriptor that was left open for us, and is for nobody else: one that is
 * named twice is not open for us any more.
 */
static bool
take_descriptor(int fd)
{
	const int flags = fcntl(fd, F_GETFD);

	return (fd > STDERR_FILENO && flags != -1 &&
	    (flags & FD_CLOEXEC) == 0 &&
	    fcntl(fd, F_SETFD, flags | FD_CLOEXEC) == 0);
}

static bool
is_listening(int fd)
{
	socklen_t length = sizeof(int);
	int type = 0, accepts = 1;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == -1 ||
	    type != SOCK_STREAM)
		return (false);
#ifdef SO_ACCEPTCONN
	/* macOS and older OpenBSD cannot tell: ENOPROTOOPT */
	length = sizeof(accepts);
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepts,
	    &length) == -1 && errno != ENOPROTOOPT)
		return (false);
#endif
	return (accepts != 0);
}

static void
set_socket(struct listen_socket *socket,
    const struct handover_listener *listener)
{
	*socket = (struct listen_socket){ .fd = listener->fd,
	    .target = &listener->target };
	if (!listener->has_file)
		return;
	/* what is there by now may be somebody else's */
	socket->path = listener->target.path;
	socket->device = listener->device;
	socket->inode = listener->inode;
}

/* NULL, or what is wrong. */
static const char *
take_sockets(struct succession *succession)
{
	const struct handover *handover = &succession->handover;
	size_t i;

	succession->sockets.list = calloc(handover->count + 1,
	    sizeof(succession->sockets.list[0]));
	if (succession->sockets.list == NULL)
		return ("out of memory");
	for (i = 0; i < handover->count; i++) {
		if (!take_descriptor(handover->listeners[i].fd) ||
		    !is_listening(handover->listeners[i].fd))
			return ("a descriptor that does not listen");
		set_socket(&succession->sockets.list[i],
		    &handover->listeners[i]);
	}
	succession->sockets.count = handover->count;
	for (i = 0; i < handover->passed_count; i++) {
		if (!take_descriptor(handover->passed[i].fd))
			return ("a socket of the service manager that is not "
			    "open");
	}
	if (handover->pidfile_fd != -1 &&
	    !take_descriptor(handover->pidfile_fd))
		return ("a pid file that is not open");
	return (NULL);
}

static const char *
receive(struct succession *succession)
{
	const char *problem;
	size_t length;
	char *bytes;

	bytes = read_all(succession->fd, &length);
	if (bytes == NULL)
		return (text_error(errno));
	problem = handover_parse(&succession->handover, bytes, length);
	free(bytes);
	return (problem != NULL ? problem : take_sockets(succession));
}

enum exit_status
succession_open(struct succession *succession)
{
	const char *text = getenv(SUCCESSION_VARIABLE), *problem = NULL;
	uint64_t number;

	*succession = (struct succession){ .fd = -1,
	    .handover.pidfile_fd = -1 };
	if (text == NULL)
		return (STATUS_OK);
	if (!text_number(text, strlen(text), INT_MAX, &number) ||
	    !take_descriptor((int)number))
		problem = "it names no descriptor";
	else {
		succession->fd = (int)number;
		problem = receive(succession);
	}
	(void)unsetenv(SUCCESSION_VARIABLE);
	if (problem == NULL)
		return (STATUS_OK);
	succession_close(succession);
	return (failure(STATUS_FAILURE, "cannot take over from another "
	    "process (" SUCCESSION_VARIABLE "): %s", problem));
}

const char *
succession_activate(const struct succession *succession,
    struct activation *activation)
{
	const struct handover *handover = &succession->handover;

	return (handover->passed_count == 0 ? activation_open(activation) :
	    activation_inherit(activation, handover->passed,
	    handover->passed_count));
}

int
succession_pidfile(const struct succession *succession)
{
	return (succession->handover.pidfile_fd);
}

/* False when it cannot be said, also because the other process is gone. */
static bool
tell(const struct succession *succession, const char *record)
{
	const size_t length = strlen(record) + 1;
	size_t sent = 0;
	ssize_t n;

	while (sent < length) {
		n = send(succession->fd, record + sent, length - sent,
		    MSG_NOSIGNAL);
		if (n == -1 && errno != EINTR)
			return (false);
		sent += n > 0 ? (size_t)n : 0;
	}
	return (true);
}

static bool
serves(const struct deployment *deployment, int fd)
{
	size_t i;

	for (i = 0; i < deployment->sockets.count; i++) {
		if (deployment->sockets.list[i].fd == fd)
			return (true);
	}
	return (false);
}

/* What is not kept is closed, told or not. */
static bool
tell_kept(const struct succession *succession,
    const struct deployment *deployment)
{
	char record[64];
	bool is_told = true;
	size_t i;
	int fd;

	for (i = 0; i < succession->sockets.count; i++) {
		fd = succession->sockets.list[i].fd;
		if (!serves(deployment, fd)) {
			socket_close(fd);
			continue;
		}
		(void)snprintf(record, sizeof(record), "kept %d", fd);
		is_told = is_told && tell(succession, record);
	}
	return (is_told);
}

/*
 * All or nothing: of a part the other process would believe that the rest is
 * not kept, and close it.  Who does not hear "ready" ends us, and goes on.
 */
void
succession_tell_ready(struct succession *succession,
    const struct deployment *deployment, const struct pidfile *pidfile)
{
	bool is_told;
	int fd;

	if (succession->fd == -1)
		return;
	is_told = tell_kept(succession, deployment);
	fd = succession->handover.pidfile_fd;
	if (fd != -1 && pidfile->fd == fd)
		is_told = is_told && tell(succession, "pidfile");
	else if (fd != -1)
		socket_close(fd);
	if (is_told)
		(void)tell(succession, "ready");
	succession_close(succession);
}

void
succession_close(struct succession *succession)
{
	if (succession->fd != -1)
		socket_close(succession->fd);
	listen_free(&succession->sockets);
	handover_free(&succession->handover);
	succession->fd = -1;
}
