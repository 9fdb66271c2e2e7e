/* SPDX-License-Identifier: ISC */

/* spawn.c - starting the process that is to take over. */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/socket.h"
#include "control/activation.h"
#include "control/spawn.h"
#include "control/succession.h"

#if !HAVE_DECL_ENVIRON
extern char **environ;
#endif

/* What threads open is of low numbers, but for sessions. */
#define FDS_SEARCHED	4096

/* The environment, with the descriptor to talk through; NULL with errno. */
static char **
make_environment(char *variable)
{
	char **copy;
	size_t count = 0, i;

	while (environ[count] != NULL)
		count++;
	copy = calloc(count + 2, sizeof(char *));
	if (copy == NULL)
		return (NULL);
	for (i = 0; i < count; i++)
		copy[i] = environ[i];
	copy[count] = variable;
	return (copy);
}

/*
 * What another thread has just opened, and not marked yet, is not for the new
 * process either.
 */
static void
close_all_on_exec(void)
{
	int fd;

#ifdef CLOSE_RANGE_CLOEXEC
	if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return;
#endif
	for (fd = STDERR_FILENO + 1; fd < FDS_SEARCHED; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

struct start {
	const struct image *image;
	char **environment;
	int fd;			/* to talk through */
};

/*
 * What asks for a change would end a process that is only starting.  It waits
 * until that serves, which no other signal does.
 */
static void
hold_changes_alone(void)
{
	sigset_t changes;

	(void)sigemptyset(&changes);
	(void)sigaddset(&changes, SIGHUP);
	(void)sigaddset(&changes, SIGUSR1);
	(void)sigaddset(&changes, SIGUSR2);
	(void)sigprocmask(SIG_SETMASK, &changes, NULL);
}

/* Between fork(2) and execve(2), of a process with threads: calls alone. */
static void
become(void *arg)
{
	const struct start *start = arg;
	const struct image *image = start->image;
	const struct listen_sockets *sockets = image->sockets;
	const struct activation *activation = activation_of_process();
	size_t i;

	close_all_on_exec();
	for (i = 0; i < sockets->count; i++)
		(void)fcntl(sockets->list[i].fd, F_SETFD, 0);
	for (i = 0; i < activation->count; i++)
		(void)fcntl(activation->list[i].fd, F_SETFD, 0);
	if (image->pidfile->path != NULL)
		(void)fcntl(image->pidfile->fd, F_SETFD, 0);
	(void)fcntl(start->fd, F_SETFD, 0);
	hold_changes_alone();
	(void)execve(image->program, image->argv, start->environment);
	_exit(SPAWN_NOT_EXECUTED);
}

int
spawn_heir(const struct image *image, struct waiter *waiter)
{
	char variable[sizeof(SUCCESSION_VARIABLE) + 16];
	struct start start = { .image = image };
	int fds[2], result;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1)
		return (-1);
	(void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	(void)snprintf(variable, sizeof(variable), SUCCESSION_VARIABLE "=%d",
	    fds[1]);
	start.fd = fds[1];
	start.environment = make_environment(variable);
	result = start.environment == NULL ? -1 :
	    waiter_start(waiter, become, &start);
	free(start.environment);
	socket_close(fds[1]);
	if (result == 0)
		return (fds[0]);
	socket_close(fds[0]);
	return (-1);
}
