/* SPDX-License-Identifier: ISC */

/* thread.c - threads that no signal interrupts, and pipes between them. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/thread.h"

static void (*confine_thread)(void);

int
thread_start(pthread_t *thread, void *(*run)(void *), void *arg)
{
	sigset_t all, before;
	int error;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(thread, NULL, run, arg);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error == 0)
		return (0);
	errno = error;
	return (-1);
}

int
thread_pipe(int fds[2])
{
	if (pipe(fds) == -1) {
		fds[0] = fds[1] = -1;
		return (-1);
	}
	if (fcntl(fds[0], F_SETFD, FD_CLOEXEC) == 0 &&
	    fcntl(fds[1], F_SETFD, FD_CLOEXEC) == 0)
		return (0);
	socket_close(fds[0]);
	socket_close(fds[1]);
	fds[0] = fds[1] = -1;
	return (-1);
}

void
thread_set_confine(void (*confine)(void))
{
	confine_thread = confine;
}

void
thread_confine(void)
{
	if (confine_thread != NULL)
		confine_thread();
}
