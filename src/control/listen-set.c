/* SPDX-License-Identifier: ISC */

/* listen-set.c - sockets that are open: their addresses, their end. */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/text.h"
#include "control/listen.h"

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
listen_format(char *out, size_t size, const struct listen_sockets *sockets,
    size_t route)
{
	char text[4 * TARGET_TEXT_SIZE];
	size_t i, used = 0, length;

	out[0] = '\0';
	for (i = 0; i < sockets->count; i++) {
		if (route != SIZE_MAX && sockets->list[i].route != route)
			continue;
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

/* Unless it is another one by now. */
static void
remove_file(struct listen_socket *socket)
{
	struct stat st;

	if (socket->path != NULL && lstat(socket->path, &st) == 0 &&
	    (unsigned long long)st.st_dev == socket->device &&
	    (unsigned long long)st.st_ino == socket->inode)
		(void)unlink(socket->path);	/* -u may not */
	socket->path = NULL;
}

void
listen_remove(struct listen_sockets *sockets)
{
	size_t i;

	for (i = 0; i < sockets->count; i++)
		remove_file(&sockets->list[i]);
}

bool
listen_has(const struct listen_sockets *sockets, int fd)
{
	size_t i;

	for (i = 0; i < sockets->count; i++) {
		if (sockets->list[i].fd == fd)
			return (true);
	}
	return (false);
}

void
listen_remove_others(struct listen_sockets *sockets,
    const struct listen_sockets *kept)
{
	size_t i;

	for (i = 0; i < sockets->count; i++) {
		if (sockets->list[i].path != NULL &&
		    !listen_has(kept, sockets->list[i].fd))
			remove_file(&sockets->list[i]);
	}
}

void
listen_give_back(struct listen_sockets *sockets)
{
	size_t i;

	for (i = 0; i < sockets->count; i++) {
		if (sockets->list[i].is_shared)
			sockets->list[i].path = NULL;
	}
}

void
listen_close(struct listen_sockets *sockets)
{
	struct listen_socket *socket;
	size_t i;

	for (i = 0; i < sockets->count; i++) {
		socket = &sockets->list[i];
		if (socket->is_shared)
			continue;
		remove_file(socket);
		if (socket->fd != -1)
			socket_close(socket->fd);
	}
	listen_free(sockets);
}

void
listen_free(struct listen_sockets *sockets)
{
	free(sockets->list);
	*sockets = (struct listen_sockets){ .list = NULL };
}
