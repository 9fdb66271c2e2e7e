/* SPDX-License-Identifier: ISC */

/* bind.c - sockets that listen. */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <unistd.h>

#include "base/socket.h"
#include "control/bind.h"

static int
open_tuned(int family, const struct tuning *tuning,
    struct bind_refusal *refusal)
{
	int fd, result;

	*refusal = (struct bind_refusal){ .untuned = NULL };
	fd = tuning_open(tuning, family);
	if (fd == -1)
		return (-1);
	result = tuning_apply(tuning, fd, family, TUNING_LISTENER,
	    &refusal->untuned);
	if (result == 0)
		return (fd);
	refusal->why = errno;
	if (result == 1)
		return (fd);
	socket_close(fd);
	return (-1);
}

int
bind_address(const struct address *address, bool both_families,
    const struct tuning *tuning, struct bind_refusal *refusal)
{
	const int family = address->sa.sa_family;
	const int on = 1, v6_only = !both_families;
	int fd;

	fd = open_tuned(family, tuning, refusal);
	if (fd == -1)
		return (-1);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if ((family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY,
	    &v6_only, sizeof(v6_only)) == -1) ||
	    bind(fd, &address->sa, address_length(address)) == -1 ||
	    listen(fd, SOMAXCONN) == -1) {
		socket_close(fd);
		return (-1);
	}
	return (fd);
}

/* Whether a socket at this path is left over from a process that is gone. */
static bool
is_stale(const char *path)
{
	struct stat st;

	return (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    !socket_is_served_unix(path));
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

int
bind_path(const char *path, const struct tuning *tuning,
    struct bind_refusal *refusal)
{
	int fd, error;

	fd = open_tuned(AF_UNIX, tuning, refusal);
	if (fd == -1)
		return (-1);
	if (bind_unix(fd, path) == -1) {
		socket_close(fd);
		return (-1);
	}
	if (listen(fd, SOMAXCONN) == -1) {
		error = errno;
		(void)unlink(path);
		socket_close(fd);
		errno = error;
		return (-1);
	}
	return (fd);
}
