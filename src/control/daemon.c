/* SPDX-License-Identifier: ISC */

/* daemon.c - going to the background, with a parent that waits. */

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "control/daemon.h"

void
daemon_hold_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_NOCTTY);
	} while (fd != -1 && fd <= STDERR_FILENO);
	if (fd != -1)
		(void)close(fd);
}

/* The child says that it is ready, or ends without. */
static int
wait_for_child(pid_t child, int fd)
{
	char byte;
	ssize_t n;
	int status;

	do {
		n = read(fd, &byte, 1);
	} while (n == -1 && errno == EINTR);
	if (n == 1)
		return (STATUS_OK);
	while (waitpid(child, &status, 0) == -1) {
		if (errno != EINTR)
			return (STATUS_OSERR);
	}
	return (WIFEXITED(status) ? WEXITSTATUS(status) : STATUS_OSERR);
}

enum exit_status
daemon_start(int *ready_fd)
{
	int fds[2];
	pid_t child;

	if (pipe(fds) == -1)
		return (failure(STATUS_OSERR,
		    "cannot go to the background: %s", strerror(errno)));
	child = fork();
	if (child == -1) {
		(void)close(fds[0]);
		(void)close(fds[1]);
		return (failure(STATUS_OSERR,
		    "cannot go to the background: %s", strerror(errno)));
	}
	if (child != 0) {
		(void)close(fds[1]);
		_exit(wait_for_child(child, fds[0]));
	}
	(void)close(fds[0]);
	(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	(void)setsid();
	*ready_fd = fds[1];
	return (STATUS_OK);
}

void
daemon_ready(int ready_fd)
{
	int null_fd, fd;

	(void)!chdir("/");
	null_fd = open("/dev/null", O_RDWR | O_NOCTTY);
	if (null_fd != -1) {
		for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
			(void)dup2(null_fd, fd);
		if (null_fd > STDERR_FILENO)
			(void)close(null_fd);
	}
	(void)!write(ready_fd, "", 1);
	(void)close(ready_fd);
}
