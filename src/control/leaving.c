/* SPDX-License-Identifier: ISC */

/* leaving.c - listeners that have left the plan, and still serve who waits. */

#include <stdlib.h>

#include "control/leaving.h"

void
leaving_prune(struct leaving *leaving, struct crew *crew)
{
	size_t i, kept = 0;

	for (i = 0; i < leaving->count; i++) {
		if (crew_has(crew, leaving->list[i].socket.fd))
			leaving->list[kept++] = leaving->list[i];
	}
	leaving->count = kept;
}

static void
remember(struct leaving *leaving, const struct listen_socket *socket)
{
	struct leaving_socket *list;

	list = realloc(leaving->list, (leaving->count + 1) * sizeof(*list));
	if (list == NULL)
		return;
	leaving->list = list;
	list[leaving->count++] = (struct leaving_socket){ .socket = *socket,
	    .target = *socket->target };
}

static void
forget_those_of(struct leaving *leaving, const struct listen_sockets *sockets)
{
	size_t i, kept = 0;

	for (i = 0; i < leaving->count; i++) {
		if (!listen_has(sockets, leaving->list[i].socket.fd))
			leaving->list[kept++] = leaving->list[i];
	}
	leaving->count = kept;
}

void
leaving_update(struct leaving *leaving, const struct listen_sockets *before,
    const struct listen_sockets *after, struct crew *crew)
{
	const struct listen_socket *socket;
	size_t i;

	forget_those_of(leaving, after);
	for (i = 0; i < before->count; i++) {
		socket = &before->list[i];
		/* others are opened anew, or there once more: activation.h */
		if (socket->target->kind == TARGET_INET &&
		    !listen_has(after, socket->fd) &&
		    crew_has(crew, socket->fd))
			remember(leaving, socket);
	}
}

int
leaving_copy(const struct leaving *leaving,
    const struct listen_sockets *sockets, struct listen_sockets *copy)
{
	size_t i;

	copy->count = 0;
	copy->list = calloc(sockets->count + leaving->count + 1,
	    sizeof(copy->list[0]));
	if (copy->list == NULL)
		return (-1);
	for (i = 0; i < sockets->count; i++)
		copy->list[copy->count++] = sockets->list[i];
	for (i = 0; i < leaving->count; i++) {
		copy->list[copy->count] = leaving->list[i].socket;
		copy->list[copy->count++].target = &leaving->list[i].target;
	}
	return (0);
}

void
leaving_free(struct leaving *leaving)
{
	free(leaving->list);
	*leaving = (struct leaving){ .list = NULL };
}
