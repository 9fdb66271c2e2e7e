/* SPDX-License-Identifier: ISC */

/* daemon.c - going to the background, with a parent that waits. */

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/text.h"
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

static enum exit_status
cannot_start(void)
{
	return (failure(STATUS_OSERR, "cannot go to the background: %s",
	    text_error(errno)));
}

/* /dev/null is opened while there is somebody to be told that it cannot be. */
enum exit_status
daemon_start(struct daemon *daemon, bool is_in_background)
{
	int fds[2];
	pid_t child;

	daemon->null_fd = open("/dev/null", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (daemon->null_fd == -1)
		return (cannot_start());
	daemon->ready_fd = -1;
	if (is_in_background)
		return (STATUS_OK);
	if (pipe(fds) == -1)
		return (cannot_start());
	child = fork();
	if (child == -1) {
		socket_close(fds[0]);
		socket_close(fds[1]);
		return (cannot_start());
	}
	if (child != 0) {
		(void)close(fds[1]);
		_exit(wait_for_child(child, fds[0]));
	}
	(void)close(fds[0]);
	(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	(void)setsid();
	daemon->ready_fd = fds[1];
	return (STATUS_OK);
}

void
daemon_ready(const struct daemon *daemon)
{
	int fd;

	(void)!chdir("/");
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		while (dup2(daemon->null_fd, fd) == -1 &&
		    (errno == EINTR || errno == EBUSY))
			continue;
	}
	if (daemon->null_fd > STDERR_FILENO)
		(void)close(daemon->null_fd);
	if (daemon->ready_fd == -1)
		return;
	while (write(daemon->ready_fd, "", 1) == -1 && errno == EINTR)
		continue;
	(void)close(daemon->ready_fd);
}
