/* SPDX-License-Identifier: ISC */

/*
 * wakeups.c - being called from other threads and signal handlers.
 *
 * One non-blocking pipe a loop ends its wait; flags say who sent.  A flag is
 * set before the byte is written and the pipe is emptied before the flags
 * are read, so no send is lost; a full pipe is readable already.
 */

#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "loop.h"

struct mux_wakeup {
	struct mux_loop *loop;
	mux_wakeup_fn *fn;
	void *arg;
	atomic_bool sent;
	struct mux_wakeup *next;	/* in loop->wakeups.all */
	struct mux_wakeup *next_due;	/* in loop->wakeups.due */
	bool is_due;
};

static int
set_flags(int fd)
{
	int flags;

	flags = fcntl(fd, F_GETFL);
	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		return (-1);
	return (fcntl(fd, F_SETFD, FD_CLOEXEC));
}

static void
close_keeping_errno(int fd)
{
	int saved_errno = errno;

	(void)close(fd);
	errno = saved_errno;
}

int
mux__wakeups_open(struct mux_loop *loop)
{
	int fds[2];

	if (pipe(fds) == -1)
		return (-1);
	if (set_flags(fds[0]) == -1 || set_flags(fds[1]) == -1 ||
	    mux_fd_register(loop, fds[0], MUX_READ, mux__wakeups_ready,
	    NULL) == -1) {
		close_keeping_errno(fds[0]);
		close_keeping_errno(fds[1]);
		return (-1);
	}
	loop->wakeups.read_fd = fds[0];
	loop->wakeups.write_fd = fds[1];
	return (0);
}

void
mux__wakeups_close(struct mux_loop *loop)
{
	mux_fd_unregister(loop, loop->wakeups.read_fd);
	close_keeping_errno(loop->wakeups.read_fd);
	close_keeping_errno(loop->wakeups.write_fd);
}

/*
 * Sets aside what was sent, then calls for it one by one.  Until it is called
 * a wake-up counts as sent, so sending it meanwhile is the same call.
 */
static void
wakeups_dispatch(struct mux_loop *loop)
{
	struct mux__wakeups *wakeups = &loop->wakeups;
	struct mux_wakeup *wakeup;

	for (wakeup = wakeups->all; wakeup != NULL; wakeup = wakeup->next) {
		if (!atomic_load(&wakeup->sent))
			continue;
		wakeup->is_due = true;
		wakeup->next_due = wakeups->due;
		wakeups->due = wakeup;
	}
	while ((wakeup = wakeups->due) != NULL) {
		wakeups->due = wakeup->next_due;
		wakeup->is_due = false;
		(void)atomic_exchange(&wakeup->sent, false);
		loop->calls++;
		wakeup->fn(wakeup, wakeup->arg);	/* may destroy any */
	}
}

/* The loop's own descriptor callback: the pipe has something. */
void
mux__wakeups_ready(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	char bytes[512];
	ssize_t n;

	(void)events;
	(void)arg;
	do {
		n = read(fd, bytes, sizeof(bytes));
	} while (n == (ssize_t)sizeof(bytes) || (n == -1 && errno == EINTR));

	mux__signals_dispatch(loop);
	wakeups_dispatch(loop);
}

struct mux_wakeup *
mux_wakeup_create(struct mux_loop *loop, mux_wakeup_fn *fn, void *arg)
{
	struct mux_wakeup *wakeup;

	if (fn == NULL) {
		errno = EINVAL;
		return (NULL);
	}
	wakeup = malloc(sizeof(*wakeup));
	if (wakeup == NULL)
		return (NULL);
	*wakeup = (struct mux_wakeup){ .loop = loop, .fn = fn, .arg = arg,
	    .next = loop->wakeups.all };
	atomic_init(&wakeup->sent, false);
	loop->wakeups.all = wakeup;
	return (wakeup);
}

void
mux_wakeup_send(struct mux_wakeup *wakeup)
{
	int saved_errno = errno;

	if (!atomic_exchange(&wakeup->sent, true)) {
		while (write(wakeup->loop->wakeups.write_fd, "", 1) == -1 &&
		    errno == EINTR)
			continue;
	}
	errno = saved_errno;
}

void
mux_wakeup_destroy(struct mux_wakeup *wakeup)
{
	const int saved_errno = errno;
	struct mux_wakeup **link;

	if (wakeup == NULL)
		return;
	link = &wakeup->loop->wakeups.all;
	while (*link != wakeup)
		link = &(*link)->next;
	*link = wakeup->next;
	if (wakeup->is_due) {
		link = &wakeup->loop->wakeups.due;
		while (*link != wakeup)
			link = &(*link)->next_due;
		*link = wakeup->next_due;
	}
	free(wakeup);
	errno = saved_errno;
}
